import ChangeSet
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// An author counts as introduced by a batch that was lost: a cursor has passed its end with other work. That does not
/// hold up the link for good.
@Suite struct UnknownAuthorTests {
    private static let all = [Network.city, Network.county, Network.town, Network.village, Network.neighbour]

    /// What the town has of a neighbour of its own: that the second village was introduced there.
    private func believe(_ network: SimulatedNetwork, introducedTo unit: String) throws {
        try network.change(
            Network.town,
            """
            INSERT OR REPLACE INTO peer_author (peer, author, feed, position)
            SELECT peer.id, author.id, 2, 0 FROM peer JOIN author ON author.unit = '\(Network.neighbour)'
            WHERE peer.unit = '\(unit)'
            """)
    }

    /// The town has confirmed and has sent something, and nobody but it knows the second village.
    private func network() throws -> SimulatedNetwork {
        let network = try Network(Self.all)
        try network.accept(at: Network.town, number: 1, route: [Network.village])
        for name in [Network.neighbour, Network.village, Network.town] { try network.exchange(name) }
        for name in [Network.town, Network.village] { try network.exchange(name) }
        try network.accept(at: Network.neighbour, number: 2, route: [Network.village])
        try network.exchange(Network.neighbour)
        return network
    }

    @Test func aChildCompares() throws {
        let network = try network()
        try believe(network, introducedTo: Network.village)
        let first = try #require(try network.exchange(Network.village))
        #expect(first.child.refusedBatches > 0)
        let second = try #require(try network.exchange(Network.village))
        #expect(second.child.comparison?.isOver == true)
        #expect(try network.fingerprints(of: Network.neighbour, at: [Network.town, Network.village]).count == 1)
        // From then on cursors are relied on again.
        #expect(try network.exchange(Network.village)?.child.comparison == nil)
    }

    @Test func aParentIsTold() throws {
        let network = try network()
        try believe(network, introducedTo: Network.county)
        let reports = try #require(try network.exchange(Network.town))
        #expect(reports.parent.refusedBatches > 0)
        try network.exchange(Network.town)
        #expect(try network.fingerprints(of: Network.neighbour, at: [Network.town, Network.county]).count == 1)
    }

    /// Batches of both feeds were on their way when the first was refused.
    @Test func aParentIsToldOfEachFeed() throws {
        let network = try Network(Self.all)
        func write(at name: String, _ number: Int) throws {
            try network.accept(at: name, number: number, route: [Network.village])
            _ = try network[name].publish(
                [CatalogActionTests.item("JZ-0\(number)")], by: CatalogActionTests.clerk, now: network.now)
        }
        try write(at: Network.town, 1)
        for _ in 0..<2 {
            for name in [Network.neighbour, Network.village, Network.town] { try network.exchange(name) }
        }
        try write(at: Network.neighbour, 2)
        try network.exchange(Network.neighbour)
        try believe(network, introducedTo: Network.county)
        let reports = try #require(try network.exchange(Network.town))
        #expect(reports.parent.refusedBatches > 1)
        try network.exchange(Network.town)
        #expect(try network.fingerprints(of: Network.neighbour, at: [Network.town, Network.county]).count == 1)
        let published = try network[Network.county].replica.read { try $0.catalogItems(code: "JZ-02") }
        #expect(published.count == 1)
    }
}
