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
            issue enrollment codes to the units below.
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

    func run() throws {
        guard let code = UnitCode(unit) else { throw NodeError.badInput(unit) }
        let plan = NetworkPlan(
            network: network, root: code, rootName: name, tiers: tiers.split(separator: ",").map(String.init))
        let directory = node.directory
        let founded = try Node.found(plan, in: directory, now: SystemClock.now(), entropy: SystemClock.entropy)
        try NodeSettings(listen: listen).write(directory)
        print("network \(founded.genesis.id)")
        print("node \(founded.name) in \(directory.url.path)")
        print("keep \(directory.authorityKey.path) off line")
    }
}
