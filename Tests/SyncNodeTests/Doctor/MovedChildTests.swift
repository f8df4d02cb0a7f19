import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A unit that was moved here and has not called since is missed like one that calls no more.
@Suite struct MovedChildTests {
    private static let day: Int64 = 86_400
    private static let places: [(code: String, parent: String?, tier: Int)] = [
        ("37", nil, 0), ("371", "37", 1), ("3711", "371", 2), ("3712", "371", 2), ("37111", "3711", 3),
        ("37112", "3711", 3),
    ]

    private func silent(_ network: SimulatedNetwork, at name: String) -> String? {
        let facts = network[name].facts(service: ServiceFacts(isServed: true), now: network.time(at: name))
        return Examination(facts).findings.first { $0.code == "backlog.children" }?.what[.english]
    }

    @Test func whoHasNeverCalledHereIsMissed() throws {
        // One of the two villages has no machine, and nobody expects a call of it.
        let network = try SimulatedNetwork(
            units: Self.places.map { code, parent, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) },
                    kind: .centre)
            }, tiers: ["city", "county", "town", "village"], nodes: Self.places.dropLast().map(\.code), seed: 3)
        try network.accept(at: "37111", route: ["3711"])
        try network.settle()
        for village in ["37111", "37112"] { try network.move(village, under: "3712") }
        for _ in 0..<2 { for name in ["371", "3711", "3712"] { try network.exchange(name) } }
        #expect(silent(network, at: "3712") == nil)
        network.pass(seconds: 4 * Self.day)
        let told = try #require(silent(network, at: "3712"))
        #expect(told.contains("37111") && !told.contains("37112"))
        #expect(silent(network, at: "3711") == nil)
        for _ in 0..<2 { try network.exchange("37111") }
        #expect(silent(network, at: "3712") == nil)
        // Above it was the one that it has called, and nobody was above that one.
        func formerlyAbove(_ name: String) -> [String]? {
            let facts = network[name].facts(service: ServiceFacts(isServed: true), now: network.time(at: name))
            return facts.replica?.formerlyAbove
        }
        #expect(formerlyAbove("37111") == ["3711"])
        for name in ["371", "3711", "3712"] { #expect(formerlyAbove(name) == [], "\(name)") }
        // Back at its former parent, which it has not called for days: what it did meanwhile speaks for it.
        try network.accept(at: "37111", number: 2, route: ["3712"])
        for name in ["37111", "3712", "371"] { try network.exchange(name) }
        try network.move("37111", under: "3711")
        for _ in 0..<3 { for name in ["371", "3711", "3712"] { try network.exchange(name) } }
        #expect(silent(network, at: "3711") == nil)
    }
}
