import ChangeSet
import Crypto
import Foundation
import ServiceModel
import Testing

@testable import Replica

@Suite struct FrontierTests {
    /// What one row of the table does to a city C and a county K.
    struct Story: Sendable, CustomTestStringConvertible {
        let name: String
        /// The county's time at the city in the end.
        let time: Int64?
        let run: @Sendable (Town) throws -> Void
        var testDescription: String { name }
    }

    static let now: Int64 = 1_790_000_000

    static let stories = [
        Story(name: "never enrolled", time: nil) { _ in },
        Story(name: "sealed before any acknowledgement", time: nil) { town in
            try town["K"].accept("甲")
            try town.exchange("C", "K")
        },
        Story(name: "applied up to its last seal", time: 2000) { town in
            for (number, time) in [(1, 1000), (2, 2000)] {
                try town["K"].accept("甲", number: number)
                try town["K"].quote(Int64(time))
                try town.exchange("C", "K")
            }
        },
        Story(name: "one seal behind", time: 1000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town["K"].accept("乙", number: 2)
            try town["K"].quote(2000)
            try town["K"].seal()
        },
        Story(name: "the parent's clock was set back", time: 500) { town in
            for (number, time) in [(1, 1000), (2, 500)] {
                try town["K"].accept("甲", number: number)
                try town["K"].quote(Int64(time))
                try town.exchange("C", "K")
            }
        },
        Story(name: "a clock ahead within tolerance", time: now) { town in
            try town["K"].accept("甲")
            try town["K"].quote(now + 3600)
            try town.exchange("C", "K")
        },
        Story(name: "a clock ahead of belief", time: nil) { town in
            try town["K"].accept("甲")
            try town["K"].quote(now + 3601)
            try town.exchange("C", "K")
        },
        Story(name: "a heartbeat alone", time: 700) { town in
            try town.introduce("K", at: "C")
            try town.beat("K", heads: [0, 0, 0], quoting: 700, at: "C")
        },
        Story(name: "a heartbeat behind the last seal", time: 3000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.beat("K", heads: [0, 1, 0], quoting: 3000, at: "C")
        },
        Story(name: "a heartbeat whose head is not here", time: 1000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.beat("K", heads: [0, 2, 0], quoting: 3000, at: "C")
        },
        Story(name: "a heartbeat whose published head is not here", time: 1000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.beat("K", heads: [0, 1, 1], quoting: 3000, at: "C")
        },
        Story(name: "a heartbeat that came before what it names", time: 3000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.introduce("K", at: "C")
            try town.beat("K", heads: [0, 1, 0], quoting: 3000, at: "C")
            try town.exchange("C", "K")
        },
        Story(name: "an old heartbeat before a newer seal", time: 4000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.beat("K", heads: [0, 1, 0], quoting: 3000, at: "C")
            try town["K"].accept("乙", number: 2)
            try town["K"].quote(4000)
            try town.exchange("C", "K")
        },
        Story(name: "restored, and the earlier incarnation is here", time: 5000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.reincarnate("K", closing: [.casework: 1])
            try town["K"].accept("乙", number: 2)
            try town["K"].quote(5000)
            try town.exchange("C", "K")
        },
        Story(name: "restored, and some of the earlier incarnation is missing", time: 1000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.reincarnate("K", closing: [.casework: 3])
            try town["K"].accept("乙", number: 2)
            try town["K"].quote(5000)
            try town.exchange("C", "K")
        },
        Story(name: "restored, and nothing of the earlier incarnation ever came", time: nil) { town in
            try town.reincarnate("K", closing: [.casework: 1])
            try town["K"].accept("乙", number: 2)
            try town["K"].quote(5000)
            try town.exchange("C", "K")
        },
        Story(name: "restored, and a cut states the loss", time: 5000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.cut("K", through: 3, lost: 2...3)
            try town.reincarnate("K", closing: [.casework: 3], enrollment: 2)
            try town["K"].accept("乙", number: 2)
            try town["K"].quote(5000)
            try town.exchange("C", "K")
        },
        Story(name: "cut, and no machine since", time: 1000) { town in
            try town["K"].accept("甲")
            try town["K"].quote(1000)
            try town.exchange("C", "K")
            try town.cut("K", through: 1)
        },
        Story(name: "the least of two nodes", time: 1000) { town in
            for (enrollment, time) in [(1, 1000), (2, 5000)] {
                if enrollment == 2 { try town.reincarnate("K", closing: nil, enrollment: 2) }
                try town["K"].accept("甲", number: enrollment)
                try town["K"].quote(Int64(time))
                try town.exchange("C", "K")
            }
        },
    ]

    @Test(arguments: stories)
    func countyAsTheCityHasIt(_ story: Story) throws {
        let town = try Town(["C", "K"])
        try story.run(town)
        #expect(try town.frontier(now: Self.now).units.first { $0.unit.text == "K" }?.time == story.time)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    @Test func unitsCompleteAndBehind() throws {
        let town = try Town(["C", "K", "T"])
        for (name, time) in [("K", 1000), ("T", 900)] {
            try town[name].accept("甲")
            try town[name].quote(Int64(time))
        }
        try town.settle()
        let frontier = try town.frontier(asked: 1000, now: Self.now)
        #expect(frontier.units.map(\.unit.text) == ["B", "C", "K", "T", "V", "W"])
        #expect(frontier.units.map(\.time) == [nil, Self.now, 1000, 900, nil, nil])
        #expect(frontier.complete == 2)
        #expect(frontier.behind.map(\.unit.text) == ["B", "T", "V", "W"])
        #expect(frontier.time == nil)
        #expect(frontier.of { ["K", "T"].contains($0.text) }.time == 900)
        #expect(try town.frontier(of: "T", asked: 900, now: Self.now).units.map(\.isComplete) == [true, false, false])
    }

    @Test func allComplete() throws {
        let town = try Town()
        for name in ["B", "K", "T", "V", "W"] {
            try town[name].accept("甲")
            try town[name].quote(1000)
        }
        try town.settle()
        let frontier = try town.frontier(asked: 1000, now: Self.now)
        #expect(frontier.complete == 6 && frontier.behind.isEmpty && frontier.time == 1000)
        #expect(try town.frontier(asked: 1001, now: Self.now).complete == 1)
    }

    @Test func unitsAreExpectedWhileTheyAreValid() throws {
        let town = try Town(["C", "K"])
        func unit(_ code: String, from: Int32?, until: Int32?) -> UnitEntry {
            UnitEntry(code: UnitCode(code)!, name: code, tier: 1, parent: UnitCode("C"), from: from, until: until)
        }
        try town["C"].importUnits([
            unit("K", from: nil, until: 20_004), unit("N", from: 20_006, until: nil),
            unit("O", from: nil, until: 19_999),
        ])
        try town["K"].accept("甲")
        try town["K"].quote(CivilTime.end(of: CivilDate(dayNumber: 20_004)!))
        try town.exchange("C", "K")
        func found(_ days: ClosedRange<Int32>) throws -> [String] {
            let days = CivilDate(dayNumber: days.lowerBound)!...CivilDate(dayNumber: days.upperBound)!
            return try town.frontier(days: days, asked: Self.now, now: Self.now).units
                .filter { ["K", "N", "O"].contains($0.unit.text) }
                .map { "\($0.unit) \($0.isComplete ? "complete" : "behind")" }
        }
        // A unit that ended is asked for until its end.
        #expect(try found(20_000...20_005) == ["K complete"])
        #expect(try found(20_004...20_006) == ["K complete", "N behind"])
        #expect(try found(20_005...20_005) == [])
        #expect(try found(19_000...19_999) == ["K complete", "O behind"])
    }
}

extension Town {
    func frontier(
        of unit: String = "C", days: ClosedRange<CivilDate>? = nil, asked: Int64 = 0, now: Int64
    ) throws -> Frontier {
        let today = CivilTime.day(at: now)!
        return try self["C"].replica.read {
            try $0.frontier(of: UnitCode(unit)!, days: days ?? today...today, asked: asked, now: now)
        }
    }

    /// Lets one replica know another's author without anything of its journals.
    func introduce(_ name: String, at other: String) throws {
        let node = self[name]
        let opening = try #require(try node.replica.read { try $0.opening(of: node.author) })
        try self[other].replica.write { try $0.introduce(opening) }
    }

    /// - Parameter casework: so much of its casework the parent had.
    func beat(_ name: String, heads: [UInt64], quoting time: Int64, casework: UInt64 = 0, at other: String) throws {
        let node = self[name]
        let network = try node.replica.read { $0.network }
        let heartbeat = try SignedHeartbeat(
            author: node.author, heads: heads,
            quoted: QuotedAcknowledgement(author: self["C"].author, heads: [0, casework, 0], time: time),
            time: time,
            network: network, key: node.key)
        try self[other].replica.write { try $0.keep(heartbeat, from: nil, now: FrontierTests.now) }
    }

    func cut(_ name: String, through: UInt64, lost: ClosedRange<UInt64>? = nil) throws {
        let author = Author(id: self[name].author, unit: UnitCode(name)!, enrollment: 1, depth: 0)
        try self["C"].enter(
            .cut(WireCut(Cut(author: author, through: through, heir: nil, lost: lost.map { [$0] } ?? []))))
    }

    /// The node goes on as another author: a new incarnation that closes the one before, or a new enrollment.
    func reincarnate(_ name: String, closing heads: [Feed: UInt64]?, enrollment: UInt32 = 1) throws {
        let node = self[name]
        let opening = try SignedOpening(
            Opening(
                unit: node.unit, node: enrollment, random: Data(repeating: 77, count: 8), certificates: [],
                sealKey: node.key.publicKey.rawRepresentation, earlier: heads == nil ? nil : node.author,
                earlierHeads: (heads ?? [:]).sorted { $0.key < $1.key }.map {
                    Opening.Head(feed: $0.key, sequence: $0.value, leaf: Digest32(hashing: Data([1])))
                }, depth: heads == nil ? 0 : 1),
            sign: { _ in Data(count: 64) })
        try node.replica.write { transaction in
            try transaction.introduce(opening)
            try transaction.write(as: opening.author.id)
        }
        replace(name, author: opening.author.id)
    }
}

extension Town.Node {
    /// Has an acknowledgement of its parent to quote, which had so much of its casework.
    func quote(_ time: Int64, casework: UInt64 = 0) throws {
        try replica.write {
            try $0.keep(QuotedAcknowledgement(author: author, heads: [0, casework, 0], time: time), heard: time)
        }
    }
}
