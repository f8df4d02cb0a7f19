import ServiceModel

/// What the runs of a swarm came to. They are told apart by their number: a seed that is kept from the past, with some
/// of its faults, may be one of today's with all of them.
package struct SwarmOutcomes: Sendable {
    package let runs: [SwarmRun]
    private var outcomes: [Int: SwarmRun.Outcome] = [:]

    package init(_ runs: [SwarmRun]) { self.runs = runs }

    /// - Parameter number: of the run in `runs`.
    package mutating func note(_ outcome: SwarmRun.Outcome, of number: Int) { outcomes[number] = outcome }

    /// How many runs are over.
    package var count: Int { outcomes.count }

    /// Those that failed, in their order.
    package var failed: [(run: SwarmRun, outcome: SwarmRun.Outcome)] {
        runs.indices.compactMap { number in
            guard let outcome = outcomes[number], !outcome.failures.isEmpty else { return nil }
            return (runs[number], outcome)
        }
    }

    package var tally: Tally { outcomes.values.reduce(into: Tally()) { $0.add($1.tally) } }

    /// The kinds of trouble that a swarm is there for and that none of the runs has met.
    package var missing: [String] { Injection.missing(in: outcomes.values.map(\.injected)) }

    /// Of all runs, by their seeds.
    package var digest: RunDigest {
        var digest = RunDigest()
        for number in runs.indices.sorted(by: { (runs[$0].seed, $0) < (runs[$1].seed, $1) }) {
            digest.add(outcomes[number]?.digest ?? "")
        }
        return digest
    }
}
