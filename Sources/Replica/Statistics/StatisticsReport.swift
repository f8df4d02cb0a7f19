import ChangeSet
import ServiceModel

/// Figures with what they rest on.
package struct StatisticsReport: Hashable, Sendable {
    /// One group with its own frontier: that of the units whose cases it counts.
    package struct Group: Hashable, Sendable {
        package let row: StatisticsRow
        package let frontier: Frontier

        package init(row: StatisticsRow, frontier: Frontier) {
            self.row = row
            self.frontier = frontier
        }
    }

    package let query: StatisticsQuery
    package let unitName: String
    package let groups: [Group]
    package let total: CaseTally
    package let frontier: Frontier

    package init(query: StatisticsQuery, unitName: String, groups: [Group], frontier: Frontier) {
        self.query = query
        self.unitName = unitName
        self.groups = groups
        self.frontier = frontier
        total = groups.reduce(CaseTally()) { $0 + $1.row.tally }
    }
}

extension Transaction {
    /// The figures of a query and their frontier: asked for until the end of the last day or, where that has not come,
    /// until a little before now.
    /// - Parameter now: seconds since 1970, by this node's clock.
    package func statisticsReport(_ query: StatisticsQuery, now: Int64) throws -> StatisticsReport {
        let rows = try statistics(query)
        let today = CivilTime.day(at: now) ?? .latest
        let days = query.days ?? today...today
        let expected = days.lowerBound...max(days.lowerBound, min(days.upperBound, today))
        let asked = min(CivilTime.end(of: days.upperBound), now - Frontier.usualLag)
        let frontier = try frontier(of: query.unit, days: expected, asked: asked, now: now)
        let topology = charter.current.topology
        return StatisticsReport(
            query: query, unitName: topology[query.unit]?.name ?? "",
            groups: rows.map { row in
                guard query.grouping == .unit, let unit = UnitCode(row.key) else {
                    return StatisticsReport.Group(row: row, frontier: frontier)
                }
                return StatisticsReport.Group(
                    row: row,
                    frontier: frontier.of { code in
                        unit == query.unit ? code == unit : topology.isAboveOrSelf(unit, code)
                    })
            },
            frontier: frontier)
    }
}
