import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace enroll`.
struct EnrollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Make a node of a machine, with a code from the unit above.",
        discussion: """
            At the parent:    terrace enroll code 379902001001
            At the new node:  terrace enroll join --unit 379902001001 --parent town.example:7443 --code XXXX-XXXX-…
            """,
        subcommands: [EnrollCodeCommand.self, EnrollJoinCommand.self], defaultSubcommand: EnrollJoinCommand.self)
}

/// `terrace enroll code`.
struct EnrollCodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code",
        abstract: "Issue a one-time code for a unit below this one; it is good for seven days.")

    @OptionGroup var node: NodeOptions

    @Argument(help: "Code of the unit.")
    var unit: String

    func run() throws {
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        print(try node.open().issueEnrollmentCode(for: code, now: SystemClock.now()).text)
    }
}

/// `terrace enroll join`.
struct EnrollJoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Get a certificate, the topology and the catalog from the parent.")

    @OptionGroup var node: NodeOptions

    @Option(help: "Code of this machine's unit.")
    var unit: String

    @Option(help: ArgumentHelp("Address of the parent's sync port.", valueName: "host:port"))
    var parent: String

    @Option(help: "The code that the parent issued.")
    var code: String

    @Option(help: ArgumentHelp("Where this node's own children will arrive.", valueName: "host:port"))
    var listen: String?

    func run() async throws {
        guard let unit = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        guard let endpoint = PeerEndpoint(text: parent) else { throw NodeError.badInput(parent) }
        let directory = node.directory
        let enrollee = try Enrollee(code: code, unit: unit, in: directory)
        let enrolled = try await EnrollmentCall.enroll(enrollee, at: endpoint, now: SystemClock.now)
        try NodeSettings(listen: listen, uplink: parent).write(directory)
        print("node \(enrolled.name) in \(directory.url.path)")
        let report = try await Uplink.once(enrolled, to: endpoint)
        print("first load: \(report.newChangeSets) change sets in \(report.receivedBytes) bytes")
    }
}
