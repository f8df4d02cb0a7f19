import ArgumentParser
import Foundation
import NodeServer
import SyncNode

/// `terrace status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say who this node is, what it holds, and how its lines stand.")

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let node = try node.open()
        let output = try node.replica.read { try StatusOutput(node, $0) }
        guard format == .table else { return try output.printJSON() }
        print("\(output.unit)#\(output.node) \(output.name), network \(output.network)")
        print("charter entry \(output.charter), \(output.units) units")
        print("\(output.cases) cases, \(output.unsettled) unsettled")
        print("\(output.unsent) change sets wait to be sent up")
        let now = SystemClock.now().seconds
        for contact in output.contacts {
            let kind = contact.isParent ? "parent" : "child"
            print(
                "\(kind) \(contact.unit)#\(contact.node) \(contact.name): "
                    + "last heard \(max(0, now - contact.last)) s ago"
            )
        }
    }
}

/// `terrace version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of the program and of its protocol.")

    func run() { print("terrace 0.1.0, protocol \(SyncVersion.protocol)") }
}
