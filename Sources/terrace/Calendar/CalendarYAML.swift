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
            Words("a calendar", "日历"), required: ["version", "covers", "holidays", "worked"], optional: ["source"])
        var exceptions: [(date: CivilDate, WorkCalendar.Exception)] = []
        for node in try top["holidays"]?.items(Words(name: "holidays")) ?? [] {
            let (name, days) = try range(node, Words("a holiday", "假期"), named: true)
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
        for node in try top["worked"]?.items(Words(name: "worked")) ?? [] {
            let fields = try node.fields(Words("a worked day", "调休上班日"), required: ["name", "day"])
            let date = try date(fields["day"], of: node)
            guard date.weekday.isWeekend else { throw CalendarFileError.notWeekend(line: node.line, date) }
            exceptions.append((date, .worked(try fields["name"]?.text(Words(name: "name")) ?? "")))
        }
        guard let version = top["version"], let covers = top["covers"] else { throw YAMLFileError.empty }
        return try WorkCalendar(
            version: version.text(Words(name: "version")),
            covers: range(covers, Words(name: "covers"), named: false).days,
            exceptions: exceptions)
    }

    private static func range(
        _ node: Node, _ what: Words, named: Bool
    ) throws -> (name: String, days: ClosedRange<CivilDate>) {
        let fields = try node.fields(what, required: (named ? ["name"] : []) + ["first", "last"])
        let first = try date(fields["first"], of: node), last = try date(fields["last"], of: node)
        guard first <= last else { throw CalendarFileError.order(line: node.line, first, last) }
        return (try fields["name"]?.text(Words(name: "name")) ?? "", first...last)
    }

    private static func date(_ node: Node?, of owner: Node) throws -> CivilDate {
        let text = try node?.text(Words("a day", "日期")) ?? ""
        guard let date = CivilDate(text) else { throw CalendarFileError.date(line: (node ?? owner).line, text) }
        return date
    }
}

/// Why a calendar file is refused, with the line.
package enum CalendarFileError: CodedError, Hashable, Sendable {
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

    package var words: Words {
        switch self {
        case .date(let line, let text):
            Words(
                "line \(line): “\(ShownText.of(text))” is no day written yyyy-mm-dd",
                "第\(line)行：“\(ShownText.of(text))”不是yyyy-mm-dd形式的日期")
        case .order(let line, let first, let last):
            Words("line \(line): \(last) is before \(first)", "第\(line)行：\(last)早于\(first)")
        case .holidayTooLong(let line):
            Words(
                "line \(line): a holiday of more than \(CalendarYAML.longestHoliday) days; check its dates",
                "第\(line)行：假期超过\(CalendarYAML.longestHoliday)天：请核对日期")
        case .notWeekend(let line, let date):
            Words(
                "line \(line): \(date) is no weekend day, it is worked anyway", "第\(line)行：\(date)不是周末，本就上班")
        }
    }
}
