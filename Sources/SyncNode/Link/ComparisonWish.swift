import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// How long a serving node relies on its cursors alone before it holds its replica against its parent's, in
    /// seconds.
    package static let comparisonPause: Int64 = 86_400
    /// The same after a comparison that found a difference, which has not arrived.
    static let unsettledPause: Int64 = 600

    /// How the next exchange of a serving node goes: as somebody has asked, or once a day a comparison that mends what
    /// differs.
    /// - Returns: also the serial of the wish that this carries out.
    /// - Throws: `ReplicaError`.
    package func linkMode(now: Moment) throws -> (mode: LinkMode, wish: Int64?) {
        try replica.read { transaction in
            if let wish = try transaction.wishedComparison() {
                return (wish.repairs ? .repairs : .looks, wish.serial)
            }
            return (try isComparisonDue(transaction, now: now) ? .repairs : .usual, nil)
        }
    }

    private func isComparisonDue(_ transaction: Transaction, now: Moment) throws -> Bool {
        let topology = transaction.charter.current.topology
        let above = topology.parent(of: name.unit)
        let contacts = try transaction.contacts().filter { $0.unit == above && $0.time > 0 }.map(\.time)
        // Where one above the parent answers at its address, what was compared with that one counts meanwhile: a
        // comparison that settles nothing would be made in every exchange.
        let silent = contacts.filter { $0 <= now.seconds }.max() ?? 0
        let known = try transaction.comparisons().filter {
            $0.unit == above || topology.isAbove($0.unit, name.unit) && $0.time > silent
        }
        guard !known.isEmpty else {
            // A first comparison follows the first contact: at once where the parent may have let cases go, of which a
            // comparison tells the stubs, else a day after this node was enrolled. The last contact is always of now
            // where the line stays up.
            return !contacts.isEmpty && (!keepsEverything(above, transaction) || isADayOld(at: now))
        }
        // One with a machine that the parent no longer has may lie ahead of a clock that was set back since.
        return !known.contains {
            let pause = $0.isEqual || $0.isSent ? Self.comparisonPause - ownSpread : Self.unsettledPause
            return $0.time <= now.seconds && now.seconds - $0.time < pause
        }
    }

    /// Up to an hour by which its pause is shorter than another node's: those below a parent that was off would ask it
    /// at one moment, day after day.
    private var ownSpread: Int64 { Int64(Digest32(hashing: Data(name.description.utf8)).data.first ?? 0) * 14 }

    /// By its certificate, which begins before the moment at which it was issued.
    private func isADayOld(at now: Moment) -> Bool {
        now.seconds - chain.leaf.period.from - Self.clockTolerance > Self.comparisonPause
    }

    private func keepsEverything(_ unit: UnitCode?, _ transaction: Transaction) -> Bool {
        let view = transaction.charter.current
        return unit.flatMap { view.topology[$0] }.flatMap { RetentionRule.months(ofTier: $0.tier, view) } == nil
    }

    /// Whether somebody has asked for a comparison.
    /// - Throws: `ReplicaError`.
    package var isComparisonWished: Bool {
        get throws { try replica.read { try $0.wishedComparison() != nil } }
    }
}
