import Foundation
import ServiceModel

/// One of many small runs, each with another city, another mix of faults, another seed.
package struct SwarmRun: Sendable, Hashable {
    package let seed: UInt64
    /// Which faults happen, by their number; nil is all.
    package var onlyFaults: Set<Int>?

    package init(seed: UInt64, onlyFaults: Set<Int>? = nil) {
        self.seed = seed
        self.onlyFaults = onlyFaults
    }

    package struct Outcome: Sendable {
        package let failures: [String]
        package let digest: String
        /// How many faults the plan has.
        package let faults: Int
        package let steps: Int
        package let tally: Tally
        /// Which kinds of trouble it met.
        package let injected: Injection
        package let lastLines: [String]

        /// What kind of failure it is.
        package var kind: String? { failures.first.map(Self.shape) }

        /// A failure without what differs between two runs that fail in the same way: where it was, units, cases,
        /// times and counts. The law in front stays.
        static func shape(_ failure: String) -> String {
            let law = failure.prefix { $0 != ":" }
            var finding = failure.dropFirst(law.count)
            if finding.last == ")" {
                let ends = [" (at ", " (case ", " (change set "].compactMap { finding.range(of: $0)?.lowerBound }
                if let end = ends.min() { finding = finding[..<end] }
            }
            var words: [Substring] = []
            for word in finding.split(separator: " ") {
                let word = word.contains(where: \.isNumber) ? "#" : word
                // However many there are, one after the other.
                if word != "#" || words.last != "#" { words.append(word) }
            }
            return law + words.joined(separator: " ")
        }
    }

    /// Cases of a year in so small a city: so many that faults meet work.
    private static let casesPerYear = 11_000

    package var plan: CityPlan {
        var random = SeededGenerator(state: SeededGenerator.seed(seed, for: "swarm"))
        let units = Simulation.units(&random)
        let profile = FaultProfile.mixed(&random, seed: seed)
        var plan = CityPlan(
            units: units, tiers: ["city", "county", "town", "village"], seed: seed, days: 1 + random.below(4),
            profile: profile, casesPerYear: Self.casesPerYear)
        plan.onlyFaults = onlyFaults
        plan.looksAmid = true
        // Some runs have few open lines and few open nodes, so that ending and opening them is tried too.
        if random.one(in: 3) { plan.mostLines = 2 }
        if random.one(in: 3) { plan.mostOpen = 3 }
        // Whoever gives up waiting for news early dials all day long, which costs the most and finds the least.
        if !random.one(in: 3) || !random.one(in: 3) { plan.wait = 3600 }
        return plan
    }

    /// Lives through it, and holds the healed city against the rules.
    package func run(trace: CityTrace = CityTrace()) -> Outcome {
        do {
            let city = try City(plan, trace: trace)
            do {
                try city.run()
                if city.failures.isEmpty { try city.check() }
            } catch {
                city.fail(with: error)
            }
            return Outcome(
                failures: city.failures, digest: "\(city.digest)", faults: city.faults, steps: city.steps,
                tally: city.world.tally, injected: Injection(city.figures, city.world.tally),
                lastLines: city.lastLines)
        } catch {
            return Outcome(
                failures: ["founding: \(error)"], digest: "", faults: 0, steps: 0, tally: Tally(),
                injected: Injection(), lastLines: [])
        }
    }
}
