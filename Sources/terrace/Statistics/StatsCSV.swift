import Foundation
import Replica
import ServiceModel

/// Figures for a spreadsheet: a line for each group, each with its own frontier.
struct StatsCSV {
    private let report: StatisticsReport

    init(_ report: StatisticsReport) { self.report = report }

    /// RFC 4180.
    var text: String {
        let rates = Rate.allCases.flatMap { ["\($0.rawValue).numerator", "\($0.rawValue).denominator"] }
        let head =
            ["key", "label"] + Measure.allCases.map(\.rawValue) + rates
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
