import GRDB
import ServiceModel

/// What a unit and those below it have in hand.
package struct UnitBacklog: Hashable, Sendable {
    /// Cases of which something is still expected.
    package var open = 0
    /// Those of them whose last day has passed without a decision, by the promise or, where none was made, by law.
    package var overdue = 0

    package init(open: Int = 0, overdue: Int = 0) {
        self.open = open
        self.overdue = overdue
    }
}

extension Transaction {
    /// What is in hand in each unit directly below this one, with its subtree as it stands today. Units without any
    /// are left out. A case whose clock stands still has no last day, and is not overdue.
    /// - Parameter today: a civil day.
    package func backlogs(below unit: UnitCode, on today: Int32) throws -> [UnitCode: UnitBacklog] {
        let closed = Phase.closed.sorted().map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT child.code, count(*),
                    count(*) FILTER (WHERE closed_day IS NULL AND phase <> :paused
                        AND coalesce(promised_due, statutory_due) < :today)
                FROM unit AS child JOIN unit_above ON ancestor = child.code
                    JOIN service_case ON holder = unit_above.unit
                WHERE child.parent = :unit AND phase NOT IN (\(closed)) GROUP BY child.code
                """, arguments: ["unit": unit.text, "today": today, "paused": Phase.correcting.rawValue])
        return try rows.reduce(into: [:]) { found, row in
            guard let code = UnitCode(try row[0] as String) else { return }
            found[code] = try UnitBacklog(open: row[1], overdue: row[2])
        }
    }
}
