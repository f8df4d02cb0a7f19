import ChangeSet
import Foundation
import ServiceModel
import SyncNode
import Trust

/// A stick with a volume of a bundle, on its way to a unit.
struct CarriedVolume {
    let sender: String
    let recipient: String
    let file: Data
}

/// Couriers go between units that stand above each other, whether there is a line or not. Sticks come in any order,
/// come twice, are lost, and bring what was written for a machine that has been replaced since.
extension Simulation {
    /// How many sticks are under way at once; the oldest of more are lost.
    private static let mostSticks = 12

    /// Somebody puts on sticks what a unit above or below lacks.
    /// - Returns: who; nil where there was nothing to send.
    @discardableResult
    func sendCourier() throws -> String? {
        let lower = network.names.filter { $0 != network.root }
        guard !lower.isEmpty else { return nil }
        let child = random.pick(lower)
        guard let above = someUnit(above: child) else { return nil }
        let (sender, recipient) = random.one(in: 2) ? (child, above) : (above, child)
        let start: BundlePlan.Start = random.pick([.confirmed, .confirmed, .lastVolume, .beginning])
        do {
            // So small that there are several.
            let (_, files) = try network.export(
                at: sender, to: recipient, start, volumeBytes: Limits.smallestVolumeBytes,
                volumes: random.one(in: 3) ? 1 : nil)
            sticks += files.map { CarriedVolume(sender: sender, recipient: recipient, file: $0) }
            sticks.removeFirst(max(0, sticks.count - Self.mostSticks))
            tally.add(.volumesWritten, files.count)
            return sender
        } catch BundleError.nothingToContinue, BundleError.unknownRecipient, BundleError.cutRecipient,
            BundleError.notNeighbour, BundleError.onHold
        {
            return nil
        }
    }

    private func someUnit(above name: String) -> String? {
        let above = network.path(above: name).filter(network.hasNode)
        guard let nearest = above.first else { return nil }
        return random.one(in: 3) ? random.pick(above) : nearest
    }

    /// A stick comes to where it belongs.
    /// - Returns: whose and where; nil where there is none, or none that fits the machine of today.
    @discardableResult
    func bringStick() throws -> (sender: String, recipient: String)? {
        guard !sticks.isEmpty else { return nil }
        let at = random.below(sticks.count), stick = sticks[at]
        if !random.one(in: 3) { sticks.remove(at: at) }
        guard network.hasNode(stick.recipient) else { return nil }
        do {
            let report = try network.bring(stick.file, to: stick.recipient)
            tally.add(.volumesRead)
            tally.add(.volumesForAnother, report.isForAnother ? 1 : 0)
            return (stick.sender, stick.recipient)
        } catch BundleError.claimedAgain where !believesClaims(stick.recipient) {
            tally.add(.volumesRefused)
            return nil
        } catch BundleError.notForThisNode,
            BundleError.otherMachine,
            BundleError.unknownSender,
            BundleError.movedAway,
            BundleError.onHold,
            CertificateProblem.notYetValid,
            CertificateProblem.expired
        {
            tally.add(.volumesRefused)
            return nil
        }
    }
}
