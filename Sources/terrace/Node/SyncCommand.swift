import ArgumentParser
import NodeServer
import SyncNode

/// `terrace sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Exchange with the parent once, now.",
        discussion: """
            For a node that nobody serves; a serving one exchanges by itself. Of several uplinks the first that answers
            is taken; the hours of the settings play no part. Example:
              terrace sync --data village
            """)

    @OptionGroup var node: NodeOptions

    @OptionGroup var line: UplinkOptions

    @OptionGroup var leaving: LeaveBehindOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    /// Bytes are those of the bodies, compressed and before TLS.
    private struct Output: Encodable {
        /// With whom it was.
        let unit: String?
        let sentBytes: Int
        let receivedBytes: Int
        let sentBatches: Int
        let receivedBatches: Int
        let newChangeSets: Int
        let roundTrips: Int
    }

    func run() async throws {
        let settings = try NodeSettings.read(node.directory)
        let endpoints = try line.endpoints(else: settings)
        guard !endpoints.isEmpty else { throw NodeError.noUplink }
        let (report, through) = try await Uplink.once(
            try leaving.open(node), to: endpoints, terms: try line.terms(else: settings))
        guard format == .table else {
            return try Output(
                unit: through?.unit.text,
                sentBytes: report.sentBytes, receivedBytes: report.receivedBytes, sentBatches: report.sentBatches,
                receivedBatches: report.receivedBatches, newChangeSets: report.newChangeSets,
                roundTrips: report.roundTrips
            ).printJSON()
        }
        if let through, !through.isParent { print("through \(through.unit) in place of the parent") }
        print("sent \(report.sentBytes) bytes, received \(report.receivedBytes) bytes, \(report.newChangeSets) new")
    }
}
