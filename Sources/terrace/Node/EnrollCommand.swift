import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode
import Trust

/// `terrace enroll`.
struct EnrollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Make a node of a machine, with a code from the unit above.",
        discussion: """
            At the parent:    terrace enroll code 379902001001
            At the new node:  terrace enroll join --unit 379902001001 --parent town.example:7443 --code CODE
            """,
        subcommands: [EnrollCodeCommand.self, EnrollJoinCommand.self, EnrollAgainCommand.self],
        defaultSubcommand: EnrollJoinCommand.self)
}

/// `terrace enroll code`.
struct EnrollCodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code",
        abstract: "Issue a one-time code for a unit below this one; it is good for seven days.",
        discussion: """
            Only the unit's parent may. The code is shown once and kept nowhere. Example:
              terrace enroll code --data town 379902001001
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "Code of the unit.")
    var unit: String

    @Flag(help: "Also for a unit that has ended, whose machine has still to bring up what it holds.")
    var ended = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        struct Output: Encodable {
            let unit: String
            let code: String
        }
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        let issued = try node.open().issueEnrollmentCode(for: code, evenEnded: ended, now: SystemClock.now()).text
        switch format {
        case .json: try Output(unit: unit, code: issued).printJSON()
        case .table: print(issued)
        }
    }
}

/// `terrace enroll join`.
struct EnrollJoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Get a certificate, the topology and the catalog from the parent.",
        discussion: """
            The parent must be serving. If the first load is cut off, the node is enrolled all the same, and
            `terrace sync` or `terrace serve` goes on with it. Example:
              terrace enroll join --data village --unit 379902001001 --parent town.example:7443 --code CODE
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Code of this machine's unit.")
    var unit: String

    @Option(
        help: ArgumentHelp(
            "Address of the parent's sync port; once more for each unit above it that may stand in for it later.",
            valueName: "host:port"))
    var parent: [String]

    @Option(help: "The code that the parent issued.")
    var code: String

    @Option(help: ArgumentHelp("Where this node's own children will arrive.", valueName: "host:port"))
    var listen: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let node: String
        let data: String
        let newChangeSets: Int
        let receivedBytes: Int
    }

    func run() async throws {
        guard let unit = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        let endpoints = try parent.map { try PeerEndpoint(typed: $0) }
        guard let endpoint = endpoints.first else { throw NodeError.noUplink }
        _ = try listen.map { try PeerEndpoint(typed: $0) }
        let directory = node.directory
        let enrollee = try Enrollee(code: code, unit: unit, in: directory)
        let enrolled = try await EnrollmentCall.enroll(enrollee, at: endpoint, now: SystemClock.now)
        try NodeSettings(listen: listen, uplink: UplinkAddresses(parent)).write(directory)
        if format == .table { print("node \(enrolled.name) in \(directory.url.path)") }
        let (report, _) = try await Uplink.once(enrolled, to: [endpoint])
        guard format == .table else {
            return try Output(
                node: enrolled.name.description, data: directory.url.path, newChangeSets: report.newChangeSets,
                receivedBytes: report.receivedBytes
            ).printJSON()
        }
        print("first load: \(report.newChangeSets) change sets in \(report.receivedBytes) bytes")
    }
}

/// `terrace enroll again`.
struct EnrollAgainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "again",
        abstract: "Give a machine that was cut off another name; it keeps all that it holds.",
        discussion: """
            For a machine whose node the root has cut, because two machines went under one name for example. Its unit's
            parent issues another code. What it wrote after the cut goes up as proposals, which its unit, or whoever
            inherited, admits or declines. Stop the server before. If it was cut off, give it once more, with the same
            code. Example:
              terrace enroll again --data village --parent town.example:7443 --code CODE
            """)

    @OptionGroup var node: NodeOptions

    @Option(
        help: ArgumentHelp(
            "Address of the parent's sync port; the one of the settings, unless given.", valueName: "host:port"))
    var parent: String?

    @Option(help: "The code that the parent issued.")
    var code: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let formerly: String
        let node: String
        let sentBytes: Int
        let newChangeSets: Int
    }

    func run() async throws {
        var settings = try NodeSettings.read(node.directory)
        guard let address = parent ?? settings.uplink?.list.first else { throw NodeError.noUplink }
        let endpoint = try PeerEndpoint(typed: address)
        let (former, enrolled) = try await enroll(at: endpoint)
        let standIns = settings.uplink?.list.filter { $0 != address } ?? []
        settings.uplink = UplinkAddresses([address] + standIns)
        try settings.write(node.directory)
        let (report, _) = try await Uplink.once(enrolled, to: [endpoint])
        let output = Output(
            formerly: former.description, node: enrolled.name.description, sentBytes: report.sentBytes,
            newChangeSets: report.newChangeSets)
        guard format == .table else { return try output.printJSON() }
        let named =
            former == enrolled.name
            ? "\(output.node) had this name of the code already" : "\(output.formerly) is now \(output.node)"
        print("\(named); \(output.newChangeSets) change sets were new here")
    }

    /// - Returns: the same name twice where it had been done before.
    private func enroll(at endpoint: PeerEndpoint) async throws -> (former: NodeName, node: Node) {
        let lock = try ServerLock(node.directory)
        defer { withExtendedLifetime(lock) {} }
        let former = try node.open()
        let enrollee = try Enrollee(code: code, anew: former)
        do {
            return (former.name, try await EnrollmentCall.enroll(enrollee, at: endpoint, now: SystemClock.now))
        } catch let error as LinkError where error.isUsedCode {
            guard try await EnrollmentCall.hasUsed(code, former, at: endpoint) else { throw error }
            return (former.name, former)
        }
    }
}
