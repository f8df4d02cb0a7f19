import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// A machine that goes back to a snapshot of itself knows nothing of what came after it, and gives it again.
@Suite struct SnapshotTests {
    private static let city = "37", county = "371", village = "37111"

    private static func network() throws -> SimulatedNetwork {
        let places: [(String, String?, Int)] = [(city, nil, 0), (county, city, 1), (village, county, 3)]
        return try SimulatedNetwork(
            units: places.compactMap { code, parent, tier in
                UnitCode(code).map {
                    UnitEntry(
                        code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
                }
            }, tiers: ["city", "county", "town", "village"], nodes: [city, county, village], seed: 1)
    }

    /// - Returns: the network, whose village was set back behind an acceptance that the city has, and the number.
    private static func setBack() throws -> (network: SimulatedNetwork, snapshot: MachineImage, number: String) {
        let network = try network()
        try network.accept(at: village, number: 1)
        try network.settle(rounds: 1)
        let snapshot = try network.snapshot(village)
        let anchor = try Data(contentsOf: network.directory(village).anchor)
        let before = try network.journal(of: village).leaves
        // As many as are set aside at once, so that the anchor moves on.
        for number in 2...70 { try network.accept(at: village, number: number) }
        let last = try network.accept(at: village, number: 71)
        try network.settle(rounds: 1)
        #expect(try Data(contentsOf: network.directory(village).anchor) != anchor)
        try network.rollBack(to: snapshot)
        #expect(try network.journal(of: village).leaves == before)
        return (network, snapshot, last.receipt)
    }

    @Test func withTheLineCutTheJournalForksAndTheRootHearsOfIt() throws {
        let (network, snapshot, number) = try Self.setBack()
        #expect(network.isOfPresentMachine(snapshot))
        let again = try network.accept(at: Self.village, number: 72)
        #expect(again.receipt != number)
        try network.settle()
        for name in [Self.county, Self.city] { #expect(try network.journal(of: name).forks == 1, "\(name)") }
    }

    @Test func withTheLineUpItHearsFirstWhatItHasForgotten() throws {
        let (network, _, _) = try Self.setBack()
        try network.settle()
        try network.accept(at: Self.village, number: 72)
        try network.settle()
        #expect(try network.journal(of: Self.city).forks == 0)
        #expect(try network.fingerprints(of: Self.village, at: [Self.city, Self.county, Self.village]).count == 1)
    }

    /// What it does to a city, and what those who run that do about it.
    @Test func aCityOfVirtualMachinesHolds() throws {
        var random = SeededGenerator(state: 3), profile = FaultProfile.village
        (profile.deeds[.snapshot], profile.deeds[.rollBack], profile.deeds[.cutFork]) = (3000, 3000, 1000)
        var plan = CityPlan(
            units: Simulation.units(&random), tiers: ["city", "county", "town", "village"], seed: 5, days: 2,
            profile: profile, casesPerYear: 4000)
        (plan.wait, plan.heartbeatPause, plan.looksAmid) = (3600, 3600, true)
        let city = try City(plan)
        try city.run()
        if city.failures.isEmpty { try city.check() }
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.world.tally[.rollbacks] > 0)
    }
}
