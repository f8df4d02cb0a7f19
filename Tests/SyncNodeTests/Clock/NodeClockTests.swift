import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a node keeps of clocks while it works, and what it leaves to a person when its own cannot be relied on.
@Suite struct NodeClockTests {
    private static let day: Int64 = 86_400

    private static func clock(_ network: Network, at name: String) throws -> ClockStanding {
        try network[name].clock(now: network.time(at: name))
    }

    @Test func eachContactComparesTheClocks() throws {
        let network = try Network([Network.city, Network.county])
        #expect(try Self.clock(network, at: Network.county).doubt == nil)
        network.skew[Network.county] = -2 * Self.day
        let before = try Self.clock(network, at: Network.county)
        #expect(before.doubt?.code == "clock.behind" && before.needsDay)
        network.pass(seconds: 3 * Self.day)
        try network.exchange(Network.county)
        let apart = try Self.clock(network, at: Network.county)
        #expect(apart.doubt?.code == "clock.apart" && apart.needsDay)
        #expect(apart.presumedDay == network.now.day)
        network.skew = [:]
        try network.exchange(Network.county)
        #expect(try Self.clock(network, at: Network.county).doubt == nil)
    }

    @Test func anEntryOfALaterTimeIsToldUntilTheNextOneOrTheParentHasIt() throws {
        let network = try Network([Network.city, Network.county])
        network.skew[Network.county] = 5 * Self.day
        try network.accept(at: Network.county)
        network.skew = [:]
        let standing = try Self.clock(network, at: Network.county)
        #expect(standing.doubt?.code == "clock.behind" && standing.needsDay)
        try network.accept(at: Network.county, number: 2)
        #expect(try Self.clock(network, at: Network.county).doubt == nil)
        network.skew[Network.county] = 5 * Self.day
        try network.accept(at: Network.county, number: 3)
        network.skew = [:]
        try network.exchange(Network.county)
        #expect(try Self.clock(network, at: Network.county).doubt == nil)
        // The root has nobody above it.
        network.skew[Network.city] = Self.day
        try network.accept(at: Network.city)
        network.skew = [:]
        #expect(try Self.clock(network, at: Network.city).doubt?.code == "clock.behind")
    }

    @Test func aJumpIsKeptUntilTheParentIsHeard() throws {
        let network = try Network([Network.city, Network.county])
        let county = network[Network.county], now = network.now.seconds
        let first = try county.note(ClockJump(before: now, after: now + 3 * Self.day), after: nil)
        network.skew[Network.county] = 3 * Self.day
        #expect(try Self.clock(network, at: Network.county).doubt?.code == "clock.jumped")
        // A second one of the same process adds to it; of another process it takes its place.
        let back = ClockJump(before: now + 3 * Self.day, after: now)
        #expect(try county.note(back, after: first) == nil)
        network.skew = [:]
        #expect(try Self.clock(network, at: Network.county).doubt == nil)
        let other = try county.note(ClockJump(before: now, after: now + 7200), after: nil)
        #expect(try county.note(ClockJump(before: now + 7200, after: now), after: first)?.shift == -7200)
        #expect(other?.shift == 7200)
        try network.restart(Network.county)
        #expect(try Self.clock(network, at: Network.county).doubt?.code == "clock.jumped")
        try network.exchange(Network.county)
        #expect(try Self.clock(network, at: Network.county).doubt == nil)
        #expect(try network[Network.county].replica.read { try $0.clockJump() } == nil)
    }

    @Test func aDayIsNotMadeUp() throws {
        let network = try Network([Network.city, Network.county])
        let county = network[Network.county]
        #expect(try county.legalDay(nil, now: network.now) == network.now.day)
        network.skew[Network.county] = -network.now.seconds
        let now = network.time(at: Network.county)
        #expect(throws: ClockError.self) { try county.legalDay(nil, now: now) }
        #expect(try county.legalDay("2026-09-21", now: now) == CivilDate("2026-09-21")?.dayNumber)
        // Work goes on.
        try network.accept(at: Network.county)
        let error = #expect(throws: ClockError.self) {
            try county.issueEnrollmentCode(for: UnitCode(Network.town)!, now: now)
        }
        #expect(error?.code == "clock.nothingIssued")
    }
}
