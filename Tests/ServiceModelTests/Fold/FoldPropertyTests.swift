import Foundation
import Testing

@testable import ServiceModel

/// The invariants of RULES.md on histories of the town's making.
@Suite struct FoldPropertyTests {
    static let histories = 480
    static let lanes = 4

    @Test func anyHistoryKeepsTheRules() async {
        let text = ProcessInfo.processInfo.environment["TERRACE_SEED"]
        let base = text.flatMap { UInt64($0) } ?? 20_150_213
        let (failures, tally) = await withTaskGroup(of: ([String], FoldTally).self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    Self.run(stride(from: lane, to: Self.histories, by: Self.lanes).map { base + UInt64($0) })
                }
            }
            var failures: [String] = [], tally = FoldTally()
            for await (more, counted) in group {
                failures += more
                tally.add(counted)
            }
            return (failures, tally)
        }
        print("fold properties, seed \(base): \(tally.line)")
        for failure in failures { Issue.record(Comment(rawValue: failure)) }
        for what in FoldTally.needed { #expect(tally.counts[what, default: 0] > 0, "none of these: \(what)") }
    }

    private static func run(_ seeds: [UInt64]) -> ([String], FoldTally) {
        var failures: [String] = [], tally = FoldTally()
        for seed in seeds {
            let world = TownWorld(seed: seed, steps: 20 + Int(seed % 70))
            var properties = FoldProperties(world, seed: seed)
            if let failure = properties.check() { failures.append("\(failure), TERRACE_SEED=\(seed)") }
            tally.add(properties.tally)
        }
        return (failures, tally)
    }
}
