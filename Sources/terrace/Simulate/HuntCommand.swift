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
                Small cities, as `terrace swarm` has them, and random steps look for it side by side. What fails is run
                once more without the bug, and counts only where nothing fails then. Ends with 1 when neither finds one
                of them. Example:
                  terrace hunt --bug pinIgnored --seeds 10
                """)

        @Option(help: "Only this bug.")
        var bug: String?

        @Option(help: "How many cities, and how many runs of random steps, are tried for each.")
        var seeds: UInt64 = 40

        private static let steps = 160

        func run() throws {
            Interruption.listen(PassingFolder.removeAll)
            let bugs = Planted.allCases.filter { bug == nil || bug == $0.rawValue }
            guard !bugs.isEmpty else {
                throw ValidationError("the bugs are: \(Planted.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            print("| bug | city | what it found | random steps | what they found |\n|---|---|---|---|---|")
            var missed = 0
            for bug in bugs {
                let hunts = [Hunt { SwarmRun(seed: $0).run().failures.first }, Hunt(Self.walk)], seeds = seeds
                // The whole process has the bug, or nobody in it: they look side by side, and are controlled so.
                while hunts.contains(where: { $0.goesOn(seeds) }) {
                    Planted.present = bug
                    Lanes.run(hunts.count, on: hunts.count) { hunts[$0].look(seeds) }
                    Planted.present = nil
                    Lanes.run(hunts.count, on: hunts.count) { hunts[$0].control() }
                }
                print("| \(bug.rawValue) | \(hunts.map { $0.outcome(seeds) }.joined(separator: " | ")) |")
                fflush(nil)
                if hunts.allSatisfy({ $0.found == nil }) { missed += 1 }
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

    /// Seeds from 1 on until one finds something that none finds without the bug.
    private final class Hunt: Sendable {
        private struct State {
            var next: UInt64 = 1
            /// What has failed, and was not run without the bug yet.
            var suspect: (seed: UInt64, finding: String)?
            var found: (seed: UInt64, finding: String)?
        }

        private let state = Mutex(State())
        private let live: @Sendable (UInt64) -> String?

        init(_ live: @escaping @Sendable (UInt64) -> String?) { self.live = live }

        var found: (seed: UInt64, finding: String)? { state.withLock { $0.found } }

        func goesOn(_ seeds: UInt64) -> Bool { state.withLock { $0.found == nil && $0.next <= seeds } }

        /// Tries seeds until one fails.
        func look(_ seeds: UInt64) {
            while goesOn(seeds) {
                let seed = state.withLock { state in
                    state.next += 1
                    return state.next - 1
                }
                guard let finding = live(seed) else { continue }
                return state.withLock { $0.suspect = (seed, finding) }
            }
        }

        /// What fails without the bug too says nothing of it.
        func control() {
            guard let suspect = state.withLock({ $0.suspect }) else { return }
            let isSound = live(suspect.seed) == nil
            state.withLock { state in
                state.suspect = nil
                if isSound { state.found = suspect }
            }
        }

        /// As two cells of a table.
        func outcome(_ seeds: UInt64) -> String {
            guard let found else { return "not in \(seeds) | " }
            let line = found.finding.split(separator: "\n").first ?? ""
            return "\(found.seed) | \(line.prefix(160).replacing("|", with: "\\|"))"
        }
    }
#endif
