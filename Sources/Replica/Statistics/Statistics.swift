import ChangeSet
import GRDB
import ServiceModel

/// By what figures are told apart.
package enum StatisticsGrouping: String, CaseIterable, Sendable {
    /// The unit that is asked for, alone, and each unit directly below it with its subtree, as they stand today.
    case unit
    case item
    case day
    case month
    /// Kind of item.
    case kind
    case department
    /// The way by which the case came to the counter.
    case channel
}

/// Which figures are asked for.
package struct StatisticsQuery: Hashable, Sendable {
    /// With its subtree.
    package var unit: UnitCode
    /// Legal days, both ends included; nil is all.
    package var days: ClosedRange<CivilDate>?
    /// nil gives one row.
    package var grouping: StatisticsGrouping?

    package init(unit: UnitCode, days: ClosedRange<CivilDate>? = nil, grouping: StatisticsGrouping? = nil) {
        self.unit = unit
        self.days = days
        self.grouping = grouping
    }
}

/// The figures of one group.
package struct StatisticsRow: Hashable, Sendable {
    /// A code, a day `yyyy-mm-dd` or a month `yyyy-mm`, `-` for what has none; empty for all in one.
    package let key: String
    /// A name that goes with the key; empty where the key says it all.
    package let label: String
    package let tally: CaseTally

    package init(key: String, label: String, tally: CaseTally) {
        self.key = key
        self.label = label
        self.tally = tally
    }
}

extension Transaction {
    /// The figures of the cases held here, group by group in the order of their keys. Groups without a case are left
    /// out; without grouping there is always one row.
    ///
    /// A case whose acceptance does not stand, or waits for something, is not counted.
    package func statistics(_ query: StatisticsQuery) throws -> [StatisticsRow] {
        let rows = try Row.fetchAll(
            db, sql: StatisticsSQL(query.grouping).text,
            arguments: [
                "unit": query.unit.text, "first": query.days?.lowerBound.dayNumber ?? .min,
                "last": query.days?.upperBound.dayNumber ?? .max,
            ])
        let found = try rows.map { row in
            let counts = try Measure.allCases.enumerated().map { ($1, try row[$0 + 2] as Int) }
            return StatisticsRow(
                key: try row[0], label: try row[1], tally: CaseTally(Dictionary(counts, uniquingKeysWith: { $1 })))
        }
        guard query.grouping == nil, found.isEmpty else { return found }
        return [StatisticsRow(key: "", label: "", tally: CaseTally())]
    }
}
