import ServiceModel
import Testing

@testable import Simulator

/// Whoever looks reads files, and opens a node by it that was closed.
@Suite struct LookTests {
    /// A root that begins anew as the judges ask it says what it leaves behind while they are at work.
    @Test func aLookMayOpenARootThatLostItsAnchor() throws {
        let below = (1...7).map { "37\($0)" }
        let units = (["37"] + below).compactMap { code in
            UnitCode(code).map {
                UnitEntry(
                    code: $0, name: code, tier: code == "37" ? 0 : 1, parent: code == "37" ? nil : UnitCode("37"),
                    kind: .centre)
            }
        }
        let network = try SimulatedNetwork(
            units: units, tiers: ["city", "county"], nodes: below, seed: 1, mostOpen: 3)
        let simulation = Simulation(network, seed: 1)
        try simulation.look()
        try network.loseAnchor(of: network.root)
        for name in below { _ = try network.node(name) }
        let life = network.life(of: network.root)
        try simulation.look()
        #expect(network.life(of: network.root) != life && simulation.leftBehind[network.root] != nil)
        #expect(simulation.failures == [])
    }
}
