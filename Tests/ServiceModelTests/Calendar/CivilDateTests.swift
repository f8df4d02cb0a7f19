import Testing

@testable import ServiceModel

struct CivilDateTests {
    @Test(arguments: [
        ("1970-01-01", 0, Weekday.thursday), ("1969-12-31", -1, .wednesday), ("2000-02-29", 11_016, .tuesday),
        ("2015-02-15", 16_481, .sunday), ("2026-11-23", 20_780, .monday), ("1900-03-01", -25_508, .thursday),
        ("0001-01-01", -719_162, .monday), ("9999-12-31", 2_932_896, .friday),
    ])
    func dayNumberAndWeekday(text: String, number: Int32, weekday: Weekday) throws {
        let date = try #require(CivilDate(text))
        #expect(date.dayNumber == number)
        #expect(date.weekday == weekday)
        #expect(date.description == text)
        #expect(CivilDate(dayNumber: number) == date)
    }

    @Test(arguments: [
        "", "2015-2-15", "2015-02-30", "2015-00-10", "2015-13-01", "2015-01-00", "2015-01-32", "2100-02-29",
        "0000-01-01", "2015/02/15", "2015-02-15 ", " 2015-02-15", "20150215", "２０１５-02-15", "-015-02-15",
        "2015-02-15T00:00",
    ])
    func refused(text: String) { #expect(CivilDate(text) == nil) }

    /// Walks day by day by the rule of thumb for month lengths and leap years.
    @Test func everyDayOfTwoCenturies() throws {
        var date = try #require(CivilDate("1890-01-01"))
        var (year, month, day, weekday) = (1890, 1, 1, 3)
        while year < 2110 {
            let parts = date.parts
            guard parts == (year, month, day), date.weekday.rawValue == weekday,
                CivilDate(year: year, month: month, day: day) == date, CivilDate(date.description) == date
            else {
                Issue.record("\(date) is not \(year)-\(month)-\(day), weekday \(weekday)")
                return
            }
            let leap = year % 400 == 0 || year % 4 == 0 && year % 100 != 0
            let length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            (day, weekday) = (day + 1, weekday % 7 + 1)
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
            date = try #require(date.adding(days: 1))
        }
    }

    @Test(arguments: [
        ("2015-01-31", 1, "2015-02-28"), ("2016-01-31", 1, "2016-02-29"), ("2015-03-31", -1, "2015-02-28"),
        ("2015-11-30", 3, "2016-02-29"), ("2015-05-15", 0, "2015-05-15"), ("2015-01-15", -1, "2014-12-15"),
        ("2015-12-31", 12, "2016-12-31"), ("2016-02-29", 12, "2017-02-28"), ("2016-02-29", -48, "2012-02-29"),
    ])
    func months(from: String, months: Int, to: String) {
        #expect(CivilDate(from)?.adding(months: months)?.description == to)
    }

    @Test func endsOfTime() {
        #expect(CivilDate.latest.adding(days: 1) == nil)
        #expect(CivilDate.earliest.adding(days: -1) == nil)
        #expect(CivilDate.latest.adding(months: 1) == nil)
        #expect(CivilDate.earliest.adding(months: -1) == nil)
        #expect(CivilDate.latest.adding(days: .max) == nil)
        #expect(CivilDate.earliest.adding(months: .min) == nil)
        #expect(CivilDate(dayNumber: .min) == nil)
        #expect(CivilDate(dayNumber: .max) == nil)
    }

    /// A time may come from outside, and be any number.
    @Test func everyMomentHasADayOrNone() {
        let days: [(seconds: Int64, day: String?)] = [
            (0, "1970-01-01"), (-28_801, "1969-12-31"), (-28_800, "1970-01-01"), (57_599, "1970-01-01"),
            (57_600, "1970-01-02"), (4_300_000_000, "2106-04-06"), (.max, nil), (.min, nil), (.min + 28_800, nil),
            (CivilTime.start(of: .earliest), "0001-01-01"), (CivilTime.start(of: .earliest) - 1, nil),
            (CivilTime.end(of: .latest) - 1, "9999-12-31"), (CivilTime.end(of: .latest), nil),
        ]
        for (seconds, day) in days {
            #expect(CivilTime.day(at: seconds)?.description == day, "\(seconds)")
            #expect(CivilTime.text(seconds).hasPrefix(day ?? "\(seconds)"))
        }
    }
}
