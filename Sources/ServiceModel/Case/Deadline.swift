/// The last day of a limit, by one case's clock.
package struct Deadline: Hashable, Sendable {
    /// How a closing stands to its limit.
    package enum Standing: Hashable, Sendable {
        /// Before the last day.
        case early
        /// On the last day.
        case onTime
        case overdue
    }

    package let limit: TimeLimit
    /// The last day on which closing is within the limit; nil while the clock stands still, and where the limit leads
    /// further than days are counted (`WorkingDays.longestLimit`, `WorkingDays.longestSpan`).
    package let due: CivilDate?
    /// The limit in working days: its count, or, of a limit in days or months, the working days up to `due`.
    package let workingDays: Int?
    /// A day on the way to it lies in a year for which the charter has no calendar: it was counted by weekends alone.
    package let lacksCalendar: Bool

    /// nil where there is no last day.
    package func standing(closed: CivilDate) -> Standing? {
        due.map { due in closed < due ? .early : closed == due ? .onTime : .overdue }
    }
}

/// The clock of one case: when it was started, when it stood still, and by which days it counts.
///
/// Working days are counted by the charter's calendar. A limit in days or months ends on the corresponding day (Civil
/// Code, articles 201 and 202), later by every day on which the clock stood still, and, where that is no working day,
/// on the next one (article 203).
package struct CaseClock: Hashable, Sendable {
    /// The legal day of the acceptance.
    package let start: CivilDate
    package let calendar: PublishedCalendar
    /// Counts the working days; shown day by day by `DayLedger`.
    package let count: WorkingDays

    /// - Throws: `WorkingDaysError.tooManySuspensions`.
    package init(
        start: CivilDate, rules: DeadlineRules, suspensions: [WorkingDays.Suspension] = []
    ) throws(WorkingDaysError) {
        self.start = start
        calendar = rules.calendar
        count = try WorkingDays(
            calendar: rules.calendar.days, firstDay: rules.firstDay, suspensions: suspensions)
    }

    package func deadline(_ limit: TimeLimit) -> Deadline {
        let due: CivilDate?
        let workingDays: Int?
        switch limit.unit {
        case .workingDays:
            due = try? count.deadline(from: start, limit: Int(limit.count))
            workingDays = Int(limit.count)
        case .days:
            due = lastDay(corresponding: start.adding(days: Int(limit.count)), isEmpty: limit.count == 0)
            workingDays = due.map(used)
        case .months:
            due = lastDay(corresponding: start.adding(months: Int(limit.count)), isEmpty: limit.count == 0)
            workingDays = due.map(used)
        }
        return Deadline(
            limit: limit, due: due, workingDays: workingDays,
            lacksCalendar: due.map { lacksCalendar(through: $0) } ?? false)
    }

    /// Working days used by the end of a day, without those on which the clock stood still.
    package func used(through end: CivilDate) -> Int {
        (try? count.used(from: start, through: end)) ?? WorkingDays.longestSpan
    }

    /// Whether a day up to that one lies in a year for which the charter has no calendar.
    package func lacksCalendar(through end: CivilDate) -> Bool {
        !calendar.covers(start...max(start, end))
    }

    /// The last day of a limit in days or months whose corresponding day, with the first day not counted, is `base`.
    private func lastDay(corresponding base: CivilDate?, isEmpty: Bool) -> CivilDate? {
        guard var due = base else { return nil }
        if count.firstDay == .counted, !isEmpty, let before = due.adding(days: -1) { due = before }
        var date = start
        var walked = 0
        while !count.suspensions.isEmpty, date <= due {
            guard walked < WorkingDays.longestSpan, let next = date.adding(days: 1) else { return nil }
            if count.standing(of: date, start: start) == .suspended {
                guard let later = due.adding(days: 1) else { return nil }
                due = later
            }
            date = next
            walked += 1
        }
        return calendar.days.isWorked(due) ? due : calendar.days.workday(1, from: due)
    }
}
