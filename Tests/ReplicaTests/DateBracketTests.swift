import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// Legal days against what the journal proves of when they were written.
@Suite struct DateBracketTests {
    private static let day: Int64 = 86_400

    /// Ten o'clock of a day in China.
    private static func time(_ day: String) -> Int64 { CivilTime.start(of: CivilDate(day)!) + 36_000 }
    private static func number(_ day: String) -> Int32 { CivilDate(day)!.dayNumber }

    @Test func aDayIsDoubtedOutsideOfWhatIsProved() {
        typealias Row = (from: String?, until: String?, day: String, doubt: String?)
        let rows: [Row] = [
            (nil, nil, "1970-01-01", nil), (nil, nil, "2106-02-07", nil),
            ("2026-11-20", "2026-11-25", "2026-11-22", nil),
            // The day after the parent had it, and no later.
            ("2026-11-20", "2026-11-25", "2026-11-26", nil),
            ("2026-11-20", "2026-11-25", "2026-11-27", "day.laterThanWitnessed"),
            (nil, "2026-11-25", "2036-02-07", "day.laterThanWitnessed"),
            // A paper may be thirty days old.
            ("2026-11-20", "2026-11-25", "2026-10-21", nil),
            ("2026-11-20", "2026-11-25", "2026-10-20", "day.earlierThanSealed"),
            ("2026-11-20", nil, "1970-01-01", "day.earlierThanSealed"),
            ("2026-11-20", nil, "2036-02-07", nil), (nil, "2026-11-25", "1970-01-01", nil),
            ("2026-11-20", "2026-11-20", "2026-11-20", nil),
            // One of two clocks was wrong, and which one cannot be told.
            ("2036-02-07", "2026-11-25", "2036-02-08", nil), ("2036-02-07", "2026-11-25", "1970-01-01", nil),
        ]
        for row in rows {
            let bracket = DateBracket(notBefore: row.from.map(Self.time), notAfter: row.until.map(Self.time))
            #expect(bracket.doubt(of: Self.number(row.day))?.code == row.doubt, "\(row)")
        }
        let far = DateBracket(notBefore: .min, notAfter: .max)
        for day in [Int32.min, 0, .max] {
            #expect(far.doubt(of: day) == nil)
            _ = DateBracket(notBefore: Self.time("9999-12-31"), notAfter: nil).doubt(of: day)
            _ = DateBracket(notBefore: nil, notAfter: Self.time("0001-01-01")).doubt(of: day)
        }
        // Days are those of China: at 23:30 UTC it is tomorrow there.
        let late = DateBracket(notBefore: nil, notAfter: Self.time("2026-11-25") - 36_000 + 7 * 3600 + 1800 - Self.day)
        #expect(late.doubt(of: Self.number("2026-11-25")) == nil)
        #expect(late.doubt(of: Self.number("2026-11-26"))?.code == "day.laterThanWitnessed")
    }

    @Test func theWordsSayBothDays() {
        let bracket = DateBracket(notBefore: Self.time("2026-11-20"), notAfter: nil)
        let words = bracket.doubt(of: 0)?.words
        for language in [Language.chinese, .english] {
            let text = words?[language] ?? ""
            #expect(text.contains("1970-01-01") && text.contains("2026-11-20 10:00"))
        }
    }

    @Test func aQuoteProvesWhatTheParentCanHaveKnown() {
        let evidence = QuotedEvidence(sealed: 10, acknowledged: 7, time: 1)
        #expect((1...12).filter { evidence.proves($0) } == Array(1...7))
        // The heads of the incarnation before are of another journal.
        #expect(!QuotedEvidence(sealed: 2, acknowledged: 500, time: 1).proves(1))
        #expect(QuotedEvidence(sealed: .max, acknowledged: .max, time: 1).proves(.max))
    }

    // MARK: - From a journal

    /// By the number of the case, the bracket as a node finds it.
    private static func brackets(_ town: Town, _ places: [Place], at name: String) throws -> [[Int64?]] {
        try town[name].replica.read { transaction in
            try places.map { place in
                guard let row = try transaction.record(created: place) else { return [] }
                let record = try transaction.caseRecord(row)
                let leaf = record.history.entries[0].placed.leaf.leaf
                let bracket = try transaction.dateBrackets(of: record)[leaf]
                return [bracket?.notBefore, bracket?.notAfter]
            }
        }
    }

    @Test func theSealsOfAJournalTellAndEverybodyFindsTheSame() throws {
        let town = try Town(["C", "B", "K", "T"], founded: 1)
        let t = town["T"]
        // The branch gets the second case alone.
        let first = try t.accept("甲", number: 1)
        try t.seal()
        try t.quote(1000, casework: 1)
        let second = try t.accept("乙", route: ["B"], number: 2)
        try t.seal()
        // The line is cut: what is sealed meanwhile quotes the same.
        let third = try t.accept("丙", number: 3)
        try t.seal()
        try t.quote(5000, casework: 3)
        let fourth = try t.accept("丁", number: 4)
        let places = [first, second, third, fourth]
        #expect(try Self.brackets(town, places, at: "T") == [[nil, 1000], [nil, nil], [1000, nil], [1000, nil]])
        try town.settle()
        let found: [[Int64?]] = [[nil, 1000], [nil, 5000], [1000, 5000], [1000, nil]]
        for name in ["T", "K", "C"] { #expect(try Self.brackets(town, places, at: name) == found, "\(name)") }
        #expect(try Self.brackets(town, places, at: "B") == [[], [nil, nil], [], []])
    }

    @Test func aHeartbeatTellsUntilASealDoes() throws {
        let town = try Town(["C", "K"], founded: 1)
        let place = try town["K"].accept("甲")
        try town.exchange("C", "K")
        #expect(try Self.brackets(town, [place], at: "C") == [[nil, nil]])
        let beats: [(casework: UInt64, time: Int64, bound: Int64?)] = [(0, 100, nil), (2, 200, nil), (1, 300, 300)]
        for (acknowledged, time, bound) in beats {
            try town.beat("K", heads: [0, 1, 0], quoting: time, casework: acknowledged, at: "C")
            #expect(try Self.brackets(town, [place], at: "C") == [[nil, bound]])
        }
        try town["K"].quote(250, casework: 1)
        try town["K"].accept("乙", number: 2)
        try town.exchange("C", "K")
        #expect(try Self.brackets(town, [place], at: "C") == [[nil, 250]])
    }

    /// Times that no clock can have shown rightly are passed over, and another seal is asked.
    @Test func aClockOf1970ProvesNothing() throws {
        let founded = FrontierTests.now
        let town = try Town(["C", "K"], founded: founded)
        var places: [Place] = []
        for (number, quoted) in [(1, Int64(0)), (2, founded + 50), (3, 700), (4, founded + 90), (5, 800)] {
            try town["K"].quote(quoted, casework: UInt64(number - 1))
            places.append(try town["K"].accept("甲", number: number))
            try town["K"].seal()
        }
        #expect(
            try Self.brackets(town, places, at: "K") == [
                [nil, founded + 50], [nil, founded + 90], [founded + 50, founded + 90], [founded + 50, nil],
                [founded + 90, nil],
            ])
    }

    @Test func aForkedJournalTellsNothing() throws {
        let town = try Town(["C", "K"], founded: 1)
        var places: [Place] = []
        for number in 1...3 {
            try town["K"].quote(Int64(number) * 100, casework: UInt64(number - 1))
            places.append(try town["K"].accept("甲", number: number))
            try town["K"].seal()
        }
        try town.exchange("C", "K")
        #expect(try Self.brackets(town, places, at: "C")[1] == [100, 300])
        try town["C"].replica.write { transaction in
            let runs = try transaction.db.makeStatement(
                sql: """
                    INSERT INTO fork (author, feed, one, two)
                    SELECT min(author), 2, min(id), max(id) FROM run WHERE feed = 2
                    """)
            try runs.execute()
        }
        #expect(try Self.brackets(town, places, at: "C") == [[nil, nil], [nil, nil], [nil, nil]])
    }
}
