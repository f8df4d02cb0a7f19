import ServiceModel

/// The one statement that counts all measures by one grouping: each case is booked once for each of its acts, and the
/// bookings are added up by key.
struct StatisticsSQL {
    /// Acts of one kind: the day that books them, which cases they are of, and what they count.
    private struct Booking {
        let day: String
        var condition = "TRUE"
        let counts: [Measure: String]
    }

    private let grouping: StatisticsGrouping?

    init(_ grouping: StatisticsGrouping?) { self.grouping = grouping }

    /// Takes `:unit`, `:first`, `:last`; gives key, label and the measures in the order of `Measure`.
    var text: String {
        let sums = Measure.allCases.map { "sum(\($0.rawValue)) AS \($0.rawValue)" }.joined(separator: ", ")
        return """
            WITH place (unit, key) AS (\(place))
            SELECT key, max(label), \(sums)
            FROM (\(Self.bookings.map(select).joined(separator: " UNION ALL ")))
            GROUP BY key ORDER BY key
            """
    }

    /// The units of the subtree with what they are counted under.
    private var place: String {
        guard grouping == .unit else { return "SELECT unit, '' FROM unit_above WHERE ancestor = :unit" }
        return """
            SELECT below.unit, below.ancestor FROM unit_above AS below JOIN unit ON unit.code = below.ancestor
            WHERE unit.parent = :unit UNION ALL SELECT :unit, :unit
            """
    }

    private func select(_ booking: Booking) -> String {
        let (key, label) = keys(day: booking.day)
        let counts = Measure.allCases.map { "\(booking.counts[$0] ?? "0") AS \($0.rawValue)" }
        let sql = """
            SELECT \(key) AS key, \(label) AS label, \(counts.joined(separator: ", "))
            FROM counted_case JOIN place ON place.unit = accepted_by
            WHERE phase IS NOT NULL AND \(booking.day) BETWEEN :first AND :last AND \(booking.condition) GROUP BY 1
            """
        #if PLANTED
            if Planted.present == .doubleCount {
                let concerned = "IN (SELECT unit FROM audience WHERE audience.record = counted_case.record)"
                return sql.replacing("= accepted_by", with: concerned)
            }
        #endif
        return sql
    }

    private func keys(day: String) -> (key: String, label: String) {
        switch grouping {
        case nil: ("''", "''")
        case .unit: ("place.key", "(SELECT name FROM unit WHERE code = place.key)")
        case .item: ("item", "max(item_name)")
        case .day: (Self.dated("date(\(day) * 86400, 'unixepoch')"), "''")
        case .month: (Self.dated("strftime('%Y-%m', \(day) * 86400, 'unixepoch')"), "''")
        case .kind: ("item_kind", "''")
        case .department: ("department", "''")
        case .channel: ("channel", "''")
        }
    }

    /// A legal day may be any number; outside the years 0 to 9999 it has no date.
    private static func dated(_ sql: String) -> String { "coalesce(\(sql), '-')" }

    private static let bookings = [
        Booking(
            day: "accepted_day", counts: [.accepted: "count(*)", .online: count("channel = 'online'")]),
        Booking(
            day: "closed_day",
            counts: [
                .closed: "count(*)", .instant: "sum(instant)",
                .granted: count("decided_day IS NOT NULL AND outcome = '\(Outcome.granted.rawValue)'"),
                .refused: count("decided_day IS NOT NULL AND outcome = '\(Outcome.refused.rawValue)'"),
                .withdrawn: count("phase = '\(Phase.withdrawn.rawValue)'"),
                .cancelled: count("phase = '\(Phase.cancelled.rawValue)'"),
                .decided: count("decided_day IS NOT NULL"), .usedDays: "coalesce(sum(used_days), 0)",
                .limited: count("used_days IS NOT NULL AND promised_due IS NOT NULL"),
                .early: count("decided_day < promised_due"), .onTime: count("decided_day <= promised_due"),
                .overdue: count("decided_day > promised_due"),
                .limitDays: sum("promised_days", where: "promised_due IS NOT NULL"),
                .limitUsedDays: sum("used_days", where: "promised_due IS NOT NULL"),
                .statutoryDays: sum("statutory_days", where: "statutory_due IS NOT NULL"),
                .statutoryUsedDays: sum("used_days", where: "statutory_due IS NOT NULL"),
            ]),
        Booking(day: "delivered_day", counts: [.delivered: "count(*)"]),
        Booking(
            day: "evaluated_day", condition: isLevel(Satisfaction.allCases),
            counts: [.evaluated: "count(*)", .satisfied: count(isLevel(Satisfaction.allCases.filter { !$0.isBad }))]),
    ]

    private static func count(_ condition: String) -> String { "count(*) FILTER (WHERE \(condition))" }

    /// Of the decided alone: the rest has used nothing that could be told.
    private static func sum(_ column: String, where condition: String) -> String {
        "coalesce(sum(\(column)) FILTER (WHERE used_days IS NOT NULL AND \(condition)), 0)"
    }

    private static func isLevel(_ levels: [Satisfaction]) -> String {
        "evaluation IN (\(levels.map { "'\($0.rawValue)'" }.joined(separator: ", ")))"
    }
}
