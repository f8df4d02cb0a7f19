import ArgumentParser
import NodeServer
import ServiceModel
import SyncNode

/// `terrace case fetch`.
struct CaseFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Ask for a case back that is kept at the unit above.",
        discussion: """
            A serving node brings it with its next exchange, which follows at once where the line is up; else `terrace
            verify --with PARENT --repair` does. It then stays for a month at the least. Example:
              terrace case fetch 379902001001-1-0000042-K7P-J
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The receipt number; small letters and blanks do no harm.")
    var receipt: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let receipt: String
        let isAskedFor: Bool
    }

    func run() throws {
        try node.open().fetchCase(typed: receipt, now: SystemClock.now())
        switch format {
        case .json: try Output(receipt: ReceiptNumber.printed(receipt), isAskedFor: true).printJSON()
        case .table: print(Words("asked for", "已申请取回")[.current])
        }
    }
}
