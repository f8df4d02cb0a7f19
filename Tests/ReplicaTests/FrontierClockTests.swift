import Foundation
import ServiceModel
import Testing

@testable import Replica

/// Clocks that are wrong do not lead the frontier astray: at a city C it says of a county K what it could before.
@Suite struct FrontierClockTests {
    private static let now = FrontierTests.now
    private static let day: Int64 = 86_400

    private static func town(founded: Int64 = 0) throws -> Town {
        let town = try Town(["C", "K"], founded: founded)
        try town["K"].accept("甲")
        try town["K"].quote(now - 2 * day)
        try town.exchange("C", "K")
        return town
    }

    /// The county's time as the city has it when its clock shows `now`.
    private static func time(_ town: Town, at now: Int64) throws -> Int64? {
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        return try town.frontier(now: now).units.first { $0.unit.text == "K" }?.time
    }

    @Test func aTimeThatWasAheadIsNotBelievedWhenTheClockGetsThere() throws {
        let town = try Self.town()
        try town["K"].accept("乙", number: 2)
        try town["K"].quote(Self.now + Self.day)
        try town.exchange("C", "K")
        // What the county books in these two days may lie at the county.
        #expect(try Self.time(town, at: Self.now + 2 * Self.day) == Self.now - 2 * Self.day)
        try town["K"].accept("丙", number: 3)
        try town["K"].quote(Self.now - 100)
        try town.exchange("C", "K")
        #expect(try Self.time(town, at: Self.now) == Self.now - 100)
    }

    @Test func aHeartbeatThatWasAheadIsNotBelievedEither() throws {
        let town = try Self.town()
        try town.beat("K", heads: [0, 1, 0], quoting: Self.now + Self.day, at: "C")
        #expect(try Self.time(town, at: Self.now + 2 * Self.day) == Self.now - 2 * Self.day)
        // An earlier time by the clock that was set right takes its place.
        try town.beat("K", heads: [0, 1, 0], quoting: Self.now - Self.day, at: "C")
        #expect(try Self.time(town, at: Self.now + 2 * Self.day) == Self.now - Self.day)
    }

    /// All that the county had booked by the time of the heartbeat is here, whatever it seals later.
    @Test func aDoubtedRunTakesNothingFromAHeartbeatBeforeIt() throws {
        let town = try Self.town()
        try town.beat("K", heads: [0, 1, 0], quoting: Self.now - Self.day, at: "C")
        for number in 2...3 {
            try town["K"].accept("乙", number: number)
            try town["K"].quote(Self.now + Self.day)
            try town.exchange("C", "K")
        }
        #expect(try Self.time(town, at: Self.now) == Self.now - Self.day)
        #expect(try Self.time(town, at: Self.now + 2 * Self.day) == Self.now - Self.day)
        // One that is believed counts, by a clock that was set back too.
        try town["K"].accept("丙", number: 4)
        try town["K"].quote(Self.now - 2 * Self.day + 1)
        try town.exchange("C", "K")
        #expect(try Self.time(town, at: Self.now) == Self.now - 2 * Self.day + 1)
        try town["K"].accept("丁", number: 5)
        try town["K"].quote(Self.now + Self.day)
        try town.exchange("C", "K")
        #expect(try Self.time(town, at: Self.now) == Self.now - 2 * Self.day + 1)
    }

    @Test func whatACityBelievedWhileItsOwnClockWasAheadIsDoubted() throws {
        let town = try Self.town()
        town["C"].time = Self.now + 3 * Self.day
        for number in 2...3 {
            try town["K"].accept("乙", number: number)
            try town["K"].quote(Self.now + Int64(number) * Self.day)
            try town.exchange("C", "K")
        }
        #expect(try Self.time(town, at: Self.now + 3 * Self.day) == Self.now + 3 * Self.day)
        // Before anybody has looked, the city's own clock bounds what is said.
        #expect(try Self.time(town, at: Self.now) == nil)
        try town["C"].replica.write { try $0.doubtQuotes(now: Self.now) }
        #expect(try Self.time(town, at: Self.now) == Self.now - 2 * Self.day)
        #expect(try Self.time(town, at: Self.now + 4 * Self.day) == Self.now - 2 * Self.day)
        try town.beat("K", heads: [0, 3, 0], quoting: Self.now - 50, at: "C")
        #expect(try Self.time(town, at: Self.now) == Self.now - 50)
        // A clock that was set back by less than clocks differ has led nobody astray.
        try town["C"].replica.write { try $0.doubtQuotes(now: Self.now - 3000) }
        #expect(try Self.time(town, at: Self.now) == Self.now - 50)
    }

    /// A parent that woke in 1970 gives times from before there was a network.
    @Test func aTimeFromBeforeTheFoundingSaysNothing() throws {
        let town = try Self.town(founded: Self.now - 10 * Self.day)
        for (number, quoted) in [(2, Int64(500)), (3, Self.now - 12 * Self.day)] {
            try town["K"].accept("乙", number: number)
            try town["K"].quote(quoted)
            try town.exchange("C", "K")
            #expect(try Self.time(town, at: Self.now) == Self.now - 2 * Self.day)
        }
        try town.beat("K", heads: [0, 3, 0], quoting: 700, at: "C")
        #expect(try Self.time(town, at: Self.now) == Self.now - 2 * Self.day)
        try town["K"].accept("丁", number: 4)
        try town["K"].quote(Self.now - 60)
        try town.exchange("C", "K")
        #expect(try Self.time(town, at: Self.now) == Self.now - 60)
    }

    @Test func itNeverPassesTheOwnClock() throws {
        let town = try Self.town()
        try town["K"].accept("乙", number: 2)
        try town["K"].quote(Self.now + 1800)
        try town.exchange("C", "K")
        #expect(try Self.time(town, at: Self.now) == Self.now)
        #expect(try Self.time(town, at: Self.now + 1000) == Self.now + 1000)
        #expect(try Self.time(town, at: Self.now + 5000) == Self.now + 1800)
    }
}
