#if PLANTED
    import ArgumentParser
    import Foundation
    import ServiceModel
    import Simulator
    import Synchronization

    /// `terrace hunt`: each planted bug is found by the simulator, or it could not find such a bug at all.
    struct HuntCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hunt",
            abstract: "Plant one bug after the other, and say how many seeds it takes to find each.",
            discussion: """
                Small cities, as `terrace swarm` has them, and random steps look for it side by side. Ends with 1 when
                neither finds one of them. Example:
                  terrace hunt --bug pinIgnored --seeds 10
                """)

        @Option(help: "Only this bug.")
        var bug: String?

        @Option(help: "How many cities, and how many runs of random steps, are tried for each.")
        var seeds: UInt64 = 40

        private static let steps = 160

        func run() throws {
            let bugs = Planted.allCases.filter { bug == nil || bug == $0.rawValue }
            guard !bugs.isEmpty else {
                throw ValidationError("the bugs are: \(Planted.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            print("| bug | city | what it found | random steps | what they found |\n|---|---|---|---|---|")
            var missed = 0
            for bug in bugs {
                Planted.present = bug
                let city = Hunt(seeds: seeds) { SwarmRun(seed: $0).run().failures.first }
                let steps = Hunt(seeds: seeds, Self.walk)
                print("| \(bug.rawValue) | \(city.outcome()) | \(steps.outcome()) |")
                fflush(nil)
                if city.finding == nil, steps.finding == nil { missed += 1 }
            }
            if missed > 0 { throw ExitCode.failure }
        }

        private static func walk(_ seed: UInt64) -> String? {
            do {
                let simulation = try Simulation(seed: seed)
                try simulation.run(steps: steps)
                return simulation.failures.first
            } catch { return "a node: \(error)" }
        }
    }

    /// Seeds from 1 on, on a thread of its own, until one finds something.
    private final class Hunt: Sendable {
        private let found = Mutex<(seed: UInt64, finding: String)?>(nil)
        private let tried: UInt64
        private let isOver = DispatchSemaphore(value: 0)

        init(seeds: UInt64, _ live: @escaping @Sendable (UInt64) -> String?) {
            tried = seeds
            let thread = Thread { [self] in
                for seed in 1...max(1, seeds) {
                    guard let finding = live(seed) else { continue }
                    found.withLock { $0 = (seed, finding) }
                    break
                }
                isOver.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }

        var finding: String? { found.withLock { $0?.finding } }

        /// Waits for it, and says it as two cells of a table.
        func outcome() -> String {
            isOver.wait()
            return found.withLock { found in
                found.map { "\($0.seed) | \($0.finding.split(separator: "\n")[0].prefix(160))" }
                    ?? "not in \(tried) | "
            }
        }
    }
#endif
