import ArgumentParser
import NodeServer
import SyncNode

/// `terrace sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Exchange with the parent once, now.",
        discussion: """
            For a node that nobody serves; a serving one exchanges by itself. Example:
              terrace sync --data village
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: ArgumentHelp("The parent's sync port.", valueName: "host:port"))
    var uplink: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    /// Bytes are those of the bodies, compressed and before TLS.
    private struct Output: Encodable {
        let sentBytes: Int
        let receivedBytes: Int
        let sentBatches: Int
        let receivedBatches: Int
        let newChangeSets: Int
        let roundTrips: Int
    }

    func run() async throws {
        let address = try uplink ?? NodeSettings.read(node.directory).uplink
        guard let address else { throw NodeError.noUplink }
        let endpoint = try PeerEndpoint(typed: address)
        let report = try await Uplink.once(try node.open(), to: endpoint)
        guard format == .table else {
            return try Output(
                sentBytes: report.sentBytes, receivedBytes: report.receivedBytes, sentBatches: report.sentBatches,
                receivedBatches: report.receivedBatches, newChangeSets: report.newChangeSets,
                roundTrips: report.roundTrips
            ).printJSON()
        }
        print("sent \(report.sentBytes) bytes, received \(report.receivedBytes) bytes, \(report.newChangeSets) new")
    }
}
