import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say who this node is, what it holds, how its line stands, and what waits to be sent.",
        discussion: """
            Works beside a serving node and without one. What is not as it should be is said with the way out;
            `terrace doctor` says more of it, also where the node cannot be opened. Example:
              terrace status --data village
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let node = try node.openToRead()
        let service = ServiceFacts(beside: node.directory)
        let now = SystemClock.now()
        let output = try node.replica.read { try StatusOutput(node, uplink: service.line, now: now, in: .current, $0) }
        switch format {
        case .json: try output.printJSON()
        case .table:
            let examination = Examination(node.facts(service: service, now: now))
            let text = StatusText(output, examination.findings, isServed: service.isServed)
            print(text.lines.map { $0[.current] }.joined(separator: "\n"))
        }
    }
}

/// `terrace version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the versions of the program and of its protocol.",
        discussion: """
            Two nodes exchange when their protocols are the same. Example:
              terrace version --format json
            """)

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        struct Output: Encodable {
            let terrace: String
            let `protocol`: UInt32
        }
        switch format {
        case .json: try Output(terrace: ProgramVersion.current, protocol: SyncVersion.protocol).printJSON()
        case .table: print("terrace \(ProgramVersion.current), protocol \(SyncVersion.protocol)")
        }
    }
}
