import Testing

@testable import Simulator

/// A swarm that loses a failure passes.
@Suite struct SwarmOutcomesTests {
    private static func outcome(_ failures: [String] = [], digest: String = "") -> SwarmRun.Outcome {
        SwarmRun.Outcome(failures: failures, digest: digest, faults: 0, steps: 0, tally: Tally(), lastLines: [])
    }

    /// A seed of the past, with a few faults, is one of today's too; whichever ends last.
    @Test(arguments: [[0, 1, 2], [2, 1, 0]]) func runsOfOneSeedAreToldApart(order: [Int]) {
        let runs = [SwarmRun(seed: 7, onlyFaults: [1, 2]), SwarmRun(seed: 6), SwarmRun(seed: 7)]
        for wrong in runs.indices {
            var outcomes = SwarmOutcomes(runs)
            for number in order { outcomes.note(Self.outcome(number == wrong ? ["1: it is gone"] : []), of: number) }
            #expect(outcomes.count == 3)
            #expect(outcomes.failed.map(\.run) == [runs[wrong]])
        }
    }

    @Test func theDigestIsOfEachRun() {
        let runs = [SwarmRun(seed: 7, onlyFaults: [1]), SwarmRun(seed: 7)]
        func digest(_ words: [String]) -> RunDigest {
            var outcomes = SwarmOutcomes(runs)
            for (number, word) in words.enumerated() { outcomes.note(Self.outcome(digest: word), of: number) }
            return outcomes.digest
        }
        #expect(digest(["a", "b"]) == digest(["a", "b"]))
        #expect(digest(["a", "b"]) != digest(["c", "b"]))
        #expect(digest(["a", "b"]) != digest(["a", "c"]))
    }
}
