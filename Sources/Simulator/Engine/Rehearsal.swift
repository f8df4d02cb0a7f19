import ServiceModel
import SyncNode

/// What those who run a network have in mind, tried at a time of the run: beside its profile's faults, and drawn from
/// no seed.
package struct Rehearsal: Sendable, Hashable {
    package enum Deed: Sendable, Hashable {
        /// A unit has no line for so many hours.
        case outage(String, hours: Int)
        /// A unit has none, and nobody below it.
        case blackout(String, hours: Int)
        /// A unit comes under another one, with all that is below it.
        case move(String, under: String)
        /// A unit ends, and one next door goes on for it.
        case merge(String, into: String)
        /// The machines of a unit and of those below it, of an earlier version until then, are brought up to date.
        case upgrade(String)
    }

    /// Since the beginning of the run.
    package let minutes: Int
    package let deed: Deed

    package init(minutes: Int, _ deed: Deed) {
        self.minutes = minutes
        self.deed = deed
    }

    /// Why it cannot be tried in a city; nil where it can, as far as the city's units tell at the beginning.
    package func obstacle(in plan: CityPlan) -> Words? {
        let units = Dictionary(plan.units.map { ($0.code.text, $0) }) { one, _ in one }
        func unknown(_ names: String...) -> Words? {
            names.first { units[$0] == nil }.map { Words("there is no unit \($0)", "没有单位\($0)") }
        }
        func root(_ name: String) -> Words? {
            units[name]?.parent == nil ? Words("\(name) is the root", "\(name)是根单位") : nil
        }
        func ended(_ names: String...) -> Words? {
            let before = plan.rehearsals.filter { $0.minutes < minutes }
            return names.first { name in before.contains { if case .merge(name, _) = $0.deed { true } else { false } } }
                .map { Words("\($0) has ended by then", "届时\($0)已撤并") }
        }
        guard minutes < plan.days * 1440 else { return Words("the run is over by then", "届时模拟已结束") }
        switch deed {
        case .outage(let name, _): return unknown(name) ?? root(name)
        case .blackout(let name, _), .upgrade(let name): return unknown(name)
        case .move(let name, let parent):
            if let obstacle = unknown(name, parent) ?? root(name) ?? ended(name, parent) { return obstacle }
            let tier = units[name]?.parent.flatMap { units[$0.text]?.tier }
            return units[parent]?.tier == tier
                ? nil : Words("\(parent) has not the tier of its parent", "\(parent)与其上级不在同一层级")
        case .merge(let name, let successor):
            if let obstacle = unknown(name, successor) ?? root(name) ?? ended(name, successor) { return obstacle }
            guard !plan.units.contains(where: { $0.parent?.text == name }) else {
                return Words("there are units below \(name)", "\(name)之下还有单位")
            }
            return name != successor && units[name]?.parent == units[successor]?.parent
                && units[name]?.kind == units[successor]?.kind
                ? nil : Words("\(successor) is not next door", "\(successor)不是其同级邻单位")
        }
    }
}

extension City {
    func planRehearsals() {
        let hasUpgrade = plan.rehearsals.contains { if case .upgrade = $0.deed { true } else { false } }
        if hasUpgrade, !plan.profile.beginsOlder {
            queue.put(.fault(.older, number: faults + plan.rehearsals.count), at: 0)
        }
        for (number, one) in plan.rehearsals.enumerated() {
            queue.put(.rehearsed(number), at: Int64(one.minutes) * 60_000)
        }
    }

    /// What is drawn in it hangs on its number alone, as with faults.
    func rehearse(_ number: Int) throws {
        faultChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "rehearsal \(number)"))
        world.drawAnew(for: "rehearsal \(number)")
        try loseDoomed { _ in true }
        defer { deed = nil }
        switch plan.rehearsals[number].deed {
        case .outage(let name, let hours): try spell(hours, number) { .outage(name, begins: $0) }
        case .blackout(let name, let hours): try spell(hours, number) { .blackout(name, begins: $0) }
        case .move(let name, let parent):
            deed = .move
            try world.move(name, under: parent)
            try moved(name)
        case .merge(let name, let successor):
            deed = .merge
            try world.merge(name, into: successor)
            try merged(name, into: successor)
        case .upgrade(let name):
            for unit in [name] + network.below(name) where network.older[unit] != nil && network.hasNode(unit) {
                deed = .upgrade
                try upgrade(unit)
            }
        }
    }

    private func spell(_ hours: Int, _ number: Int, _ fault: (Bool) -> CityFault) throws {
        try carryOut(fault(true), faults + number)
        after(Int64(hours) * 3_600_000, .fault(fault(false), number: faults + number))
    }
}
