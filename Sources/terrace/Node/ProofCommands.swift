import ArgumentParser
import Foundation
import Replica
import ServiceModel
import SyncNode

/// `terrace verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Print the fingerprint of a unit's cases, computed again from journal bytes.",
        discussion: """
            It is the same at every node that holds the same: leaves, folded state, audience, conflicts. Example:
              terrace verify --unit 379902
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Code of the unit whose cases are meant.")
    var unit: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        let print = try node.open().replica.read { transaction in
            guard transaction.charter.current.topology.contains(code) else { throw NodeError.unknownUnit(unit) }
            return try transaction.fingerprint(of: code)
        }
        struct Output: Encodable {
            let unit: String
            let fingerprint: String
            let cases: Int
            let changeSets: Int
            let conflicts: Int
            let pending: Int
            let void: Int
        }
        switch format {
        case .json:
            try Output(
                unit: unit, fingerprint: print.digest.description, cases: print.cases, changeSets: print.changeSets,
                conflicts: print.conflicts, pending: print.pending, void: print.void
            ).printJSON()
        case .table:
            Swift.print("\(print.digest)  \(unit)")
            Swift.print(
                "cases \(print.cases), change sets \(print.changeSets), conflicts \(print.conflicts), "
                    + "pending \(print.pending), void \(print.void)")
        }
    }
}

/// `terrace rebuild`.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the derived tables again from the journal.",
        discussion: """
            With --check nothing is changed; it ends with 1 when a single cell differs. Example:
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
        let tables = try node.open().replica.rebuild(keeping: !check)
        if format == .json {
            try tables.map { Output(table: $0.name, rows: $0.rows, isSame: $0.isSame) }.printJSON()
        }
        for table in tables where format == .table {
            print("\(table.isSame ? "same     " : "different") \(table.name), \(table.rows) rows")
        }
        if check, tables.contains(where: { !$0.isSame }) { throw ExitCode.failure }
    }
}
