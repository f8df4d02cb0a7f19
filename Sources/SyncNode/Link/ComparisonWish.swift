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
            let above = transaction.charter.current.topology.parent(of: name.unit)
            let known = try transaction.comparisons().filter { $0.unit == above }
            guard !known.isEmpty else {
                // A first comparison follows a while after the first contact: at once where the parent may have let
                // cases go, of which a comparison tells the stubs.
                let met = try transaction.contacts().filter { $0.unit == above && $0.time > 0 }.map(\.time).max()
                let pause = keepsEverything(above, transaction) ? Self.comparisonPause : -1
                return (met.map { now.seconds - $0 > pause } == true ? .repairs : .usual, nil)
            }
            // One with a machine that the parent no longer has may lie ahead of a clock that was set back since.
            let isRecent = known.contains {
                let pause = $0.isEqual || $0.isSent ? Self.comparisonPause : Self.unsettledPause
                return $0.time <= now.seconds && now.seconds - $0.time < pause
            }
            return (isRecent ? .usual : .repairs, nil)
        }
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
