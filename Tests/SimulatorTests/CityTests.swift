import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// A simulator that is not the same twice finds failures that nobody can look at; one that does nothing finds none.
@Suite struct CityTests {
    private static func plan(_ profile: FaultProfile, seed: UInt64 = 5, days: Int = 1) throws -> CityPlan {
        var random = SeededGenerator(state: 3)
        var plan = CityPlan(
            units: Simulation.units(&random), tiers: ["city", "county", "town", "village"], seed: seed, days: days,
            profile: profile, casesPerYear: 4000)
        // An exchange that says nothing is begun again seldom, which is most of what a quiet city does.
        (plan.wait, plan.heartbeatPause) = (3600, 3600)
        return plan
    }

    private static func run(_ plan: CityPlan) throws -> City {
        let city = try City(plan)
        try city.run()
        if city.failures.isEmpty { try city.check() }
        return city
    }

    @Test func theSameSeedGivesTheSameJournalsToTheByte() throws {
        let first = try Self.run(Self.plan(.hard)), second = try Self.run(Self.plan(.hard))
        #expect(first.failures.isEmpty, "\(first.failures)")
        #expect(first.digest == second.digest)
        #expect(first.steps == second.steps && first.figures.confirmed == second.figures.confirmed)
        #expect(try Self.run(Self.plan(.hard, seed: 6)).digest != first.digest)
    }

    @Test func inFairWeatherEverythingIsAtTheTopWithinMinutes() throws {
        let city = try Self.run(Self.plan(.clean, days: 2))
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.figures.confirmed > 20)
        #expect(city.figures.atRoot == city.figures.confirmed)
        let healed = try #require(city.figures.healedAt), rest = try #require(city.figures.restAt)
        #expect(rest - healed < 3600)
    }

    @Test func fewOpenNodesAndLinesChangeNothingOfWhatArrives() throws {
        var plan = try Self.plan(.clean)
        (plan.mostOpen, plan.mostLines) = (3, 1)
        let city = try Self.run(plan)
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.figures.confirmed > 5 && city.figures.atRoot == city.figures.confirmed)
    }

    /// With moves and cuts, which are entries of the charter.
    @Test func aCharterThatIsReadOnceForAllIsTheSame() throws {
        var profile = FaultProfile.hard
        for deed in [CityDeed.move, .cutMachine, .grant] { profile.deeds[deed] = 1500 }
        var plan = try Self.plan(profile)
        let apart = try Self.run(plan)
        plan.sharesCharters = true
        let shared = try Self.run(plan)
        #expect(shared.failures.isEmpty, "\(shared.failures)")
        #expect(shared.digest == apart.digest)
        for deed in ["move", "cutMachine", "grant"] {
            let times = shared.figures.acts.filter { $0.kind == deed }
            #expect(!times.isEmpty && times.count == shared.figures.deeds[deed, default: 0])
            #expect(times.allSatisfy { $0.unit != nil && $0.at > 0 })
        }
    }

    /// A deed that finds nobody to be done to is none.
    @Test func whatCameToNothingIsNotCounted() throws {
        var profile = FaultProfile.clean
        profile.deeds = [.sit: 3000, .restart: 3000]
        let city = try Self.run(Self.plan(profile))
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.figures.deeds["sit"] == nil && city.figures.deeds["restart", default: 0] > 0)
        #expect(
            Injection.missing(in: Array(repeating: Injection(city.figures, Tally()), count: 200)).contains("deed sit"))
    }

    @Test func whatIsDueFirstComesFirst() {
        var queue = EventQueue<Int>()
        var random = SeededGenerator(state: 1)
        var expected: [(Int64, Int)] = []
        for number in 0..<500 {
            let time = Int64(random.below(50))
            queue.put(number, at: time)
            expected.append((time, number))
        }
        expected.sort { $0 < $1 }
        for (time, number) in expected {
            let next = queue.take()
            #expect(next?.time == time && next?.event == number)
        }
        #expect(queue.take() == nil)
    }

    /// Of a hundred faults three are enough, and only together.
    @Test func aFailureIsMadeSmall() {
        var shrinking = Shrinking(faults: 100)
        var tries = 0
        while let proposal = shrinking.proposal(), tries < 1000 {
            tries += 1
            shrinking.tried(failed: Set([7, 42, 99]).isSubset(of: proposal))
        }
        #expect(shrinking.kept == [7, 42, 99])
        #expect(tries < 120)
    }

    /// Each kind of weather and work occurs in a few small runs, and all of them hold.
    @Test func aSmallSwarmHolds() {
        var tally = Tally()
        for seed in UInt64(1)...2 {
            let outcome = SwarmRun(seed: seed).run()
            #expect(outcome.failures.isEmpty, "terrace swarm --seeds 1 --from \(seed): \(outcome.failures)")
            tally.add(outcome.tally)
        }
        for thing in [Tally.Thing.confirmations, .exchanges, .cuts, .crashes] {
            #expect(tally[thing] > 0, "none of these: \(thing.rawValue)")
        }
    }
}
