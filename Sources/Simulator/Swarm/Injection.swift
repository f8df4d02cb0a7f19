/// How often a run met each kind of trouble that a swarm is there for. Runs that hold say nothing of what none of them
/// met.
package struct Injection: Sendable, Hashable {
    /// Runs after which nothing may be missing.
    package static let enoughRuns = 200

    /// What only the random steps do, and what comes of a rare meeting and not of a fault.
    private static let notOfCities: Set<Tally.Thing> = [
        .abandoned, .pinGaps, .threeHeadMerges, .concurrentDecisions, .volumesForAnother,
    ]
    /// Spells of bad weather.
    private static let weather = ["outage", "portal", "partition", "blackout"]

    private static var kinds: [String] {
        CityDeed.allCases.map { "deed \($0.rawValue)" } + weather.map { "spell of \($0)" }
            + Tally.Thing.allCases.filter { !notOfCities.contains($0) }.map(\.rawValue)
    }

    private var counts: [String: Int] = [:]

    init() {}

    init(_ figures: CityFigures, _ tally: Tally) {
        for (deed, count) in figures.deeds { counts["deed \(deed)", default: 0] += count }
        for spell in figures.spells { counts["spell of \(spell.kind)", default: 0] += 1 }
        for thing in Tally.Thing.allCases { counts[thing.rawValue, default: 0] += tally[thing] }
    }

    /// The kinds that none of these runs has met; none where they are too few to tell.
    package static func missing(in runs: some Collection<Injection>) -> [String] {
        guard runs.count >= enoughRuns else { return [] }
        return kinds.filter { kind in runs.allSatisfy { $0.counts[kind, default: 0] == 0 } }
    }
}
