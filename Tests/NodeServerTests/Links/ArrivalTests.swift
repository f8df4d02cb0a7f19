import Foundation
import NIOConcurrencyHelpers
import ServiceModel
import SyncNode
import Testing
import Trust

@testable import NodeServer

/// What a person is told of those who arrive, by a clock of the test's own.
@Suite(.timeLimit(.minutes(1)))
struct ArrivalTests {
    private func child(_ number: Int) -> NodeName {
        NodeName(unit: UnitCode("37\(1000 + number)")!, tier: 1, ordinal: 1)!
    }

    @Test func aStormIsToldOnceAndCounted() {
        var watch = ArrivalWatch()
        #expect(watch.state.storm == nil)
        // Forty children, three times each.
        let begins = (0..<120).map { watch.refused(child($0 % 40), at: 1000 + Int64($0)) }
        #expect(begins == [true] + [Bool](repeating: false, count: 119))
        #expect(watch.state.storm == ArrivalState.Storm(since: 1000, last: 1119, children: 40, refusals: 120))
        // The next one is another.
        let isAnother = watch.refused(child(1), at: 3000)
        #expect(isAnother && watch.state.storm == ArrivalState.Storm(since: 3000, last: 3000))
        // So is one behind a clock that was set back.
        let isBehind = watch.refused(child(1), at: 2000)
        #expect(isBehind && watch.state.storm == ArrivalState.Storm(since: 2000, last: 2000))
    }

    @Test func twoMachinesOfOneNameAreToldWhenTheyEndEachOther() {
        var watch = ArrivalWatch()
        let (a, b) = ("192.0.2.7", "192.0.2.9")
        // The same machine on a line that is cut is nothing, however often.
        let alone = (0..<50).map { watch.displaced(child(1), from: a, by: a, at: 1000 + $0) }
        #expect(!alone.contains(true) && watch.state.displaced.isEmpty)
        // Nor is one that moves twice an hour.
        let moving = stride(from: Int64(10_000), to: 100_000, by: 1900).map { time in
            watch.displaced(child(2), from: a, by: b, at: time)
        }
        #expect(!moving.contains(true) && watch.state.displaced.isEmpty)
        // Two that end each other's exchange are told once, until it has ended.
        let both = (0..<80).map { turn in
            watch.displaced(
                child(3), from: turn.isMultiple(of: 2) ? a : b, by: turn.isMultiple(of: 2) ? b : a,
                at: 200_000 + Int64(turn) * 60)
        }
        #expect(both.firstIndex(of: true) == 2 && both.count { $0 } == 1)
        let told = ArrivalState.Displaced(name: "371003#1", addresses: [b, a], last: 204_740)
        #expect(watch.state.displaced == [told])
        let later = (0..<3).map { watch.displaced(child(3), from: a, by: b, at: 300_000 + $0) }
        #expect(later == [false, false, true])
    }

    @Test("Whoever comes under many names fills no memory")
    func manyNames() {
        var watch = ArrivalWatch()
        for number in 0..<2000 {
            for time: Int64 in 0..<3 {
                _ = watch.displaced(child(number), from: "a", by: "b", at: Int64(number) + time)
            }
        }
        #expect(watch.remembered <= 256)
        #expect(watch.state.displaced.count == 16)
    }

    /// Whoever reckons with what a file says must not end by it.
    @Test func noTimeOfAFileIsBeyondReckoning() throws {
        let wild = ArrivalState(
            storm: ArrivalState.Storm(since: .min, last: .max, children: 3, refusals: 4),
            displaced: [ArrivalState.Displaced(name: "371003#1", addresses: ["a", "b"], last: .min)])
        let read = try JSONDecoder().decode(ArrivalState.self, from: try JSONEncoder().encode(wild)).sane
        let storm = try #require(read.storm)
        #expect(storm.since == 0 && storm.last < 1 << 40 && storm.children == 3 && storm.refusals == 4)
        #expect(read.displaced == [ArrivalState.Displaced(name: "371003#1", addresses: ["a", "b"], last: 0)])
    }

    @Test("A storm writes no file for each child, and what is written in the end is all of it")
    func told() async throws {
        let told = Sightings<ArrivalState>()
        let status = ArrivalStatus(pause: .milliseconds(50)) { told.add($0) }
        for number in 0..<500 { _ = status.refused(child(number), at: Moment(seconds: 9, day: 0)) }
        // The last word comes when nothing follows any more.
        while told.all.last?.storm?.children != 500 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(told.all.count < 500)
        #expect(told.all.last == status.state)
    }
}
