import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Retention that stands still is told, and by whom it stands still.
@Suite struct RetentionFindingTests {
    private static let day: Int64 = 86_400

    private func told(_ network: Network, _ name: String) -> [Finding] {
        let facts = network[name].facts(
            service: ServiceFacts(isServed: true, hasUplink: true), now: network.time(at: name))
        return Examination(facts).findings.filter { $0.code.hasPrefix("retention.") }
    }

    @Test func whatWaitsForABackupAboveIsToldWhenItLasts() throws {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        #expect(try network.retire(at: Network.village).kept[.notBackedUp] == 2)
        #expect(told(network, Network.village).isEmpty)
        network.pass(seconds: 8 * Self.day)
        // Nobody has looked since; and looking alone is not kept.
        _ = try network[Network.village].retire(onlyLooks: true, now: network.now)
        #expect(told(network, Network.village).isEmpty)
        _ = try network.retire(at: Network.village)
        let found = told(network, Network.village)
        #expect(found.map(\.code) == ["retention.waits"])
        #expect(found.first?.what[.english].contains("2: no unit above has them") == true, "\(found)")
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 2)
        #expect(told(network, Network.village).isEmpty)
    }

    /// No backup above ends it: a courier brings no word of one.
    @Test func whoLivesFromSticksIsNotSentToMakeBackups() throws {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        try network.carry(from: Network.village, to: Network.town)
        try network.carry(from: Network.town, to: Network.village)
        _ = try network.retire(at: Network.village)
        network.pass(seconds: 8 * Self.day)
        try network.backUpElsewhere(Network.town)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try network.retire(at: Network.village).kept[.notBackedUp] == 2)
        let facts = network[Network.village].facts(
            service: ServiceFacts(isServed: true, hasUplink: false), now: network.time(at: Network.village))
        #expect(facts.livesBySticks)
        let found = Examination(facts).findings.filter { $0.code.hasPrefix("retention.") }
        #expect(found.map(\.code) == ["retention.carried"] && found.first?.severity == .note)
        #expect(found.first?.what[.english].contains("2: who lives by sticks keeps everything") == true, "\(found)")
        // With an address, the line is what is to be seen to.
        #expect(told(network, Network.village).map(\.code) == ["retention.waits"])
        for (bySticks, backup) in [(true, false), (false, true)] {
            let words = RetentionObstacle.notBackedUp.words(livesBySticks: bySticks)
            #expect(words[.english].contains("backup") == backup && words[.chinese].contains("备份") == backup)
        }
    }

    /// Where each night's backup lets go what had waited for it, other cases wait the next day.
    @Test func whatWaitsAndGoesIsNotTold() throws {
        let network = try Network.forgetful()
        for number in 1...2 { _ = try network.closedCase(number) }
        for number in stride(from: 3, to: 15, by: 2) {
            for one in [number, number + 1] { _ = try network.closedCase(one) }
            #expect(try network.retire(at: Network.village).kept[.notBackedUp] ?? 0 > 0)
            network.pass(seconds: Self.day)
            #expect(told(network, Network.village).isEmpty)
            try network.backUpAll()
            #expect(try network.retire(at: Network.village).retired > 0)
        }
    }

    @Test func whatWasAskedBackAndDoesNotComeIsTold() throws {
        let network = try Network.forgetful()
        let cases = try (1...3).map { try network.closedCase($0) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 2)
        try network[Network.village].fetchCase(typed: cases[0].receipt, now: network.now)
        #expect(told(network, Network.village).isEmpty)
        network.pass(seconds: 2 * Self.day)
        #expect(told(network, Network.village).map(\.code) == ["retention.wished"])
        try network.exchange(Network.village, mode: .repairs)
        try network.settle(rounds: 1)
        #expect(told(network, Network.village).isEmpty)
    }

    /// What a clock that was a year ahead has noted is mended by the next pass.
    @Test func aClockThatWasAheadHidesNothing() throws {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        network.skew[Network.village] = 365 * Self.day
        #expect(try network.retire(at: Network.village).kept[.notBackedUp] == 2)
        network.skew[Network.village] = 0
        _ = try network.retire(at: Network.village)
        network.pass(seconds: 8 * Self.day)
        _ = try network.retire(at: Network.village)
        #expect(told(network, Network.village).map(\.code) == ["retention.waits"])
    }

    /// Nor does a day that lies ahead hide what was asked back, or keep it here when it has come.
    @Test func aDayThatLiesAheadHidesNoWish() throws {
        let network = try Network.forgetful()
        let cases = try (1...3).map { try network.closedCase($0) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 2)
        network.skew[Network.village] = 365 * Self.day
        try network[Network.village].fetchCase(typed: cases[0].receipt, now: network.time(at: Network.village))
        network.skew[Network.village] = 0
        network.pass(seconds: 2 * Self.day)
        #expect(told(network, Network.village).map(\.code) == ["retention.wished"])
        try network.exchange(Network.village, mode: .repairs)
        try network.settle(rounds: 1)
        #expect(told(network, Network.village).isEmpty)
        _ = try network.closedCase(4)
        try network.backUpAll()
        let pass = try network.retire(at: Network.village)
        #expect(pass.kept[.fetched] == nil && pass.retired > 0, "\(pass)")
    }

    /// One case of many is asked back, or goes on: the others have waited for as long as before.
    @Test func theFirstOfManyIsNotAll() throws {
        let network = try Network(Network.line)
        let replica = network[Network.village].replica
        func since(_ day: Int64, retired: Int = 0, cases: Int, first: Int64) throws -> Int64? {
            let time = network.now.seconds + day * Self.day
            let kept = RetentionPass.Kept(cases: cases, first: first, since: time)
            return try replica.write {
                try $0.keep(RetentionPass(time: time, retired: retired, kept: [.notBackedUp: kept]))
                return try $0.lastRetentionPass()?.kept[.notBackedUp].map {
                    ($0.since - network.now.seconds) / Self.day
                }
            }
        }
        #expect(try since(0, cases: 12, first: 3) == 0)
        #expect(try since(1, cases: 11, first: 4) == 0)
        #expect(try since(2, cases: 14, first: 4) == 0)
        // More than there were, or others after some have left.
        #expect(try since(3, cases: 15, first: 6) == 3)
        #expect(try since(4, retired: 15, cases: 15, first: 30) == 4)
    }
}
