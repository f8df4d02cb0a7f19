import ArgumentParser
import Replica
import SyncNode

/// `terrace rebuild`.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the derived tables again from the journal.",
        discussion: """
            What the node holds is compared with its neighbours after that. With --check nothing is changed; it ends
            with 1 when a single cell differs. Example:
              terrace rebuild --check
            """)

    @OptionGroup var node: NodeOptions

    @Flag(help: "Only compare.")
    var check = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let table: String
        let rows: Int
        let isSame: Bool
    }

    func run() throws {
        let node = try check ? node.openToRead() : node.open()
        let tables = try check ? node.replica.rebuild(keeping: false) : node.rebuild()
        if format == .json {
            try tables.map { Output(table: $0.name, rows: $0.rows, isSame: $0.isSame) }.printJSON()
        }
        for table in tables where format == .table {
            print("\(table.isSame ? "same     " : "different") \(table.name), \(table.rows) rows")
        }
        if check, tables.contains(where: { !$0.isSame }) { throw ExitCode.failure }
    }
}
