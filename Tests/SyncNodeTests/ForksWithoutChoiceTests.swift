import ChangeSet
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Two machines under one name between whose lines no cut can choose.
@Suite struct ForksWithoutChoiceTests {
    private func standing(_ network: Network, _ name: String) -> [String] {
        let facts = network[name].facts(service: ServiceFacts(isServed: true), now: network.time(at: name))
        return Examination(facts).findings.map(\.code).filter { $0.hasPrefix("standing.") }
    }

    /// A clone of a unit's disk: each of both machines does something of its own, and all hear of both.
    private func cloned(
        _ name: String, _ work: (Network, _ number: Int) throws -> Void
    ) throws -> Network {
        let network = try Network([Network.city, Network.county, Network.town])
        try work(network, 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(name)
        try work(network, 2)
        let original = try network.sit(name, at: copy)
        try work(network, 3)
        for machine in [copy, original, copy, original] {
            try network.sit(name, at: machine)
            try network.settle(rounds: 1)
        }
        return network
    }

    @Test func aForkedRootIsNotToldToCallTheRoot() throws {
        let network = try cloned(Network.city) {
            try $0.accept(at: Network.city, number: $1, route: [Network.county])
        }
        #expect(try network[Network.city].replica.read { try $0.forkEvidence() }.count == 1)
        #expect(standing(network, Network.city) == ["standing.forkedRoot"])
        #expect(standing(network, Network.county) == ["standing.forkOfRoot"])
        // The other machine was switched off, and both lines are kept.
        network.pass(seconds: 8 * 86_400)
        #expect(standing(network, Network.city) == ["standing.rootHadForked"])
        let root = network[Network.city].name
        #expect(throws: CutError.ownNode) {
            try network[Network.city].cut(CutWish(unit: root.unit, ordinal: root.ordinal), now: network.now)
        }
    }

    /// The way out that the doctor names for it is one.
    @Test func whereOnlyPublishedItemsForkNoLineIsKept() throws {
        let network = try cloned(Network.county) { network, number in
            try network[Network.county].publish(
                [CatalogActionTests.item("QX-\(number)")], by: CatalogActionTests.clerk, now: network.now)
        }
        let city = network[Network.city]
        let forks = try city.replica.read { try $0.forkEvidence() }
        #expect(forks.map(\.feed) == [.published])
        #expect(standing(network, Network.city) == ["standing.unchosen"])
        let line = try #require(forks.first?.branches.first?.name)
        let unit: UnitCode = "379902"
        #expect(throws: CutError.forkOfPublished) {
            try city.cut(CutWish(unit: unit, ordinal: 1, keeping: line), now: network.now)
        }
        _ = try city.cut(CutWish(unit: unit, ordinal: 1), now: network.now)
        #expect(standing(network, Network.city) == [])
        for code in ["QX-1", "QX-2", "QX-3"] {
            #expect(try city.replica.read { try $0.catalogItems(code: code).count } == 1, "\(code)")
        }
    }
}
