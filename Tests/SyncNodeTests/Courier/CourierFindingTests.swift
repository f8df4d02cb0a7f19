import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Whoever lives from sticks is not told for ever to see to a line.
@Suite struct CourierFindingTests {
    private static let day: Int64 = 86_400

    private func codes(_ network: Network, hasUplink: Bool? = false) -> [String] {
        let service = ServiceFacts(isServed: true, hasUplink: hasUplink)
        let facts = network[Network.village].facts(service: service, now: network.time(at: Network.village))
        return Examination(facts).findings.map(\.code).filter { $0.hasPrefix("line.") || $0.hasPrefix("proof.") }
    }

    private func carryBothWays(_ network: Network, _ number: Int) throws {
        try network.accept(at: Network.village, number: number)
        try network.carry(from: Network.village, to: Network.town)
        try network.carry(from: Network.town, to: Network.village)
    }

    @Test func aVillageThatLivesFromSticksIsSound() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.enroll(Network.village)
        #expect(codes(network) == ["line.noUplink"])
        try network.carry(from: Network.town, to: Network.village)
        try carryBothWays(network, 1)
        network.pass(seconds: 4 * Self.day)
        try carryBothWays(network, 2)
        #expect(codes(network) == ["proof.carried"])
        // A command beside the serving node does not know of its addresses.
        #expect(!codes(network, hasUplink: nil).contains("proof.never"))
        // With an address, the line is what is to be seen to.
        #expect(codes(network, hasUplink: true).contains("proof.never"))
        network.pass(seconds: 8 * Self.day)
        #expect(codes(network) == ["line.silent", "proof.carried"])
    }

    @Test func whoHasHadALineIsToldForAWeekThatItsAddressIsGone() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.settle(rounds: 1)
        _ = try network.exchange(Network.village, mode: .looks)
        try carryBothWays(network, 1)
        #expect(codes(network).contains("line.noUplink"))
        network.pass(seconds: 8 * Self.day)
        try carryBothWays(network, 2)
        #expect(codes(network) == ["proof.carried"])
    }
}
