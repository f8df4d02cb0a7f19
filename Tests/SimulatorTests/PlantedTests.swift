#if PLANTED
    import Foundation
    import ServiceModel
    import Simulator
    import Testing

    /// Each planted bug is found by the simulator, or it could not find such a bug at all.
    @Suite(.serialized) struct PlantedTests {
        /// Seeds that are tried for a bug.
        static let most = ProcessInfo.processInfo.environment["TERRACE_SEEDS"].flatMap { Int($0) } ?? 200

        @Test func theSimulatorFindsThemAll() async {
            let only = ProcessInfo.processInfo.environment["TERRACE_BUG"]
            var rows: [String] = []
            for bug in Planted.allCases where only == nil || only == bug.rawValue {
                Planted.present = bug
                let (seeds, finding) = await Self.hunt()
                rows.append("| \(bug.rawValue) | \(finding == nil ? "-" : "\(seeds)") | \(finding ?? "not found") |")
                print(rows[rows.count - 1])
                if finding == nil { Issue.record("\(bug.rawValue): not found in \(seeds) seeds") }
            }
            Planted.present = nil
            print("| bug | seeds | found by |\n|---|---|---|\n" + rows.joined(separator: "\n"))
        }

        /// Seeds from 1 on, two at a time.
        /// - Returns: how many were needed, and the first failure.
        private static func hunt() async -> (seeds: Int, finding: String?) {
            for first in stride(from: 1, through: most, by: 2) {
                async let one = live(through: first), two = live(through: first + 1)
                if let finding = await one { return (first, finding) }
                if let finding = await two { return (first + 1, finding) }
            }
            return (most, nil)
        }

        private static func live(through seed: Int) async -> String? {
            await withCheckedContinuation { continuation in
                let thread = Thread {
                    do {
                        let simulation = try Simulation(seed: UInt64(seed))
                        do { try simulation.run(steps: 160) } catch {
                            continuation.resume(returning: "a node: \(error)")
                            return
                        }
                        continuation.resume(returning: simulation.failures.first)
                    } catch { continuation.resume(returning: "a node: \(error)") }
                }
                thread.stackSize = 8 << 20
                thread.start()
            }
        }
    }
#endif
