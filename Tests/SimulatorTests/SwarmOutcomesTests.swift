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

    /// Who shrinks a failure must end with that one, and not with another of the same law.
    @Test func oneFailureIsToldFromAnother() {
        func kind(_ failure: String) -> String? { Self.outcome([failure, "6: something else"]).kind }
        #expect(Self.outcome().kind == nil)
        let found = "8: a body that is for 371, 3711 (at 37112, case 0a1b2c3d/4, change set 0a1b2c3d/5)"
        #expect(kind(found) == "8: a body that is for #")
        #expect(kind("8: a body that is for 37 (at 372, case ffffffff/9)") == kind(found))
        #expect(kind("8: a body in no row of the journal: run 7, offset 3 (at 371)") != kind(found))
        #expect(kind("9: a body that is for 371") != kind(found))
        let lost = "1: accept of 371 is held nowhere (case 0a1b2c3d/4)"
        #expect(kind(lost) == "1: accept of # is held nowhere")
        #expect(kind("1: decide of 371 is held nowhere (case 0a1b2c3d/4)") != kind(lost))
        func thrown(_ event: CityEvent, _ error: NodeTrouble) -> String? {
            kind("\(event.name): \(error) (at \(event))")
        }
        let dial = thrown(.dial("371", life: 4), .none("371"))
        #expect(dial == thrown(.dial("37112", life: 90), .none("37112")))
        #expect(dial != thrown(.dial("371", life: 4), .doesNotOpen("371", why: "no room")))
        #expect(dial != thrown(.desk("371", 4), .none("371")))
        let crash = thrown(.fault(.deed(.crash), number: 3), .none("371"))
        #expect(crash == thrown(.fault(.deed(.crash), number: 12), .none("371")))
        #expect(crash != thrown(.fault(.deed(.rot), number: 3), .none("371")))
        #expect(CityEvent.fault(.outage("371", begins: true), number: 3).name == "outage")
        #expect(CityEvent.sample.name == "sample" && CityEvent.news("371").name == "news")
    }

    /// A program that takes the beginning of a code for the unit above must meet one where that is wrong.
    @Test func someCitiesHaveAVillageWithTheCodeOfAnother() {
        let cities = (1...40).map { SwarmRun(seed: $0).plan.units }
        let crossed = cities.filter { units in
            func above(_ code: String) -> [String] {
                units.first { $0.code.text == code }?.parent.map { [$0.text] + above($0.text) } ?? []
            }
            return units.contains { one in
                units.contains { other in
                    other.code != one.code && one.code.text.hasPrefix(other.code.text)
                        && !above(one.code.text).contains(other.code.text)
                }
            }
        }
        #expect(crossed.count > 2 && crossed.count < 20)
        #expect(cities.allSatisfy { (3...11).contains($0.count) })
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
