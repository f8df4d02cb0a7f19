import ServiceModel
import Testing

@testable import Simulator

/// What those who run a network have in mind is done in the run as they said, and the run is judged like any other.
@Suite struct RehearsalTests {
    private static let places = [
        ("37", nil, 0), ("371", "37", 1), ("372", "37", 1), ("3711", "371", 2), ("3721", "372", 2),
        ("37111", "3711", 3), ("37112", "3711", 3), ("37211", "3721", 3),
    ]

    private static func plan(_ rehearsals: [Rehearsal] = []) throws -> CityPlan {
        let units = try places.map { code, parent, tier in
            UnitEntry(
                code: try #require(UnitCode(code)), name: code, tier: tier, parent: parent.flatMap { UnitCode($0) })
        }
        var plan = CityPlan(
            units: units, tiers: ["city", "county", "town", "village"], seed: 5, days: 2, profile: .clean,
            casesPerYear: 4000)
        (plan.wait, plan.heartbeatPause, plan.rehearsals) = (3600, 3600, rehearsals)
        return plan
    }

    @Test func everythingIsDoneAtItsTime() throws {
        let city = try City(
            Self.plan([
                Rehearsal(minutes: 0, .upgrade("3711")), Rehearsal(minutes: 540, .upgrade("372")),
                Rehearsal(minutes: 600, .move("3711", under: "372")),
                Rehearsal(minutes: 660, .blackout("371", hours: 3)),
                Rehearsal(minutes: 700, .outage("37211", hours: 1)),
                Rehearsal(minutes: 800, .merge("37111", into: "37112")), Rehearsal(minutes: 2000, .upgrade("37")),
            ]))
        try city.run()
        if city.failures.isEmpty { try city.check() }
        #expect(city.failures.isEmpty, "\(city.failures)")
        #expect(city.network.parent(of: "3711") == "372")
        #expect(city.network.hasEnded("37111") && city.world.successor(of: "37111") == "37112")
        #expect(city.network.older.isEmpty)
        #expect(city.figures.confirmed > 5 && city.figures.atRoot == city.figures.confirmed)
        let acts = Set(city.figures.acts.map { "\($0.kind) \($0.at / 60)" })
        #expect(acts == ["upgrade 0", "upgrade 540", "move 600", "merge 800", "upgrade 2000"])
        let spells = city.figures.spells.map { "\($0.kind) \($0.unit) \($0.from / 60) \(($0.until ?? 0) / 60)" }
        #expect(spells == ["blackout 371 660 840", "outage 37211 700 760"])
    }

    @Test(arguments: [
        (Rehearsal(minutes: 2880, .upgrade("37")), "is over"), (Rehearsal(minutes: 0, .upgrade("379")), "no unit 379"),
        (Rehearsal(minutes: 0, .move("37", under: "371")), "the root"),
        (Rehearsal(minutes: 0, .move("3711", under: "38")), "no unit 38"),
        (Rehearsal(minutes: 0, .move("3711", under: "3721")), "not the tier"),
        (Rehearsal(minutes: 0, .merge("37111", into: "37211")), "not next door"),
        (Rehearsal(minutes: 0, .merge("37111", into: "37111")), "not next door"),
        (Rehearsal(minutes: 0, .merge("371", into: "372")), "units below 371"),
        (Rehearsal(minutes: 9, .move("3721", under: "371")), nil),
        (Rehearsal(minutes: 9, .merge("37111", into: "37112")), "37112 has ended"),
        (Rehearsal(minutes: 0, .outage("37", hours: 1)), "the root"),
    ])
    func whatCannotBeIsSaidBefore(_ rehearsal: Rehearsal, why: String?) throws {
        let plan = try Self.plan([Rehearsal(minutes: 8, .merge("37112", into: "37111"))])
        let obstacle = rehearsal.obstacle(in: plan)?[.english]
        if let why { #expect(obstacle?.contains(why) == true, "\(obstacle ?? "")") } else { #expect(obstacle == nil) }
        for possible in [Rehearsal.Deed.blackout("37", hours: 1), .move("3711", under: "372"), .upgrade("37211")] {
            #expect(Rehearsal(minutes: 2879, possible).obstacle(in: plan) == nil)
        }
    }
}
