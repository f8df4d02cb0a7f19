import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// Figures of a unit with all below it, and their frontier.
    /// - Parameters:
    ///   - unit: code of this node's own unit, which is meant when it is left out, or of one below: nobody else's work
    ///     comes here whole.
    ///   - days: legal days; nil is all.
    /// - Throws: `NodeError.unknownUnit`, `NodeError.notBelow`, `ReplicaError`.
    package func statistics(
        of unit: String? = nil, days: ClosedRange<CivilDate>? = nil, by grouping: StatisticsGrouping? = nil, now: Moment
    ) throws -> StatisticsReport {
        let text = unit ?? name.unit.text
        guard let code = UnitCode(text) else { throw NodeError.unknownUnit(text) }
        return try replica.read { transaction in
            let topology = transaction.charter.current.topology
            guard topology.contains(code) else { throw NodeError.unknownUnit(text) }
            guard topology.isAboveOrSelf(name.unit, code) else { throw NodeError.notBelow(code) }
            return try transaction.statisticsReport(
                StatisticsQuery(unit: code, days: days, grouping: grouping), now: now.seconds)
        }
    }
}
