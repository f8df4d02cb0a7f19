import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// What people do: citizens come, clerks accept and decide.
extension City {
    /// Of a hundred who come, how many come to a unit of the lowest tier, of the next, and so on upward.
    private static let shares = [70, 20, 8, 2]

    /// All who come today.
    func planDay() {
        after(OfficeHours.day * 1000, .day)
        let perDay = OfficeHours.visitors(of: plan.casesPerYear, onDayOf: seconds)
        // What is left of thousandths comes or does not.
        let count = perDay / 1000 + (peopleChance.below(1000) < perDay % 1000 ? 1 : 0)
        for _ in 0..<count {
            guard let name = counter() else { continue }
            let visits = isFair(at: name) ? 2 : 1
            for _ in 0..<visits {
                let time = OfficeHours.visit(onDayOf: seconds, &peopleChance)
                if time > seconds { queue.put(.arrival(name), at: ticks(at: time)) }
            }
        }
        figures.noteDay()
    }

    /// At which counter somebody comes.
    private func counter() -> String? {
        let lowest = plan.tiers.count - 1
        let draw = peopleChance.below(100)
        var sum = 0
        for (steps, share) in Self.shares.enumerated() {
            sum += share
            guard draw < sum else { continue }
            let units = unitsByTier[max(0, lowest - steps)] ?? []
            return units.isEmpty ? network.root : peopleChance.pick(units)
        }
        return network.root
    }

    private func isFair(at name: String) -> Bool {
        guard let town = network.parent(of: name), let place = unitsByTier[network.tier(of: town)]?.firstIndex(of: town)
        else { return false }
        return OfficeHours.isFair(of: place, onDayOf: seconds) && network.tier(of: name) == plan.tiers.count - 1
    }

    func arrive(_ chosen: String) throws {
        guard !isHealing, network.hasNode(chosen) else { return }
        let name = try openCounter(chosen)
        guard network.hasNode(name) else { return }
        guard isOn.contains(name) else {
            // The citizen comes again when somebody is there.
            let again = OfficeHours.next(seconds + 3600)
            queue.put(.arrival(name), at: ticks(at: again))
            return
        }
        let number = stories.count
        let decider = self.decider(for: name)
        do {
            let route = decider == name ? [] : [decider]
            let reference = try network.accept(Matter(number: number), at: name, number: number, route: route)
            var story = CaseStory(number: number, creation: reference.creation, unit: name, decider: decider)
            story.isDisputed = decider != name && peopleChance.below(1000) < plan.profile.disagreements
            stories.append(story)
            storyByCreation[reference.creation] = number
            tell("accept", [name], case: number, reference.receipt)
            try confirmed(.accept, at: name, story, receipt: reference.receipt)
            try put(number, onDeskOf: name, within: 600)
        } catch let error as NodeError {
            try excuse(error, .accept, at: name, number)
        }
    }

    /// Some cases are decided on the spot, most by the unit above, some by a branch centre or another county, the rest
    /// two tiers higher.
    private func decider(for name: String) -> String {
        let above = network.path(above: name).filter { $0 != network.root }
        let draw = peopleChance.below(10)
        if draw == 9 {
            let elsewhere = (unitsByTier[1] ?? []).filter { $0 != name && !above.contains($0) }
            if !elsewhere.isEmpty { return peopleChance.pick(elsewhere) }
        }
        guard draw > 0, !above.isEmpty else { return name }
        return draw < 7 || above.count < 2 ? above[0] : above[1]
    }

    /// What a node refuses is no confirmation; a person does something else then.
    private func excuse(_ error: NodeError, _ action: CaseAction, at name: String, _ number: Int) throws {
        switch error {
        case .impossible, .waits, .changedMeanwhile, .cut, .unknownUnit:
            tell("refused", [name], case: number, "\(action.name) \(error.code)")
        default: throw error
        }
    }

    // MARK: - Desks

    /// Somebody at a unit will take a case up, in office hours, after up to so many seconds.
    func put(_ number: Int, onDeskOf name: String, within most: Int) throws {
        guard !isHealing, stories[number].desks.insert(name).inserted else { return }
        let time = OfficeHours.next(seconds + 60 + Int64(peopleChance.below(max(1, most))))
        queue.put(.desk(name, number), at: ticks(at: time))
    }

    func desk(_ name: String, _ number: Int) throws {
        stories[number].desks.remove(name)
        guard !isHealing, network.hasNode(name) else { return }
        guard isOn.contains(name) else { return try put(number, onDeskOf: name, within: 7200) }
        let story = stories[number]
        guard let record = try world.record(story.creation, at: name) else { return }
        if story.isDisputed, name == story.decider, record.state.holder?.text == name {
            stories[number].isDisputed = false
            try disagree(story)
            return try put(number, onDeskOf: name, within: 7200)
        }
        let day = network.now.day
        let isLeft = record.state.holder.map { takesOver(name, from: $0.text) } ?? false
        let taking = isLeft ? story.takeOver(record, day: day, &peopleChance) : nil
        guard let step = taking ?? story.step(on: record, at: name, day: day, &peopleChance) else { return }
        if try take(step, at: name, story) { try put(number, onDeskOf: name, within: 1800) }
    }

    /// Two offices write down another number for one telephone, and neither has heard of the other.
    private func disagree(_ story: CaseStory) throws {
        // Where there is one of the decider's own rank, neither has the better word.
        let rank = network.tier(of: story.decider)
        let other = network.path(above: story.counter).first { $0 != story.decider && network.tier(of: $0) == rank }
        for name in [other ?? story.counter, story.decider] where network.hasNode(name) && isOn.contains(name) {
            guard try world.record(story.creation, at: name)?.state.phase != nil else { continue }
            var step = CaseStep(.amend, day: network.now.day, actor: "c03")
            step.fields = [CaseField.applicantPhone: "1380000\(1000 + peopleChance.below(9000))"]
            _ = try take(step, at: name, story)
        }
    }

    /// - Returns: whether the node took it.
    private func take(_ step: CaseStep, at name: String, _ story: CaseStory) throws -> Bool {
        do {
            try network.take(step, at: name, on: story.creation)
            tell(step.action.name, [name], case: story.number)
            try confirmed(step.action, at: name, story, receipt: nil)
            return true
        } catch let error as NodeError {
            try excuse(error, step.action, at: name, story.number)
            return false
        }
    }

    private func confirmed(_ action: CaseAction, at name: String, _ story: CaseStory, receipt: String?) throws {
        guard let last = try network.node(name).replica.read({ try $0.arrivals(behind: seen[name] ?? 0).last }) else {
            return world.fail("1: \(name) confirmed \(action.name) and does not hold it")
        }
        try world.noteConfirmed(action, at: name, last, receipt: receipt)
        figures.noteConfirmed(last.place, at: name, ticks)
        try grew(name, from: nil)
    }

    // MARK: - Arrivals

    /// A node's journal grew: what came is noted, put on desks, and told to the lines.
    /// - Parameter source: the other end of the line that it came over; nil for what was written here.
    func grew(_ name: String, from source: String?) throws {
        lastGrowth = ticks
        let (arrivals, head) = try network.node(name).replica.read {
            (try $0.arrivals(behind: seen[name] ?? 0), try $0.journalHead().position)
        }
        seen[name] = head
        for arrival in arrivals {
            figures.noteArrival(arrival.place, at: name, in: network, ticks)
            guard let number = storyByCreation[arrival.record] else { continue }
            let story = stories[number]
            guard source != nil, name == story.counter || name == story.decider || isAboveEnded(name)
            else { continue }
            try put(number, onDeskOf: name, within: name == story.decider ? 2 * 86_400 : 8 * 3600)
        }
        announce(name)
    }
}
