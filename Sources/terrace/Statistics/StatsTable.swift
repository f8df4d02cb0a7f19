import Replica
import ServiceModel

/// Figures for people.
struct StatsTable {
    /// Units behind that are listed; JSON has them all.
    static let mostListed = 20

    private let report: StatisticsReport
    private let month: String?

    init(_ report: StatisticsReport, month: String?) {
        self.report = report
        self.month = month
    }

    var text: String {
        let unit = TextTable.printable(report.unitName)
        let head = "\(report.query.unit) \(unit) and all below, \(month ?? "all days")"
        let body = report.query.grouping == nil ? whole : groups
        return ([head, ""] + body + [""] + Self.lines(of: report.frontier)).joined(separator: "\n")
    }

    // MARK: - All in one

    private var whole: [String] {
        var counts = TextTable([("cases", .left), ("", .right)])
        for measure in Measure.allCases where measure.isShownAsCount {
            counts.add([measure.title, "\(report.total[measure])"])
        }
        var rates = TextTable([
            ("rates", .left), ("", .right), ("numerator", .right), ("denominator", .right),
        ])
        for rate in Rate.allCases {
            let ratio = report.total[rate]
            rates.add([rate.title, rate.text(ratio), "\(ratio.numerator)", "\(ratio.denominator)"])
        }
        return counts.lines + [""] + rates.lines
    }

    // MARK: - One line for each group

    private var groups: [String] {
        let measures = Measure.allCases.filter(\.isShownAsCount)
        let byUnit = report.query.grouping == .unit
        var table = TextTable(
            [(report.query.grouping?.rawValue ?? "", .left), ("", .left)] + measures.map { ($0.title, .right) }
                + Rate.allCases.map { ($0.title, .right) } + (byUnit ? [("complete", .right)] : []))
        func add(_ key: String, _ label: String, _ tally: CaseTally, _ frontier: Frontier) {
            let rates = Rate.allCases.map { rate in
                let ratio = tally[rate]
                return "\(ratio.numerator)/\(ratio.denominator) \(rate.text(ratio))"
            }
            table.add(
                [key, label] + measures.map { "\(tally[$0])" } + rates
                    + (byUnit ? ["\(frontier.complete)/\(frontier.units.count)"] : []))
        }
        for group in report.groups { add(group.row.key, group.row.label, group.row.tally, group.frontier) }
        add("all", "", report.total, report.frontier)
        return table.lines
    }

    // MARK: - Frontier

    static func lines(of frontier: Frontier) -> [String] {
        let behind = frontier.behind
        var lines = [
            "frontier: \(frontier.complete) of \(frontier.units.count) expected units complete up to "
                + CivilTime.text(frontier.asked)
                + (behind.isEmpty ? "" : "; \(behind.count) behind, what they did later is not in the figures")
        ]
        var table = TextTable([("behind", .left), ("", .left), ("since", .left)])
        for unit in behind.prefix(mostListed) {
            table.add([unit.unit.text, unit.name, unit.time.map(CivilTime.text) ?? "ever: nothing was heard of it"])
        }
        if !behind.isEmpty { lines += table.lines }
        if behind.count > mostListed { lines.append("and \(behind.count - mostListed) more") }
        return lines
    }
}

extension Measure {
    /// The rest are parts of a rate.
    fileprivate var isShownAsCount: Bool {
        switch self {
        case .usedDays, .limited, .limitDays, .limitUsedDays, .statutoryDays, .statutoryUsedDays: false
        default: true
        }
    }

    fileprivate var title: String {
        switch self {
        case .onTime: "on time"
        default: rawValue
        }
    }
}

extension Rate {
    fileprivate var title: String {
        switch self {
        case .handlingDays: "days per case"
        case .instant: "instant rate"
        case .early: "early rate"
        case .onTime: "on-time rate"
        case .closing: "closing rate"
        case .promisedSpeedUp: "promised speed-up"
        case .statutorySpeedUp: "statutory speed-up"
        case .online: "online rate"
        case .satisfaction: "satisfaction"
        case .evaluation: "evaluation rate"
        }
    }

    /// A percentage with one decimal, or days with two; a dash where there is nothing to divide by.
    fileprivate func text(_ ratio: Ratio) -> String {
        switch self {
        case .handlingDays: ratio.scaled(to: 100).map { Self.decimal($0, places: 2) } ?? "-"
        default: ratio.scaled(to: 1000).map { Self.decimal($0, places: 1) + "%" } ?? "-"
        }
    }

    private static func decimal(_ value: Int, places: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
    }
}
