import Foundation
import Replica
import ServiceModel

/// Figures for programs: integers only.
struct StatsOutput: Encodable {
    struct Fraction: Encodable {
        let numerator: Int
        let denominator: Int
    }

    struct Behind: Encodable {
        let unit: String
        let name: String
        /// Seconds since 1970, by the clock of the unit's parent; left out where nothing was ever heard.
        let since: Int64?
    }

    struct Basis: Encodable {
        /// Seconds since 1970: until when completeness was asked for.
        let asked: Int64
        let expected: Int
        let complete: Int
        /// Up to when all expected units are complete; left out while one was never heard of.
        let time: Int64?
        let behind: [Behind]

        init(_ frontier: Frontier) {
            asked = frontier.asked
            expected = frontier.units.count
            complete = frontier.complete
            time = frontier.time
            behind = frontier.behind.map { Behind(unit: $0.unit.text, name: $0.name, since: $0.time) }
        }
    }

    struct Figures: Encodable {
        let counts: [String: Int]
        let rates: [String: Fraction]

        init(_ tally: CaseTally) {
            counts = Dictionary(uniqueKeysWithValues: Measure.allCases.map { ($0.rawValue, tally[$0]) })
            rates = Dictionary(
                uniqueKeysWithValues: Rate.allCases.map { rate in
                    (rate.rawValue, Fraction(numerator: tally[rate].numerator, denominator: tally[rate].denominator))
                })
        }
    }

    struct Group: Encodable {
        let key: String
        let label: String
        let figures: Figures
        let frontier: Basis
    }

    let unit: String
    let month: String?
    let by: String?
    let groups: [Group]
    let total: Figures
    let frontier: Basis

    init(_ report: StatisticsReport, month: String?) {
        unit = report.query.unit.text
        self.month = month
        by = report.query.grouping?.rawValue
        groups =
            report.query.grouping == nil
            ? []
            : report.groups.map {
                Group(
                    key: $0.row.key, label: $0.row.label, figures: Figures($0.row.tally),
                    frontier: Basis($0.frontier))
            }
        total = Figures(report.total)
        frontier = Basis(report.frontier)
    }
}

/// Figures for a spreadsheet: a line for each group, each with its own frontier.
struct StatsCSV {
    private let report: StatisticsReport

    init(_ report: StatisticsReport) { self.report = report }

    /// RFC 4180.
    var text: String {
        let rates = Rate.allCases.flatMap { ["\($0.rawValue).numerator", "\($0.rawValue).denominator"] }
        let head = ["key", "label"] + Measure.allCases.map(\.rawValue) + rates
            + ["asked", "units_expected", "units_complete", "complete_up_to"]
        let lines = report.groups.map { group in
            let tally = group.row.tally
            let frontier = group.frontier
            return [group.row.key, group.row.label] + Measure.allCases.map { "\(tally[$0])" }
                + Rate.allCases.flatMap { ["\(tally[$0].numerator)", "\(tally[$0].denominator)"] }
                + [
                    CivilTime.text(frontier.asked), "\(frontier.units.count)", "\(frontier.complete)",
                    frontier.time.map(CivilTime.text) ?? "",
                ]
        }
        return ([head] + lines).map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func cell(_ text: String) -> String {
        guard text.contains(where: { "\",\r\n".contains($0) || $0 == "\r\n" }) else { return text }
        return "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
    }
}
