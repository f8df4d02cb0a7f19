import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

@Suite struct HeartbeatTests {
    static let line = [Network.city, Network.county, Network.town, Network.village]

    private func time(_ network: Network, of unit: String, asked: Int64? = nil) throws -> UnitFrontier? {
        try network[Network.city].statistics(now: network.now).frontier.units.first { $0.unit.text == unit }
    }

    @Test func anIdleNodeIsHeardAtTheCityThroughTwoRelays() throws {
        let network = try Network(Self.line)
        // It has written nothing: its opening must come up with its heartbeat.
        #expect(try network[Network.village].heartbeat(now: network.now))
        #expect(try time(network, of: Network.village)?.time == nil)
        let enrolled = network.now.seconds
        try network.settle(rounds: 1)
        #expect(try time(network, of: Network.village)?.time == enrolled)

        network.pass(seconds: 1000)
        try network.exchange(Network.village)
        #expect(try network[Network.village].heartbeat(now: network.now))
        let first = try #require(try network.exchange(Network.village)).child.sentBytes
        try network.settle(rounds: 1)
        #expect(try time(network, of: Network.village)?.time == enrolled + 1000)
        #expect(try time(network, of: Network.town)?.time == nil)
        print("exchange with a heartbeat of a known author: \(first) bytes up")
        // The opening travels once.
        #expect(first < 250)
        let author = try network[Network.village].replica.read { try network[Network.village].author($0) }
        let opening = try network[Network.city].replica.read { try $0.opening(of: author) }
        #expect(opening?.opening.unit == UnitCode(Network.village))
    }

    @Test func oneIsMadeWhenIdleForAQuarterOfAnHour() throws {
        let network = try Network([Network.city, Network.county])
        let county = network[Network.county]
        #expect(try !network[Network.city].heartbeat(now: network.now))
        #expect(try county.heartbeat(now: network.now))
        // Nothing has come from the parent since.
        network.pass(seconds: 2000)
        #expect(try !county.heartbeat(now: network.now))
        try network.exchange(Network.county)
        try network.accept(at: Network.county)
        // What is not sealed was perhaps booked before the time that would be quoted.
        #expect(try !county.heartbeat(now: network.now))
        try network.exchange(Network.county)
        network.pass(seconds: 899)
        #expect(try !county.heartbeat(now: network.now))
        network.pass(seconds: 1)
        #expect(try county.heartbeat(now: network.now))
        #expect(try !county.heartbeat(now: network.now))
        try network.exchange(Network.county)
        network.pass(seconds: 800)
        #expect(try !county.heartbeat(now: network.now))
        network.pass(seconds: 100)
        #expect(try county.heartbeat(now: network.now))
    }

    @Test func theLatestWinsWhateverTheOrder() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county)
        try network.exchange(Network.county)
        let county = network[Network.county], city = network[Network.city]
        func heartbeat(_ casework: UInt64, _ time: Int64) throws -> SignedHeartbeat {
            try SignedHeartbeat(
                author: try county.replica.read { try county.author($0) }, heads: [0, casework, 0],
                quoted: QuotedAcknowledgement(
                    author: try city.replica.read { try city.author($0) }, heads: [], time: time), time: time,
                network: county.genesis.id, key: county.sealKey.key)
        }
        let now = network.now.seconds
        for (casework, time, isKept) in [
            (UInt64(1), Int64(500), true), (1, 400, false), (1, 500, false), (1, 600, true), (0, 900, false),
            (2, 100, true), (2, now + 100, true), (2, 200, true), (1, 300, false),
        ] {
            let kept = try city.replica.write { try $0.keep(heartbeat(casework, time), from: nil, now: now) }
            #expect(kept == isKept, "\(casework) \(time)")
        }
    }

    @Test func aForgedOneIsRefused() throws {
        let network = try Network([Network.city, Network.county])
        network.pass(seconds: 1000)
        try network.exchange(Network.county)
        let county = network[Network.county], city = network[Network.city]
        #expect(try county.heartbeat(now: network.now))
        let author = try county.replica.read { try county.author($0) }
        var wire = try #require(try county.replica.read { try $0.heartbeat(of: author) }).wire
        let parent = LinkReplica(node: city, neighbour: county.name, isAbove: true)
        let opening = try #require(try county.replica.read { try $0.opening(of: author) })

        wire.heads[1] += 1
        wire.opening = try opening.bytes
        #expect(throws: WireError.signature) { try parent.keep(wire, now: network.now) }
        wire.heads[1] -= 1
        wire.opening[wire.opening.count - 1] ^= 1
        #expect(throws: WireError.self) { try parent.keep(wire, now: network.now) }
        #expect(try city.replica.read { try $0.opening(of: author) } == nil)
        // Of an author that nobody has introduced nothing is kept.
        wire.opening = Data()
        try parent.keep(wire, now: network.now)
        #expect(try city.replica.read { try $0.heartbeat(of: author) } == nil)
        wire.opening = try opening.bytes
        try parent.keep(wire, now: network.now)
        #expect(try city.replica.read { try $0.heartbeat(of: author) } != nil)
    }

    /// A clock that was ahead and is set right must not hold up what was sealed meanwhile: cases flow, and only the
    /// frontier does not believe the time.
    @Test func aTimeThatTheParentsClockHasNotReachedHoldsNothingUp() throws {
        let network = try Network(Self.line)
        network.pass(seconds: 1000)
        try network.exchange(Network.village)
        try network.accept(at: Network.village)
        // The town's clock is set back by an hour.
        network.skew[Network.town] = -3600
        try network.exchange(Network.village)
        func cases(_ name: String) throws -> Int {
            try network[name].replica.read { try $0.fingerprint(of: UnitCode(Network.village)!).cases }
        }
        #expect(try cases(Network.town) == 1)
        network.skew[Network.county] = -3600
        try network.exchange(Network.town)
        #expect(try cases(Network.county) == 1)

        let county = network[Network.county], city = network[Network.city]
        let heartbeat = try SignedHeartbeat(
            author: try county.replica.read { try county.author($0) }, heads: [0, 0, 0],
            quoted: QuotedAcknowledgement(
                author: try city.replica.read { try city.author($0) }, heads: [], time: network.now.seconds + 1),
            time: network.now.seconds, network: county.genesis.id, key: county.sealKey.key)
        let parent = LinkReplica(node: city, neighbour: county.name, isAbove: true)
        var wire = heartbeat.wire
        wire.opening = try #require(try county.replica.read { try $0.opening(of: county.author($0)) }).bytes
        try parent.keep(wire, now: network.now)
        #expect(try city.replica.read { try $0.heartbeat(of: heartbeat.author) } == nil)
    }

    @Test func heartbeatsGoOutWhileTheExchangeStaysOpen() throws {
        let network = try Network([Network.city, Network.county])
        network.pass(seconds: 1000)
        try network.exchange(Network.county)
        let county = network[Network.county], city = network[Network.city]
        var below = try ChildLink(county, to: city.name, wait: 60, now: network.now)
        var above = ParentLink(city, from: county.name)
        func run() throws {
            var moved = true
            while moved {
                moved = false
                while let bytes = try below.next(now: network.now) {
                    moved = true
                    try above.take(bytes, now: network.now)
                }
                while let bytes = try above.next(now: network.now) {
                    moved = true
                    try below.take(bytes, now: network.now)
                }
            }
        }
        try run()
        #expect(try county.heartbeat(now: network.now))
        below.news(now: network.now)
        try run()
        #expect(try time(network, of: Network.county)?.time == network.now.seconds)
        #expect(!below.isFinished)
        below.end()
        try run()
        #expect(below.isFinished && above.isFinished)
    }
}
