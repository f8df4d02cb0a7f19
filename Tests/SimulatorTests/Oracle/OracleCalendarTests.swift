import ChangeSet
import ServiceModel
import Testing

@testable import Simulator

/// The judges' own count of days: against the arrangement of 2015, and against the program's clock of a case.
@Suite struct OracleCalendarTests {
    private static let holidays = [
        "2015-01-01", "2015-01-02", "2015-02-18", "2015-02-19", "2015-02-20", "2015-02-23", "2015-02-24", "2015-04-06",
        "2015-05-01", "2015-06-22", "2015-09-03", "2015-09-04", "2015-10-01", "2015-10-02", "2015-10-05", "2015-10-06",
        "2015-10-07",
    ]
    private static let worked = ["2015-01-04", "2015-02-15", "2015-02-28", "2015-09-06", "2015-10-10"]

    private static func day(_ text: String) -> Int32 { CivilDate(text)!.dayNumber }

    private static func calendar(countingFirstDay: Bool = false) -> OracleCalendar {
        let names = (1...3).map { EntryDigest(Bytes16(high: $0, low: 0)) }
        let changes: [OracleCharter.Change] = [
            .units(["C": .init(tier: 0, parent: nil)], last: true),
            .calendar(year: 2015, holidays: holidays.map(day), worked: worked.map(day)),
            .policy(name: "deadline.firstDay", value: countingFirstDay ? "counted" : "notCounted"),
        ]
        let entries = zip(names, changes).enumerated().map { number, one in
            OracleCharter.Entry(
                number: UInt64(number), digest: one.0, previous: number == 0 ? nil : names[number - 1], change: one.1)
        }
        return OracleCalendar(OracleCharter(entries).whole)
    }

    private static func limit(_ count: Int, _ unit: TimeLimit.Unit = .workingDays) -> WireLimit {
        .with {
            $0.count = UInt32(count)
            $0.unit = unit.rawValue
        }
    }

    @Test(arguments: [
        ("2015-02-13", 3, "2015-02-17"), ("2015-02-16", 5, "2015-02-28"), ("2015-04-03", 1, "2015-04-07"),
        ("2015-09-30", 3, "2015-10-10"), ("2015-04-17", 20, "2015-05-18"), ("2015-04-17", 0, "2015-04-17"),
    ])
    func countsAsArranged(_ start: String, _ count: Int, _ end: String) {
        let clock = OracleCalendar.Clock(start: Self.day(start), still: [], calendar: Self.calendar())
        let due = clock.due(Self.limit(count))
        #expect(due?.day == Self.day(end))
        #expect(due?.workingDays == count)
        #expect(clock.used(through: Self.day(end)) == count)
    }

    @Test func datesAreThoseOfTheCalendar() {
        #expect(OracleCalendar.text(of: Self.day("2015-12-31")) == "2015-12-31")
        #expect(OracleCalendar.text(of: Self.day("2016-02-29")) == "2016-02-29")
        #expect(OracleCalendar.text(of: Self.day("1969-12-31")) == "1969-12-31")
        #expect(OracleCalendar.text(of: 0) == "1970-01-01")
    }

    @Test(arguments: [UInt64](1...8))
    func countsAsTheProgramDoes(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let year = try CalendarYear(
            year: 2015, holidays: Self.holidays.compactMap { CivilDate($0) },
            worked: Self.worked.compactMap { CivilDate($0) }, source: "test")
        for draw in 0..<200 {
            let isCounted = random.one(in: 2)
            let start = Self.day("2014-11-01") + Int32(random.below(500))
            var still: [(first: Int32, last: Int32)] = []
            for _ in 0..<random.below(3) {
                let first = start + Int32(random.below(60)) - 5
                still.append((first, random.one(in: 6) ? .max : first + Int32(random.below(20))))
            }
            let unit = random.pick(TimeLimit.Unit.allCases), count = random.below(unit == .months ? 7 : 60)
            let own = OracleCalendar.Clock(
                start: start, still: still, calendar: Self.calendar(countingFirstDay: isCounted))
            let clock = try CaseClock(
                start: try #require(CivilDate(dayNumber: start)),
                rules: DeadlineRules(
                    calendar: PublishedCalendar([year]), firstDay: isCounted ? .counted : .notCounted),
                suspensions: still.compactMap { one in
                    CivilDate(dayNumber: one.first).flatMap {
                        .init(first: $0, last: one.last == .max ? nil : CivilDate(dayNumber: one.last))
                    }
                })
            let theirs = clock.deadline(TimeLimit(count: UInt32(count), unit: unit))
            let ours = own.due(Self.limit(count, unit))
            let about: Comment = "seed \(seed), draw \(draw): \(count) \(unit) from \(start), still \(still)"
            #expect(ours?.day == theirs.due?.dayNumber, about)
            if ours != nil { #expect(ours?.workingDays == theirs.workingDays, about) }
            let end = start + Int32(random.below(120))
            #expect(own.used(through: end) == clock.used(through: try #require(CivilDate(dayNumber: end))), about)
        }
    }
}
