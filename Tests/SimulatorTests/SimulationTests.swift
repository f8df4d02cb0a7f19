import Foundation
import Simulator
import Testing

/// Whole networks of real nodes, each living through another seed.
@Suite struct SimulationTests {
    static let seeds = 8
    static let steps = 160
    static let lanes = 2

    @Test func whateverHappensTheRulesHold() async {
        let environment = ProcessInfo.processInfo.environment
        let one = environment["TERRACE_SEED"].flatMap { UInt64($0) }
        let base = one ?? 20_150_213
        let count = environment["TERRACE_SEEDS"].flatMap { Int($0) } ?? (one == nil ? Self.seeds : 1)
        let results = await withTaskGroup(of: (Tally, [String]).self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    await Self.onThread(stride(from: lane, to: count, by: Self.lanes).map { base + UInt64($0) })
                }
            }
            var tally = Tally(), failures: [String] = []
            for await (more, failed) in group {
                tally.add(more)
                failures += failed
            }
            return (tally, failures)
        }
        print("simulation, \(count) seeds from \(base): \(results.0.line)")
        for failure in results.1 { Issue.record(Comment(rawValue: failure)) }
        guard one == nil else { return }
        let essential: [Tally.Thing] = [
            .crashes, .cutWrites, .torn, .strainedDisks, .refusedWrites, .cuts, .abandoned, .duplicates, .restores,
            .madeRestores, .anchorsLost,
            .incarnations, .moves, .machinesCut, .requests,
            .conflicts, .widenings, .pinGaps, .threeHeadMerges,
        ]
        for thing in essential { #expect(results.0[thing] > 0, "none of these: \(thing.rawValue)") }
    }

    /// It takes minutes and waits for nobody: on the threads that all tests share it would hold up those that wait.
    private static func onThread(_ seeds: [UInt64]) async -> (Tally, [String]) {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: run(seeds)) }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    private static func run(_ seeds: [UInt64]) -> (Tally, [String]) {
        var tally = Tally(), failures: [String] = []
        for seed in seeds {
            do {
                let simulation = try Simulation(seed: seed)
                do {
                    try simulation.run(steps: steps)
                } catch {
                    failures.append("TERRACE_SEED=\(seed): \(error) after \(simulation.trace.suffix(3))")
                }
                failures += simulation.failures.prefix(3).map {
                    "TERRACE_SEED=\(seed): \($0) after \(simulation.trace.count) steps, \(simulation.trace.suffix(3))"
                }
                tally.add(simulation.tally)
            } catch {
                failures.append("TERRACE_SEED=\(seed): \(error)")
            }
        }
        return (tally, failures)
    }
}
