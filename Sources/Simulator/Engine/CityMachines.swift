import Foundation
import ServiceModel
import SyncNode

/// Machines that are switched on and off, and say that they are there.
extension City {
    /// Somebody comes in the morning and switches the machine on, and off in the evening.
    func planSwitches(of name: String) {
        for day in 0..<Int64(plan.days) {
            let midnight = start + day * OfficeHours.day
            guard OfficeHours.isWorkday(midnight) else { continue }
            let morning = midnight + 8 * 3600 + Int64(peopleChance.below(1800))
            let evening = midnight + 17 * 3600 + 1800 + Int64(peopleChance.below(1800))
            queue.put(.switched(name, on: true), at: ticks(at: morning))
            queue.put(.switched(name, on: false), at: ticks(at: evening))
        }
    }

    func switchOn(_ name: String) throws {
        guard network.hasNode(name), isOn.insert(name).inserted else { return }
        renewLife(of: name)
        planDial(name, after: random(2000))
        if name != network.root, let life = agents[name]?.life {
            after(random(plan.heartbeatPause * 1000), .heartbeat(name, life: life))
        }
        try doubtQuotes(at: name)
    }

    func switchOff(_ name: String) {
        told[name] = nil
        guard isOn.remove(name) != nil else { return }
        loseLines(of: name)
        renewLife(of: name)
        for unit in [name] + network.children(of: name) { agents[unit]?.kept = nil }
    }

    /// Somebody goes home.
    func close(_ name: String) throws {
        switchOff(name)
        try network.rest(name)
    }

    func heartbeat(_ name: String, _ life: Int) throws {
        guard isAliveAtAll(name) else { return }
        // It beats on through whatever becomes of the line.
        after(plan.heartbeatPause * 1000, .heartbeat(name, life: life))
        if try network.node(name).heartbeat(now: network.time(at: name)) { announce(name) }
    }

    private func isAliveAtAll(_ name: String) -> Bool { isOn.contains(name) && network.hasNode(name) }
}
