import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Found a network: its authority, and the node of its root unit.",
        discussion: """
            Run once, at the city. It makes the authority's key (authority.key, to be taken off this machine and kept
            under lock), the network's first charter entry, and the root's node. Then import a topology, serve, and
            issue enrollment codes to the units below. Example:
              terrace init --data city --network 滨湖市政务服务 --unit 3799 --name 滨湖市 --listen 0.0.0.0:7443
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Name of the network, as it stands in certificates.")
    var network: String

    @Option(help: "Code of the root unit.")
    var unit: String

    @Option(help: "Name of the root unit.")
    var name: String

    @Option(help: "Names of the tiers from the top, with commas between.")
    var tiers = "city,county,town,village"

    @Option(help: ArgumentHelp("Where children will arrive.", valueName: "host:port"))
    var listen: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let network: String
        let node: String
        let data: String
        let authorityKey: String
    }

    func run() throws {
        guard let code = UnitCode(unit) else { throw NodeError.badInput(unit, wanted: .unitCode) }
        _ = try listen.map { try PeerEndpoint(typed: $0) }
        let plan = NetworkPlan(
            network: network, root: code, rootName: name, tiers: tiers.split(separator: ",").map(String.init))
        let directory = node.directory
        let founded = try Node.found(plan, in: directory, now: SystemClock.now(), entropy: SystemClock.entropy)
        try NodeSettings(listen: listen).write(directory)
        let output = Output(
            network: founded.genesis.id.description, node: founded.name.description, data: directory.url.path,
            authorityKey: directory.authorityKey.path)
        guard format == .table else { return try output.printJSON() }
        print("network \(output.network)")
        print("node \(output.node) in \(output.data)")
        print("keep \(output.authorityKey) off line")
    }
}
