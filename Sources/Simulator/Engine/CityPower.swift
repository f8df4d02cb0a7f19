import Foundation
import Replica
import SyncNode

/// Power that goes while a machine is at its work: in the middle of a commit, between two that should have been one.
extension City {
    /// Milliseconds after which it goes at the latest, work or none.
    private static let longestWait: Int64 = 2 * 3_600_000
    /// After how many seconds a person tries again what the machine was too dead to say.
    private static let patience = 600

    /// The machine will not live through the next few changes to its disk.
    func doom(_ name: String) throws {
        guard doomed[name] == nil else { return }
        doomed[name] = try world.expectPowerLoss(at: name)
        // Until then it is not closed to make room for others.
        network.hold(name, by: 1)
        after(Self.longestWait, .powerOff(name))
    }

    /// Takes in what has become of the machines that were doomed.
    /// - Parameter now: whether the power of one goes now that still has it.
    func loseDoomed(now: (String) -> Bool = { _ in false }) throws {
        for name in doomed.keys.sorted() where network.isDown(name) || now(name) {
            guard let loss = doomed.removeValue(forKey: name) else { continue }
            network.hold(name, by: -1)
            let wasOn = isOn.contains(name)
            switchOff(name)
            tell("power lost", [name])
            try world.powerReturns(loss)
            admissions[name] = Admission()
            if wasOn { try switchOn(name) }
            try grew(name, from: name)
        }
    }

    /// Whether this is what it looks like when the power goes; whoever waited for the machine tries again.
    func isPowerLoss(_ error: any Error, in event: CityEvent) throws -> Bool {
        guard case ReplicaError.storage = error, doomed.keys.contains(where: network.isDown) else { return false }
        world.tally.add(.cutWrites)
        switch event {
        case .arrival: after(Int64(Self.patience) * 1000, event)
        case .desk(let name, let number): try put(number, onDeskOf: name, within: Self.patience)
        case .reached(let name, let life, _): after(0, .unreached(name, life: life))
        default: break
        }
        return true
    }
}
