import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What one batch carries stays within what its receiver takes, however many authors wrote.
@Suite struct ManyAuthorsTests {
    @Test func aCountyPassesOnWhatSeventyVillagesWrote() throws {
        let villages = (0..<70).map { "3799020010\(10 + $0)" }
        var units = [(Network.city, nil, 0), (Network.county, Network.city, 1)].map(Self.unit)
        units += villages.map { Self.unit(($0, Network.county, 2)) }
        let network = try SimulatedNetwork(
            units: units, tiers: ["city", "county", "village"], nodes: units.map(\.code.text), seed: 2)
        for village in villages {
            try network.accept(at: village)
            try network.exchange(village)
        }
        let report = try #require(try network.exchange(Network.county)).child
        #expect(report.sentBatches == 2)
        for village in villages {
            #expect(try network.fingerprints(of: village, at: [village, Network.county, Network.city]).count == 1)
        }
    }

    private static func unit(_ place: (code: String, parent: String?, tier: Int)) -> UnitEntry {
        UnitEntry(
            code: UnitCode(place.code)!, name: place.code, tier: place.tier,
            parent: place.parent.flatMap { UnitCode($0) })
    }
}
