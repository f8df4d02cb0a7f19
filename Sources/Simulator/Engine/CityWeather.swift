import ServiceModel
import SyncNode

/// What goes wrong, by the profile: when, where, for how long.
extension City {
    /// Milliseconds of a run's 30 days.
    private static let month: Int64 = 30 * OfficeHours.day * 1000

    private var length: Int64 { Int64(plan.days) * OfficeHours.day * 1000 }

    /// How often something happens in this run that happens so often in 30 days.
    private func times(_ perMonth: Int) -> Int {
        let exact = Int64(perMonth) * length
        return Int(exact / Self.month) + (Int64(faultChance.below(Int(Self.month))) < exact % Self.month ? 1 : 0)
    }

    private func someTime() -> Int64 { Int64(faultChance.below(Int(max(1, length)))) }

    /// Most outages last minutes, a few days.
    private func outageLength() -> Int64 {
        let minute: Int64 = 60_000
        return switch faultChance.below(100) {
        case 0..<60: minute * Int64(2 + faultChance.below(60))
        case 60..<88: minute * 60 * Int64(1 + faultChance.below(12))
        case 88..<98: minute * 1440 * Int64(1 + faultChance.below(5))
        default: minute * 1440 * Int64(6 + faultChance.below(9))
        }
    }

    private func put(_ from: Int64, for time: Int64, _ fault: (Bool) -> CityFault) {
        if let number = nextFault() {
            queue.put(.fault(fault(true), number: number), at: from)
            queue.put(.fault(fault(false), number: number), at: from + time)
        }
    }

    private func put(_ time: Int64, _ fault: CityFault) {
        if let number = nextFault() { queue.put(.fault(fault, number: number), at: time) }
    }

    /// - Returns: nil for one that is left out.
    private func nextFault() -> Int? {
        faults += 1
        return plan.onlyFaults?.contains(faults - 1) == false ? nil : faults - 1
    }

    func planWeather() {
        let profile = plan.profile
        let lowest = plan.tiers.count - 1
        let names = network.names.filter { $0 != network.root }
        for name in names {
            let isLowest = network.tier(of: name) == lowest
            for _ in 0..<times(isLowest ? profile.outages : profile.outages / 4) {
                put(someTime(), for: outageLength()) { .outage(name, begins: $0) }
            }
            if qualities[name]?.isBad == true {
                for _ in 0..<times(profile.cuts * 30) { put(someTime(), .cut(name)) }
            }
        }
        let villages = unitsByTier[lowest] ?? []
        for _ in 0..<times(profile.portals * villages.count / 100 + (profile.portals > 0 ? 1 : 0)) {
            guard !villages.isEmpty else { break }
            let name = faultChance.pick(villages)
            put(someTime(), for: 60_000 * Int64(10 + faultChance.below(600))) { .portal(name, begins: $0) }
        }
        let regions = (unitsByTier[1] ?? []).filter { !network.children(of: $0).isEmpty }
        guard !regions.isEmpty else { return planDeeds(names) }
        for _ in 0..<times(profile.partitions * regions.count / 10 + (profile.partitions > 0 ? 1 : 0)) {
            let name = faultChance.pick(regions)
            put(someTime(), for: outageLength()) { .partition(name, begins: $0) }
        }
        if profile.hasRegionalOutage {
            // From the second morning on for two fifths of the run; the storm comes in office hours. A run of one day
            // has it on that day.
            let name = faultChance.pick(regions)
            let day = OfficeHours.day * 1000
            let from = (plan.days > 1 ? day : 0) + 10 * 3_600_000
            put(from, for: max(day / 4, length * 2 / 5 / day * day)) { .blackout(name, begins: $0) }
        }
        planDeeds(names)
    }

    private func planDeeds(_ names: [String]) {
        for deed in CityDeed.early { plan(deed, among: names) }
        if plan.profile.beginsOlder { put(0, .older) }
        for deed in CityDeed.late {
            faultChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "times of \(deed.rawValue)"))
            plan(deed, among: names)
        }
    }

    private func plan(_ deed: CityDeed, among names: [String]) {
        // A city has one catalog, however many machines read it.
        let machines = deed == .revise ? min(names.count + 1, 100) : names.count + 1
        let perMonth = (plan.profile.deeds[deed] ?? 0) * machines
        for _ in 0..<times((perMonth + 99) / 100) { put(someTime(), .deed(deed)) }
    }

    // MARK: - As it comes

    /// What is drawn in it hangs on its number alone, so that it stays what it is when others are left out.
    func carryOut(_ fault: CityFault, _ number: Int) throws {
        faultChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "fault \(number)"))
        world.drawAnew(for: "fault \(number)")
        // What has not gone up yet tells most.
        if fault.isEnd, doomed.isEmpty, faultChance.one(in: 2) { try look() }
        switch fault {
        case .cut(let name):
            guard let timed = agents[name]?.line.flatMap({ lines[$0] }) else { return }
            tell("cut", [name])
            lose(timed)
        case .outage(let name, let begins): outage(of: name, begins: begins)
        case .portal(let name, let begins):
            note("portal", name, begins)
            weather.portal(name, begins: begins)
            if begins { loseSeveredLines() }
        case .partition(let name, let begins):
            note("partition", name, begins)
            weather.partition(name, begins: begins)
            if begins { loseSeveredLines() }
        case .blackout(let name, let begins):
            note("blackout", name, begins)
            for unit in [name] + network.below(name) {
                weather.outage(unit, begins: begins)
                if begins { loseLines(of: unit) }
            }
        case .deed(let deed): try carryOut(deed, number)
        case .older:
            try world.beginOlder()
            tell("older", network.older.keys.sorted())
        }
    }

    func outage(of name: String, begins: Bool) {
        note("outage", name, begins)
        weather.outage(name, begins: begins)
        // Nobody tells a machine that its line is good again: it dials when its pause is over.
        if begins { loseLines(of: name) }
    }

    private func note(_ kind: String, _ name: String, _ begins: Bool) {
        tell(begins ? kind : "\(kind) over", [name])
        if begins {
            figures.begin(kind, name, at: ticks / 1000)
        } else {
            figures.end(kind, name, at: ticks / 1000)
        }
    }
}
