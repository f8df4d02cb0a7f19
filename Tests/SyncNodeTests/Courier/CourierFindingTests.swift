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

    private func found(_ network: Network, at name: String, hasUplink: Bool = false) -> [Finding] {
        let service = ServiceFacts(isServed: true, hasUplink: hasUplink)
        return Examination(network[name].facts(service: service, now: network.time(at: name))).findings
            .filter { $0.code.hasPrefix("database.") }
    }

    /// No comparison can end it; what it lacks comes, and nobody is warned for ever.
    @Test func aRestoredVillageThatLivesFromSticksHasBackWhatItLost() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.enroll(Network.village)
        try network.carry(from: Network.town, to: Network.village)
        try carryBothWays(network, 1)
        let backup = try network.backUp(Network.village)
        try carryBothWays(network, 2)
        try network.loseDisk(of: Network.village)
        try network.restore(backup, at: Network.village)
        #expect(found(network, at: Network.village).map(\.code) == ["database.carried"])
        // With an address, the line is what is to be seen to.
        #expect(found(network, at: Network.village, hasUplink: true).map(\.code) == ["database.uncompared"])
        let path = [Network.village, Network.town]
        for (from, to) in [(path[0], path[1]), (path[1], path[0]), (path[0], path[1])] {
            network.pass(seconds: 60)
            try network.carry(from: from, to: to)
        }
        #expect(try network.fingerprints(of: Network.village, at: path).count == 1)
        #expect(try network[Network.village].replica.read { try $0.serviceCases(limit: 9) }.count == 2)
        #expect(found(network, at: Network.village).map(\.severity) == [.note])
    }

    /// Its own database is what it was.
    @Test func aNewParentThatWasMetByStickIsNoRestoredDatabase() throws {
        let places: [(code: String, parent: String?)] = [
            ("37", nil), ("371", "37"), ("3711", "371"), ("3712", "371"), ("37111", "3711"),
        ]
        let network = try SimulatedNetwork(
            units: places.map { code, parent in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: code.count == 2 ? 0 : code.count - 2,
                    parent: parent.flatMap { UnitCode($0) }, kind: .centre)
            }, tiers: ["city", "county", "town", "village"], nodes: places.map(\.code), seed: 3)
        try network.accept(at: "37111", route: ["3711"])
        try network.settle()
        try network.move("37111", under: "3712")
        // What it has of the village tells the new parent for whose machine it writes.
        for _ in 0..<2 { for name in ["371", "3712"] { try network.exchange(name) } }
        try network.carry(from: "3712", to: "37111")
        for (hasUplink, code) in [(false, "database.carried"), (true, "database.uncompared")] {
            let told = found(network, at: "37111", hasUplink: hasUplink)
            #expect(told.map(\.code) == [code])
            #expect(
                told.first?.what[.english].contains("3712 have not compared what they hold since the two met") == true)
        }
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
