import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// What befalls the disks of a city's machines beside crashes, each so often that it cannot be missed.
@Suite struct DiskDeedsTests {
    private static func run(_ deeds: [CityDeed: Int]) throws -> City {
        var random = SeededGenerator(state: 3), profile = FaultProfile.village
        profile.deeds.merge(deeds) { _, new in new }
        var plan = CityPlan(
            units: Simulation.units(&random), tiers: ["city", "county", "town", "village"], seed: 5, days: 2,
            profile: profile, casesPerYear: 4000)
        (plan.wait, plan.heartbeatPause, plan.looksAmid) = (3600, 3600, true)
        let city = try City(plan)
        try city.run()
        if city.failures.isEmpty { try city.check() }
        return city
    }

    /// What a full disk does not take is not confirmed, and the neighbours hear of what it did.
    @Test func fullAndReadOnlyDisksLoseNothing() throws {
        let city = try Self.run([.strain: 4000])
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.world.tally[.strainedDisks] > 5 && city.world.tally[.refusedWrites] > 0)
    }

    /// Restored where there is a backup, else replaced by another machine; both occur.
    @Test func machinesWhoseDiskDiesComeBack() throws {
        let city = try Self.run([.backup: 3000, .loseDisk: 6000, .enroll: 6000])
        #expect(city.failures.isEmpty, "\(city.failures)")
        let tally = city.world.tally
        #expect(tally[.madeRestores] > 0 && tally[.disksLost] > tally[.madeRestores])
        #expect(city.world.waiting == [])
    }

    /// A changed bit is found, and what it took comes back: at the end nobody needs an excuse who lost nothing for
    /// good.
    @Test func whatADiskHasChangedComesBackFromTheNeighbours() throws {
        let city = try Self.run([.rot: 3000])
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.world.tally[.rotten] > 3)
        for name in city.network.impairedOnPurpose {
            let count = try city.network[name].replica.read { try $0.countOfTakenOut() }
            #expect(count.lost > 0 && count.all == count.lost, "\(name)")
        }
    }
}
