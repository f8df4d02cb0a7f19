import Testing

@testable import ServiceModel

struct WorkCalendarTests {
    private func day(_ text: String) throws -> CivilDate { try Calendar2015.day(text) }

    @Test func kinds() throws {
        let calendar = try Calendar2015.calendar()
        for (date, kind) in [
            ("2015-02-13", WorkCalendar.DayKind.workday), ("2015-02-14", .weekend),
            ("2015-02-15", .workedWeekend("春节")),
            ("2015-02-18", .holiday("春节")), ("2015-02-21", .holiday("春节")), ("2016-01-02", .weekend),
        ] {
            #expect(try calendar.kind(of: day(date)) == kind)
        }
        #expect(calendar.listed.map(\.date) == calendar.listed.map(\.date).sorted())
        #expect(calendar.listed.count == 36)
    }

    @Test func refused() throws {
        let date = try day("2015-05-01"), covers = try day("2015-01-01")...day("2015-12-31")
        let twice: [(date: CivilDate, WorkCalendar.Exception)] = [(date, .holiday("a")), (date, .worked("b"))]
        #expect(throws: WorkCalendarError.duplicate(date)) {
            try WorkCalendar(version: "v", covers: covers, exceptions: twice)
        }
        #expect(throws: WorkCalendarError.outside(.latest)) {
            try WorkCalendar(version: "v", covers: covers, exceptions: [(.latest, .holiday("a"))])
        }
        #expect(throws: WorkCalendarError.badName("")) {
            try WorkCalendar(version: "", covers: covers, exceptions: [])
        }
        let long = String(repeating: "节", count: 33)
        #expect(throws: WorkCalendarError.badName(long)) {
            try WorkCalendar(version: "v", covers: covers, exceptions: [(date, .holiday(long))])
        }
        #expect(throws: WorkCalendarError.tooManyDays(8193)) {
            let days = Array(repeating: twice[0], count: WorkCalendar.mostExceptions + 1)
            return try WorkCalendar(version: "v", covers: covers, exceptions: days)
        }
    }

    /// The totals are those that the table's own description gives.
    @Test(.enabled(if: ReferenceTable.exists("holidays-cn.csv"), Comment(rawValue: ReferenceTable.absent)))
    func workingDaysOfEachYear() throws {
        let totals = [250, 249, 250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248]
        let exceptions = try ReferenceTable.rows("holidays-cn.csv", columns: 4).map {
            row -> (date: CivilDate, WorkCalendar.Exception) in
            (try day(row[0]), row[1] == "workday" ? .worked(row[2]) : .holiday(row[2]))
        }
        let calendar = try WorkCalendar(
            version: "cn-2014-2026", covers: day("2014-01-01")...day("2026-12-31"), exceptions: exceptions)
        for (year, total) in zip(2014..., totals) {
            #expect(try calendar.workedDays(in: day("\(year)-01-01")...day("\(year)-12-31")) == total, "\(year)")
        }
        let small = try Calendar2015.calendar()
        var date = try day("2015-01-01")
        while date.year == 2015 {
            #expect(small.isWorked(date) == calendar.isWorked(date), "\(date)")
            date = try #require(date.adding(days: 1))
        }
    }
}
