import Testing

@testable import ServiceModel

/// The State Council's arrangement of 2015.
enum Calendar2015 {
    static func calendar() throws -> WorkCalendar {
        var days: [(date: CivilDate, WorkCalendar.Exception)] = []
        let holidays = [
            ("元旦", "2015-01-01", 3), ("春节", "2015-02-18", 7), ("清明节", "2015-04-04", 3), ("劳动节", "2015-05-01", 3),
            ("端午节", "2015-06-20", 3), ("纪念日", "2015-09-03", 3), ("中秋节", "2015-09-26", 2), ("国庆节", "2015-10-01", 7),
        ]
        for (name, first, count) in holidays {
            for offset in 0..<count { days.append((try day(first, offset), .holiday(name))) }
        }
        for (name, date) in [
            ("元旦", "2015-01-04"), ("春节", "2015-02-15"), ("春节", "2015-02-28"), ("纪念日", "2015-09-06"),
            ("国庆节", "2015-10-10"),
        ] {
            days.append((try day(date), .worked(name)))
        }
        return try WorkCalendar(
            version: "cn-2015", covers: try day("2015-01-01")...day("2015-12-31"), exceptions: days)
    }

    static func day(_ text: String, _ offset: Int = 0) throws -> CivilDate {
        try #require(CivilDate(text)?.adding(days: offset))
    }
}

struct WorkingDaysTests {
    private func day(_ text: String) throws -> CivilDate { try Calendar2015.day(text) }

    @Test(arguments: [
        ("2015-02-13", 3, "2015-02-17"), ("2015-02-16", 5, "2015-02-28"), ("2015-04-03", 1, "2015-04-07"),
        ("2015-09-30", 3, "2015-10-10"), ("2015-04-17", 20, "2015-05-18"), ("2015-10-01", 0, "2015-10-01"),
        ("2015-10-03", 1, "2015-10-08"), ("2015-12-31", 1, "2016-01-01"),
    ])
    func firstDayNotCounted(start: String, limit: Int, deadline: String) throws {
        let count = try WorkingDays(calendar: Calendar2015.calendar())
        #expect(try count.deadline(from: day(start), limit: limit) == day(deadline))
    }

    @Test(arguments: [
        ("2015-02-13", 3, "2015-02-16"), ("2015-04-03", 1, "2015-04-03"), ("2015-04-04", 1, "2015-04-07"),
        ("2015-09-30", 3, "2015-10-09"), ("2015-10-01", 0, "2015-10-01"),
    ])
    func firstDayCounted(start: String, limit: Int, deadline: String) throws {
        let count = try WorkingDays(calendar: Calendar2015.calendar(), firstDay: .counted)
        #expect(try count.deadline(from: day(start), limit: limit) == day(deadline))
    }

    @Test(arguments: [
        // Two worked days and a weekend are left out.
        ([("2015-03-06", "2015-03-09")], "2015-03-13"),
        ([("2015-03-06", "2015-03-06"), ("2015-03-06", "2015-03-09")], "2015-03-13"),
        ([("2015-03-07", "2015-03-08")], "2015-03-11"),
        ([("2015-03-11", "2015-03-11")], "2015-03-12"),
        ([("2015-03-12", "2015-04-30")], "2015-03-11"),
    ])
    func suspensions(intervals: [(String, String)], deadline: String) throws {
        let count = try WorkingDays(
            calendar: Calendar2015.calendar(),
            suspensions: intervals.map { first, last in
                try #require(WorkingDays.Suspension(first: day(first), last: day(last)))
            })
        #expect(try count.deadline(from: day("2015-03-04"), limit: 5) == day(deadline))
    }

    @Test func openSuspension() throws {
        let open = try #require(WorkingDays.Suspension(first: day("2015-03-06"), last: nil))
        let count = try WorkingDays(calendar: Calendar2015.calendar(), suspensions: [open])
        #expect(try count.deadline(from: day("2015-03-04"), limit: 1) == day("2015-03-05"))
        #expect(throws: WorkingDaysError.standsStill) { try count.deadline(from: day("2015-03-04"), limit: 2) }
        #expect(try count.used(from: day("2015-03-04"), through: day("2015-06-30")) == 1)
    }

    @Test func bounds() throws {
        let calendar = try Calendar2015.calendar()
        let count = try WorkingDays(calendar: calendar)
        let start = try day("2015-03-04")
        #expect(throws: WorkingDaysError.badLimit(-1)) { try count.deadline(from: start, limit: -1) }
        #expect(throws: WorkingDaysError.badLimit(.max)) { try count.deadline(from: start, limit: .max) }
        #expect(throws: WorkingDaysError.tooFar) { try count.deadline(from: .latest, limit: 1) }
        #expect(throws: WorkingDaysError.tooFar) { try count.used(from: start, through: .latest) }
        #expect(throws: WorkingDaysError.tooFar) { try DayLedger(count, from: start, through: .latest) }
        #expect(try count.deadline(from: start, limit: WorkingDays.longestLimit) > start)
        let one = try #require(WorkingDays.Suspension(first: start, last: start))
        #expect(throws: WorkingDaysError.tooManySuspensions(65)) {
            try WorkingDays(calendar: calendar, suspensions: Array(repeating: one, count: 65))
        }
        #expect(WorkingDays.Suspension(first: start, last: try day("2015-03-03")) == nil)
        #expect(try count.used(from: start, through: day("2015-03-01")) == 0)
    }

    @Test(arguments: [
        ("2015-02-17", -2, "2015-02-15"), ("2015-02-25", -1, "2015-02-17"), ("2015-10-08", -1, "2015-09-30"),
        ("2015-10-04", 0, "2015-10-04"), ("2015-10-04", 3, "2015-10-10"), ("2015-04-07", 1, "2015-04-08"),
    ])
    func steps(from: String, steps: Int, to: String) throws {
        #expect(try Calendar2015.calendar().workday(steps, from: day(from)) == day(to))
    }

    @Test func stepsOutOfBounds() throws {
        let calendar = try Calendar2015.calendar()
        #expect(calendar.workday(.min, from: .latest) == nil)
        #expect(calendar.workday(.max, from: .earliest) == nil)
        #expect(calendar.workday(-1, from: .earliest) == nil)
    }

    @Test(arguments: [UInt64](1...8))
    func deadlineIsTheDayOnWhichTheLimitIsUsedUp(seed: UInt64) throws {
        var state = seed
        func draw(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        let calendar = try Calendar2015.calendar()
        for round in 0..<60 {
            let start = try Calendar2015.day("2015-01-01", draw(365)), limit = draw(60)
            let suspensions = try (0..<draw(4)).map { _ in
                let first = try #require(start.adding(days: draw(60)))
                return try #require(WorkingDays.Suspension(first: first, last: first.adding(days: draw(20))))
            }
            let count = try WorkingDays(
                calendar: calendar, firstDay: draw(2) == 0 ? .counted : .notCounted, suspensions: suspensions)
            let deadline = try count.deadline(from: start, limit: limit)
            let ledger = try DayLedger(count, from: start, limit: limit)
            let note = Comment("seed \(seed) round \(round): \(start) + \(limit)")
            #expect(ledger.end == deadline, note)
            #expect(ledger.days.map(\.date) == ledger.days.indices.compactMap { start.adding(days: $0) }, note)
            #expect(ledger.days.count { $0.standing.isCounted } == ledger.used, note)
            if limit > 0 {
                #expect(try count.used(from: start, through: deadline) == limit, note)
                let before = try #require(deadline.adding(days: -1))
                #expect(try count.used(from: start, through: before) == limit - 1, note)
            }
        }
    }
}

struct DayLedgerTests {
    @Test func explainsEachDay() throws {
        let day = { try Calendar2015.day($0) }
        let suspension = try #require(WorkingDays.Suspension(first: day("2015-02-16"), last: day("2015-02-16")))
        let count = try WorkingDays(calendar: Calendar2015.calendar(), suspensions: [suspension])
        let ledger = try DayLedger(count, from: day("2015-02-13"), limit: 3)
        let expected: [DayLedger.Standing] =
            [.start, .calendar(.weekend), .calendar(.workedWeekend("春节")), .suspended, .calendar(.workday)]
            + Array(repeating: .calendar(.holiday("春节")), count: 7) + [.calendar(.workday)]
        #expect(ledger.days.map(\.standing) == expected)
        #expect(ledger.days.map(\.used) == [0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3])
        #expect(ledger.calendar == "cn-2015")
        #expect(!ledger.isProvisional)
        #expect(try ledger.end == day("2015-02-25"))
    }

    @Test func saysWhereTheCalendarEnds() throws {
        let count = try WorkingDays(calendar: Calendar2015.calendar())
        let ledger = try DayLedger(count, from: Calendar2015.day("2015-12-30"), limit: 2)
        #expect(ledger.days.map(\.provisional) == [false, false, true])
        #expect(ledger.isProvisional)
        #expect(try DayLedger(count, from: .latest, through: .earliest).days.isEmpty)
    }
}
