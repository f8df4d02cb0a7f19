import Testing

@testable import Simulator

/// A swarm that never tried something must not pass for one that found nothing wrong with it.
@Suite struct InjectionTests {
    private static func run(without deed: CityDeed?, _ thing: Tally.Thing?, _ spell: String?) -> Injection {
        var figures = CityFigures(tiers: ["city"]), tally = Tally()
        for one in CityDeed.allCases where one != deed { figures.deeds[one.rawValue] = 1 }
        for one in Tally.Thing.allCases where one != thing { tally.add(one) }
        for one in ["outage", "portal", "partition", "blackout"] where one != spell {
            figures.begin(one, "37", at: 0)
        }
        return Injection(figures, tally)
    }

    private static func missing(_ run: Injection, _ more: [Injection] = [], runs: Int = 200) -> [String] {
        Injection.missing(in: Array(repeating: run, count: runs - more.count) + more)
    }

    @Test func whatNoRunHasMetIsNamed() {
        #expect(Self.missing(Self.run(without: nil, nil, nil)) == [])
        let run = Self.run(without: .rollBack, .rotten, "portal")
        #expect(Self.missing(run) == ["deed rollBack", "spell of portal", "rotten"])
        #expect(Self.missing(run, [Self.run(without: .rot, nil, "outage")]) == [])
        // What only the random steps do is not asked of cities; nor is anything of few runs.
        #expect(Self.missing(Self.run(without: nil, .pinGaps, nil)) == [])
        #expect(Self.missing(run, runs: 199) == [])
    }
}
