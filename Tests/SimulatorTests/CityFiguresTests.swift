import ChangeSet
import ServiceModel
import Testing

@testable import Simulator

/// Figures that count a thing twice, or one that never was, are worse than none.
@Suite struct CityFiguresTests {
    private static let units = [("37", nil, 0), ("371", "37", 1)].compactMap { code, parent, tier in
        UnitCode(code).map {
            UnitEntry(code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
        }
    }

    /// A disk that was taken back is told again what it had.
    @Test func whatArrivesOnceMoreIsNoLag() throws {
        let network = try SimulatedNetwork(
            units: Self.units, tiers: ["city", "county"], nodes: ["37", "371"], seed: 3)
        var figures = CityFigures(tiers: ["city", "county"])
        let author = AuthorID(Bytes16(high: 1, low: 2))
        for (number, unit) in [(UInt64(1), "371"), (2, "371"), (3, "37")] {
            figures.noteConfirmed(Place(author: author, feed: .casework, sequence: number), at: unit, 1000)
        }
        for ticks in [Int64(5000), 900_000] {
            for (number, unit) in [(UInt64(1), "37"), (3, "371")] {
                let place = Place(author: author, feed: .casework, sequence: number)
                figures.noteArrival(place, at: unit, in: network, ticks)
            }
        }
        figures.noteArrival(Place(author: author, feed: .casework, sequence: 2), at: "37", in: network, 8000)
        #expect(figures.up[0].times == [4000, 7000] && figures.down[1].times == [4000])
        #expect(figures.atRoot == 2)
    }

    /// A run that failed at its work has not healed, and says so.
    @Test func onlyARunThatHealedHasHealed() throws {
        let plan = CityPlan(units: Self.units, tiers: ["city", "county"], seed: 2, days: 1, profile: .clean)
        let sound = try City(plan), broken = try City(plan)
        try sound.run()
        let healed = try #require(sound.figures.healedAt)
        #expect(healed == 86_400 && sound.figures.restAt.map { $0 >= healed } == true)
        broken.world.fail("a test: it is broken")
        try broken.run()
        #expect(broken.figures.healedAt == nil && broken.figures.restAt == nil)
    }

    /// In fifteen weeks closed cases leave by the rule, a stolen machine is replaced, and the disks are
    /// weighed each week.
    @Test func whatKeepsANetworkSmallIsDoneAndWeighed() throws {
        var profile = FaultProfile.years
        profile.monthsKept = 1
        var plan = CityPlan(
            units: Self.units, tiers: ["city", "county"], seed: 4, days: 105, profile: profile, casesPerYear: 300)
        (plan.wait, plan.heartbeatPause, plan.newsPause) = (40_000, 14_400, 60_000)
        let city = try City(plan)
        try city.run()
        if city.failures.isEmpty { try city.check() }
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.world.tally[.retired] > 10)
        #expect(city.figures.deeds["enroll"] == 1)
        #expect(city.figures.deeds["cutMachine"] == 1 && city.figures.deeds["revise", default: 0] > 0)
        let weights = city.figures.weights.filter { $0.tier == "county" }
        #expect(weights.count >= 15 && weights.dropFirst().allSatisfy { $0.usual > 0 && $0.largest >= $0.usual })
    }
}
