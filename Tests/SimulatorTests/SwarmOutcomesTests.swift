import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// A swarm that loses a failure passes.
@Suite struct SwarmOutcomesTests {
    private static func outcome(_ failures: [String] = [], digest: String = "") -> SwarmRun.Outcome {
        SwarmRun.Outcome(
            failures: failures, digest: digest, faults: 0, steps: 0, tally: Tally(), injected: Injection(),
            lastLines: [])
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

    /// What a run throws is its failure, not the end of the swarm.
    @Test func aNodeThatDoesNotOpenIsAFailureOfItsRun() throws {
        let city = UnitEntry(code: UnitCode("37")!, name: "37", tier: 0, parent: nil)
        let village = UnitEntry(code: UnitCode("371")!, name: "371", tier: 1, parent: city.code)
        let network = try SimulatedNetwork(
            units: [city, village], tiers: ["city", "village"], nodes: ["37", "371"], seed: 8)
        #expect(throws: NodeTrouble.none("372")) { try network.node("372") }
        let file = network.directory("371").replica
        network.disk("371").remove(["", "-wal"].map { file.lastPathComponent + $0 })
        network.drop("371")
        try Data(repeating: 0x5a, count: 4096).write(to: file)
        #expect(throws: (any Error).self) { try network.reopen("371") }
        #expect {
            try network.node("371")
        } throws: { error in
            guard case NodeTrouble.doesNotOpen("371", _) = error else { return false }
            return true
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
