import ServiceModel
import Yams

/// A working-day calendar as YAML: `version`, `covers` with `first` and `last`, `holidays` (each `name`, `first`,
/// `last`) and `worked` weekend days (each `name`, `day`). `source`, a list of texts, says where it was published.
package enum CalendarYAML {
    /// Longest single holiday, in days; more is a mistyped date.
    package static let longestHoliday = 31

    /// - Throws: `YAMLFileError`, `CalendarFileError`, `WorkCalendarError`.
    package static func read(_ bytes: [UInt8]) throws -> WorkCalendar {
        let top = try YAMLDocument.root(of: bytes).fields(
            "a calendar", required: ["version", "covers", "holidays", "worked"], optional: ["source"])
        var exceptions: [(date: CivilDate, WorkCalendar.Exception)] = []
        for node in try top["holidays"]?.items("holidays") ?? [] {
            let (name, days) = try range(node, "a holiday", named: true)
            guard days.upperBound.days(since: days.lowerBound) < longestHoliday else {
                throw CalendarFileError.holidayTooLong(line: node.line)
            }
            var day: CivilDate? = days.lowerBound
            while let date = day, date <= days.upperBound {
                exceptions.append((date, .holiday(name)))
                day = date.adding(days: 1)
            }
            guard exceptions.count <= WorkCalendar.mostExceptions else { break }
        }
        for node in try top["worked"]?.items("worked") ?? [] {
            let fields = try node.fields("a worked day", required: ["name", "day"])
            let date = try date(fields["day"], of: node)
            guard date.weekday.isWeekend else { throw CalendarFileError.notWeekend(line: node.line, date) }
            exceptions.append((date, .worked(try fields["name"]?.text("name") ?? "")))
        }
        guard let version = top["version"], let covers = top["covers"] else { throw YAMLFileError.empty }
        return try WorkCalendar(
            version: version.text("version"), covers: range(covers, "covers", named: false).days,
            exceptions: exceptions)
    }

    private static func range(
        _ node: Node, _ what: String, named: Bool
    ) throws -> (name: String, days: ClosedRange<CivilDate>) {
        let fields = try node.fields(what, required: (named ? ["name"] : []) + ["first", "last"])
        let first = try date(fields["first"], of: node), last = try date(fields["last"], of: node)
        guard first <= last else { throw CalendarFileError.order(line: node.line, first, last) }
        return (try fields["name"]?.text("name") ?? "", first...last)
    }

    private static func date(_ node: Node?, of owner: Node) throws -> CivilDate {
        let text = try node?.text("a day") ?? ""
        guard let date = CivilDate(text) else { throw CalendarFileError.date(line: (node ?? owner).line, text) }
        return date
    }
}

/// Why a calendar file is refused, with the line.
package enum CalendarFileError: CodedError, Hashable, Sendable, CustomStringConvertible {
    case date(line: Int, String)
    case order(line: Int, CivilDate, CivilDate)
    case holidayTooLong(line: Int)
    case notWeekend(line: Int, CivilDate)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .date: "calendar.date"
        case .order: "calendar.order"
        case .holidayTooLong: "calendar.holidayTooLong"
        case .notWeekend: "calendar.notWeekend"
        }
    }

    package var description: String {
        switch self {
        case .date(let line, let text):
            "line \(line): \(code): \"\(TopologyProblem.shown(text))\" is no day written yyyy-mm-dd"
        case .order(let line, let first, let last): "line \(line): \(code): \(last) is before \(first)"
        case .holidayTooLong(let line):
            "line \(line): \(code): a holiday of more than \(CalendarYAML.longestHoliday) days; check its dates"
        case .notWeekend(let line, let date): "line \(line): \(code): \(date) is no weekend day, it is worked anyway"
        }
    }
}
