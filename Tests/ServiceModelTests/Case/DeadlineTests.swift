import Testing

@testable import ServiceModel

struct DeadlineTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    private func rules(_ firstDay: WorkingDays.FirstDay = .notCounted) throws -> DeadlineRules {
        DeadlineRules(calendar: PublishedCalendar(try Calendar2015.calendar().years()), firstDay: firstDay)
    }

    /// A case that was accepted, corrected and supplemented on these days.
    private func clock(
        _ start: String, _ rules: DeadlineRules, corrections: [(String, String?)] = []
    ) throws -> CaseClock {
        var acts: [(action: CaseAction, day: CivilDate)] = [(.accept, try day(start))]
        for (from, to) in corrections {
            acts.append((.correct, try day(from)))
            if let to { acts += [(.note, try day(to)), (.supplement, try day(to))] }
        }
        return try CaseClock(start: try day(start), rules: rules, suspensions: WorkingDays.Suspension.of(acts))
    }

    @Test(arguments: [
        ("2015-02-13", 3, "2015-02-17", "2015-02-16"), ("2015-02-16", 5, "2015-02-28", "2015-02-27"),
        ("2015-04-03", 1, "2015-04-07", "2015-04-03"), ("2015-09-30", 3, "2015-10-10", "2015-10-09"),
        ("2015-04-17", 20, "2015-05-18", "2015-05-15"), ("2015-10-01", 0, "2015-10-01", "2015-10-01"),
    ])
    func workingDays(start: String, limit: UInt32, due: String, dueWhenCounted: String) throws {
        let limit = TimeLimit(count: limit, unit: .workingDays)
        let deadline = try clock(start, try rules()).deadline(limit)
        #expect(try deadline.due == day(due))
        #expect(deadline.workingDays == Int(limit.count))
        #expect(!deadline.lacksCalendar)
        #expect(try clock(start, try rules(.counted)).deadline(limit).due == day(dueWhenCounted))
    }

    @Test(arguments: [
        // A corresponding day that is not worked gives way to the next working day.
        ("2015-03-04", 10, TimeLimit.Unit.days, WorkingDays.FirstDay.notCounted, "2015-03-16", 8),
        ("2015-03-04", 10, .days, .counted, "2015-03-13", 8),
        ("2015-09-20", 11, .days, .notCounted, "2015-10-08", 9),
        ("2015-01-31", 1, .months, .notCounted, "2015-02-28", 17),
        ("2015-03-31", 1, .months, .notCounted, "2015-04-30", 21),
        ("2015-03-31", 1, .months, .counted, "2015-04-29", 21),
        ("2015-03-04", 0, .days, .counted, "2015-03-04", 1),
    ])
    func daysAndMonths(
        start: String, count: UInt32, unit: TimeLimit.Unit, firstDay: WorkingDays.FirstDay, due: String, worked: Int
    ) throws {
        let deadline = try clock(start, try rules(firstDay)).deadline(TimeLimit(count: count, unit: unit))
        #expect(try deadline.due == day(due))
        #expect(deadline.workingDays == worked)
    }

    @Test(arguments: [
        // Friday and Monday stand still, and the weekend between them.
        ([("2015-03-06", Optional("2015-03-09"))], TimeLimit(count: 5, unit: .workingDays), "2015-03-13"),
        ([("2015-03-06", "2015-03-09")], TimeLimit(count: 8, unit: .days), "2015-03-16"),
        (
            [("2015-03-05", "2015-03-05"), ("2015-03-09", "2015-03-10")], TimeLimit(count: 5, unit: .workingDays),
            "2015-03-16"
        ),
        // A supplement that is dated before its correction takes that day alone.
        ([("2015-03-06", "2015-03-01")], TimeLimit(count: 5, unit: .workingDays), "2015-03-12"),
        // Corrected on the last day and never supplemented.
        ([("2015-03-11", nil)], TimeLimit(count: 5, unit: .workingDays), nil),
        ([("2015-03-11", nil)], TimeLimit(count: 8, unit: .days), nil),
        ([("2015-03-12", nil)], TimeLimit(count: 5, unit: .workingDays), "2015-03-11"),
    ])
    func corrections(intervals: [(String, String?)], limit: TimeLimit, due: String?) throws {
        let clock = try clock("2015-03-04", try rules(), corrections: intervals)
        #expect(try clock.deadline(limit).due == due.map(day))
    }

    @Test func usedDaysLeaveOutWhatStoodStill() throws {
        let clock = try clock("2015-03-04", try rules(), corrections: [("2015-03-06", "2015-03-09")])
        for (through, used) in [("03", 0), ("04", 0), ("05", 1), ("09", 1), ("13", 5)] {
            #expect(try clock.used(through: day("2015-03-\(through)")) == used, "\(through)")
        }
        #expect(try self.clock("2015-03-04", rules(.counted)).used(through: day("2015-03-04")) == 1)
    }

    @Test(arguments: [
        ("2015-03-10", Deadline.Standing.early), ("2015-03-11", .onTime), ("2015-03-12", .overdue),
    ])
    func standing(closed: String, standing: Deadline.Standing) throws {
        let deadline = try clock("2015-03-04", try rules()).deadline(TimeLimit(count: 5, unit: .workingDays))
        #expect(deadline.standing(closed: try day(closed)) == standing)
    }

    @Test func aYearWithoutCalendarIsCountedByWeekendsAndSaysSo() throws {
        let five = TimeLimit(count: 5, unit: .workingDays)
        let none = try clock("2015-02-16", DeadlineRules()).deadline(five)
        #expect(try none.due == day("2015-02-23"))
        #expect(none.lacksCalendar)
        let over = try clock("2015-12-30", try rules()).deadline(five)
        #expect(try over.due == day("2016-01-06"))
        #expect(over.lacksCalendar)
        #expect(try !clock("2015-12-24", rules()).deadline(five).lacksCalendar)
    }

    @Test func beyondWhatIsCountedThereIsNoDay() throws {
        for unit in TimeLimit.Unit.allCases {
            let longest = TimeLimit(count: TimeLimit.longest, unit: unit)
            let deadline = try clock("9990-01-01", DeadlineRules()).deadline(longest)
            #expect(deadline.due == nil)
            #expect(deadline.standing(closed: .latest) == nil)
        }
        let many = Array(repeating: ("2015-03-05", Optional("2015-03-05")), count: WorkingDays.mostSuspensions + 1)
        #expect(throws: WorkingDaysError.tooManySuspensions(65)) {
            try clock("2015-03-04", rules(), corrections: many)
        }
    }
}
