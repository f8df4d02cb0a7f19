import ArgumentParser
import Foundation
import Logging
import NodeServer
import ServiceHall
import ServiceModel
import SyncNode

/// `terrace serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the node: let children in, keep the link to the parent, open the hall.",
        discussion: """
            Settings come from terrace.yaml in the data directory (listen, uplink, hall, rate, hours, backups,
            backupsKept); options here override it.
            If the parent does not answer for a minute, the next of several uplinks stands in until it is back.
            With --backups a verified backup is made every night in a folder on another disk, as `terrace backup` does;
            of those that nobody named the newest stay, fewer where the disk is full.
            Commands may be used on the same data directory meanwhile. SIGTERM or Ctrl-C stops it in good order. Where
            it listens is said on standard output, with --format json as one object a line; the log goes to standard
            error. Example:
              terrace serve --data village --hall 127.0.0.1:8480
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: ArgumentHelp("Where children arrive; port 0 lets the system choose.", valueName: "host:port"))
    var listen: String?

    @OptionGroup var line: UplinkOptions

    @OptionGroup var leaving: LeaveBehindOptions

    @Option(
        help: ArgumentHelp(
            "Use the line upward in these hours only, by civil time; they may go over midnight.",
            valueName: "hh:mm-hh:mm"))
    var hours: String?

    @Option(
        help: ArgumentHelp(
            "Make a backup every night in this folder, which is there already and on another disk.",
            valueName: "folder"))
    var backups: String?

    @Option(help: ArgumentHelp("How many of them stay; 14 when left out.", valueName: "count"))
    var backupsKept: Int?

    @Option(
        help: ArgumentHelp(
            "Where people at this counter find the pages, and programs the API; port 0 lets the system choose.",
            valueName: "host:port"))
    var hall: String?

    @Flag(help: "Let the hall be on an address that other machines reach, where nobody is asked who they are.")
    var hallAnywhere = false

    @Option(help: "Least important messages that are logged: debug, info, warning, error.")
    var log = "info"

    @Option(help: "table or json: how it says where it listens.")
    var format = OutputFormat.table

    /// What is said when a port is open.
    private struct Ready: Encodable {
        var node: String?
        var port: Int?
        var hall: String?
    }

    func run() async throws {
        let settings = try NodeSettings.read(node.directory)
        var logger = Logger(label: "terrace") { StreamLogHandler.standardError(label: $0) }
        guard let level = Logger.Level(rawValue: log) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw NodeError.badInput(log, wanted: Words(name: known))
        }
        logger.logLevel = level
        let plan = ServerPlan(
            listen: try Self.endpoint(listen ?? settings.listen),
            uplinks: try line.endpoints(else: settings), terms: try line.terms(hours: hours, else: settings),
            backups: try settings.backupPlan(folder: backups, kept: backupsKept))
        let hall = try Self.endpoint(hall ?? settings.hall).map { try HallAddress($0, anywhere: hallAnywhere) }
        let node = try leaving.open(node)
        let server = try NodeServer(node: node, plan: plan, logger: logger)
        let services = hall.map { address in
            let pages = Pages(Self.desk(of: server))
            return Hall(server.desk, at: address, logger: logger, pages: { pages.addRoutes(to: $0) }) { port in
                let place = "http://\(address.authority(port: port))/"
                say(Ready(hall: place), "hall open at \(place)")
            }
        }
        try await server.run(with: services.map { [$0] } ?? []) { port in
            say(Ready(node: node.name.description, port: port), "node \(node.name) listening on port \(port)")
        }
    }

    /// What the pages work on: this node, with the clock and the line of this process.
    private static func desk(of server: NodeServer) -> PageDesk {
        let desk = server.desk
        return PageDesk(
            node: desk.node, service: { desk.service }, announce: desk.news.announce, now: desk.now)
    }

    private func say(_ ready: Ready, _ text: String) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(ready)).map { String(decoding: $0, as: UTF8.self) }
        print(format == .json ? json ?? text : text)
        fflush(nil)
    }

    private static func endpoint(_ text: String?) throws -> PeerEndpoint? {
        guard let text else { return nil }
        return try PeerEndpoint(typed: text)
    }
}
