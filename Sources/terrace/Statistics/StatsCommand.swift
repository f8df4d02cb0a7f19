import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

extension StatisticsGrouping: ExpressibleByArgument {}

/// `terrace stats`.
struct StatsCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json
    }

    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count cases, each rate by its two numbers, and say what the figures rest on.",
        discussion: """
            A case is counted for the unit that accepted it. Each count belongs to the legal day of the act that it
            counts: acceptances to the day of the acceptance, what a closing brings to the day of the decision,
            withdrawal or cancellation, deliveries and evaluations to theirs. Time limits are measured on decided cases.

            The frontier says how many of the expected units are complete up to the end of the month (or, while it
            lasts, until half an hour ago) by the clock of their parent, and which are behind since when. Example:
              terrace stats --month 2026-03 --by unit
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Code of the unit, with all below it; this node's own when left out.")
    var unit: String?

    @Option(help: ArgumentHelp("Only this month; all when left out.", valueName: "yyyy-mm"))
    var month: String?

    @Option(help: "One line for each unit, item, day, month, kind, department or channel.")
    var by: StatisticsGrouping?

    @Option(help: "table, csv or json.")
    var format = Format.table

    func run() throws {
        let node = try node.openToRead()
        let now = SystemClock.now()
        var days: ClosedRange<CivilDate>?
        if let month {
            guard let found = CivilMonth(month) else {
                throw NodeError.badInput(month, wanted: Words("a month, yyyy-mm", "月份yyyy-mm"))
            }
            days = found.days
        }
        let report = try node.statistics(of: unit, days: days, by: by, now: now)
        switch format {
        case .table: print(StatsTable(report, month: month).text)
        case .csv: print(StatsCSV(report).text, terminator: "")
        case .json: try StatsOutput(report, month: month).printJSON()
        }
    }
}
