import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace topology import`.
struct TopologyImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a topology file part of the charter, at the root.",
        discussion: """
            Units that are new or changed are written as one group of charter entries; units that the file does not name
            end today. The same file twice changes nothing. A file with problems is refused whole, each with its line.
            Example:
              terrace topology import --data city divisions.csv
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "A .yaml or .csv file.")
    var file: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let added: Int
        let changed: Int
        let unchanged: Int
    }

    func run() throws {
        let plan = try TopologyFile.read(path: file)
        let node = try node.open()
        let now = SystemClock.now()
        guard let today = CivilDate(dayNumber: now.day) else { throw NodeError.badInput("\(now.day)") }
        let changes = try node.replica.read { transaction in
            let topology = transaction.charter.current.topology
            return try plan.changes(
                from: topology.codes.compactMap { topology[$0] }, lastDay: today)
        }
        try node.importUnits(changes.map(\.unit), now: now)
        let added = changes.count { $0.before == nil }
        // Units that end are changed and are not in the file.
        let named = Set(plan.rows.map(\.code))
        let touched = changes.count { named.contains($0.unit.code.text) }
        let output = Output(added: added, changed: changes.count - added, unchanged: plan.rows.count - touched)
        guard format == .table else { return try output.printJSON() }
        print(
            Words(
                "\(output.added) units added, \(output.changed) changed, \(output.unchanged) unchanged",
                "新增单位\(output.added)，变更\(output.changed)，不变\(output.unchanged)")[.current])
    }
}
