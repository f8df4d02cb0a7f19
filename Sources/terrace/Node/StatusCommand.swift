import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say who this node is, what it holds, and how its lines stand.")

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Contact: Encodable {
        let unit: String
        let name: String
        let node: UInt32
        let isParent: Bool
        /// Seconds since 1970 by this node's clock.
        let last: Int64
    }

    private struct Output: Encodable {
        let unit: String
        let name: String
        let node: UInt32
        let network: String
        let charter: UInt64
        let units: Int
        let cases: Int
        let unsettled: Int
        let unsent: Int
        let contacts: [Contact]
    }

    func run() throws {
        let node = try node.open()
        let output = try node.replica.read { transaction -> Output in
            let topology = transaction.charter.current.topology
            let counts = try transaction.caseCounts()
            let above = topology.parent(of: node.name.unit)
            let contacts = try transaction.contacts().filter { $0.time > 0 }.map {
                Contact(
                    unit: $0.unit.text, name: topology[$0.unit]?.name ?? "", node: $0.node,
                    isParent: $0.unit == above, last: $0.time)
            }
            let parent = try contacts.first(where: \.isParent).flatMap { contact in
                try UnitCode(contact.unit).flatMap { try transaction.latestPeer(unit: $0, node: contact.node) }
            }
            return Output(
                unit: node.name.unit.text, name: topology[node.name.unit]?.name ?? "", node: node.name.ordinal,
                network: node.genesis.network, charter: transaction.pin.number, units: topology.count,
                cases: counts.all, unsettled: counts.unsettled,
                unsent: node.isRoot ? 0 : try transaction.backlog(toward: parent), contacts: contacts)
        }
        guard format == .table else { return try output.printJSON() }
        print("\(output.unit)#\(output.node) \(output.name), network \(output.network)")
        print("charter entry \(output.charter), \(output.units) units")
        print("\(output.cases) cases, \(output.unsettled) unsettled")
        print("\(output.unsent) change sets wait to be sent up")
        let now = SystemClock.now().seconds
        for contact in output.contacts {
            let kind = contact.isParent ? "parent" : "child"
            print("\(kind) \(contact.unit)#\(contact.node) \(contact.name): last heard \(max(0, now - contact.last)) s ago")
        }
    }
}

/// `terrace version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of the program and of its protocol.")

    func run() { print("terrace 0.1.0, protocol \(SyncVersion.protocol)") }
}
