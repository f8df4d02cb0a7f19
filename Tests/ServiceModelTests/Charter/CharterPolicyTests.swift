import Testing

@testable import ServiceModel

struct CharterPolicyTests {
    private func digest(_ number: UInt64) -> EntryDigest { EntryDigest(Bytes16(high: 7, low: number)) }

    private func charter(_ changes: [CharterChange]) throws -> Charter {
        var charter = Charter()
        let root = UnitEntry(code: try #require(UnitCode("C")), name: "C", tier: 0, parent: nil)
        charter.add(CharterEntry(number: 0, digest: digest(0), previous: nil, change: .genesis(root: root)))
        for (index, change) in changes.enumerated() {
            let number = UInt64(index) + 1
            charter.add(
                CharterEntry(number: number, digest: digest(number), previous: digest(number - 1), change: change))
        }
        return charter
    }

    @Test func theLaterEntryForAYearWins() throws {
        let years = try Calendar2015.calendar().years()
        let holiday = try #require(CivilDate("2015-03-04"))
        let changed = try CalendarYear(year: 2015, holidays: [holiday], worked: [], source: "later")
        let next = try CalendarYear(year: 2016, holidays: [], worked: [], source: "2016")
        let charter = try charter([.calendar(years[0]), .calendar(next), .calendar(changed)])
        #expect(charter.current.calendar.years == [2015: changed, 2016: next])
        #expect(charter.current.calendar.days.isWorked(holiday) == false)
        #expect(charter.current.calendar.days.version == "later 2016")
        let before = try #require(charter.view(at: digest(2)))
        #expect(before.calendar.years == [2015: years[0], 2016: next])
        #expect(try #require(charter.view(at: digest(0))).calendar.years.isEmpty)
    }

    @Test func theLaterValueOfAPolicyWins() throws {
        let name = DeadlineRules.firstDayPolicy
        let charter = try charter([
            .policy(name: name, value: "counted"), .policy(name: "other", value: "1"),
            .policy(name: name, value: "wrong"),
        ])
        #expect(charter.current.policy(name) == "wrong")
        #expect(charter.current.policy("unknown") == nil)
        #expect(DeadlineRules(charter.current).firstDay == .notCounted)
        #expect(DeadlineRules(try #require(charter.view(at: digest(1)))).firstDay == .counted)
    }

    @Test func aCalendarIsPublishedInWholeYears() throws {
        let years = try Calendar2015.calendar().years()
        #expect(years.map(\.year) == [2015])
        #expect(years[0].holidays.count == 31 && years[0].worked.count == 5)
        #expect(PublishedCalendar(years).days.listed.count == 36)
        let day = { (text: String) in try #require(CivilDate(text)) }
        let part = try WorkCalendar(version: "v", covers: day("2015-01-01")...day("2015-06-30"), exceptions: [])
        #expect(throws: WorkCalendarError.partOfYear(try day("2015-06-30"))) { try part.years() }
        let stranger = try day("2016-01-01")
        #expect(throws: WorkCalendarError.outside(stranger)) {
            try CalendarYear(year: 2015, holidays: [stranger], worked: [], source: "")
        }
        #expect(throws: WorkCalendarError.duplicate(stranger)) {
            try CalendarYear(year: 2016, holidays: [stranger], worked: [stranger], source: "")
        }
    }
}
