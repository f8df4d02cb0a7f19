import ChangeSet
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A parent whose disk was set back lacks what its charter said, and is sent what rests on it before it has said so.
@Suite struct CharterBehindTests {
    private static let city = "37", county = "371", town = "3712", village = "37111"

    private static func network() throws -> SimulatedNetwork {
        let places: [(String, String?, Int)] = [
            (city, nil, 0), (county, city, 1), ("3711", county, 2), (town, county, 2), (village, "3711", 3),
        ]
        return try SimulatedNetwork(
            units: places.compactMap { code, parent, tier in
                UnitCode(code).map {
                    UnitEntry(code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) })
                }
            }, tiers: ["city", "county", "town", "village"], nodes: [city, county, "3711", town, village], seed: 1)
    }

    /// Swarm seed 600595: the town had enrolled a village that had come under it, and the county did not know of that.
    @Test func theCharterGoesBeforeWhomItLetsEnroll() throws {
        let network = try Self.network()
        try network.settle(rounds: 1)
        let snapshot = try network.snapshot(Self.county)
        try network.move(Self.village, under: Self.town)
        for name in [Self.county, Self.town] { try network.exchange(name) }
        try network.enroll(Self.village)
        try network.exchange(Self.village)
        try network.accept(at: Self.village, number: 1, route: [Self.town, Self.county])
        try network.exchange(Self.village)
        try network.rollBack(to: snapshot)
        let report = try #require(try network.exchange(Self.town))
        #expect(report.parent.refusedBatches > 0)
        try network.settle(rounds: 2)
        #expect(try network.fingerprints(of: Self.village, at: [Self.city, Self.county, Self.town]).count == 1)
    }
}
