import ArgumentParser
import NodeServer
import SyncNode

/// `terrace sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Exchange with the parent once, now.")

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
        guard let address, let endpoint = PeerEndpoint(text: address) else {
            throw NodeError.badInput(address ?? "uplink")
        }
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
