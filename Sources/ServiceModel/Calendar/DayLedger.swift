/// The explanation of a deadline: every day from the start to the end, what it was and what was used up by then.
package struct DayLedger: Hashable, Sendable {
    /// What one day is to one clock.
    package enum Standing: Hashable, Sendable {
        /// The day of the starting event, where that is not counted.
        case start
        case suspended
        case calendar(WorkCalendar.DayKind)

        /// Whether the day uses up one day of the limit.
        package var isCounted: Bool {
            if case .calendar(let kind) = self { kind.isWorked } else { false }
        }
    }

    /// One day.
    package struct Day: Hashable, Sendable {
        package let date: CivilDate
        package let standing: Standing
        /// Working days used by the end of this day.
        package let used: Int
        /// Outside the days that the calendar's arrangement covers: a later calendar may say otherwise.
        package let provisional: Bool
    }

    package let days: [Day]
    /// The calendar's version.
    package let calendar: String

    /// The ledger from `start` through `end`, both shown; empty when `end` is before `start`.
    /// - Throws: `.tooFar` when they are more than `WorkingDays.longestSpan` days apart.
    package init(_ count: WorkingDays, from start: CivilDate, through end: CivilDate) throws(WorkingDaysError) {
        guard end.days(since: start) < WorkingDays.longestSpan else { throw .tooFar }
        var days: [Day] = []
        var used = 0
        var current: CivilDate? = start
        while let date = current, date <= end {
            let standing = count.standing(of: date, start: start)
            if standing.isCounted { used += 1 }
            days.append(
                Day(
                    date: date, standing: standing, used: used, provisional: !count.calendar.covers.contains(date)))
            current = date.adding(days: 1)
        }
        self.days = days
        self.calendar = count.calendar.version
    }

    /// The ledger of a limit: its last day is the deadline.
    /// - Throws: as `WorkingDays.deadline(from:limit:)`.
    package init(_ count: WorkingDays, from start: CivilDate, limit: Int) throws(WorkingDaysError) {
        try self.init(count, from: start, through: count.deadline(from: start, limit: limit))
    }

    /// The last day shown.
    package var end: CivilDate? { days.last?.date }
    /// Working days used by the last day shown.
    package var used: Int { days.last?.used ?? 0 }
    /// Whether a day that the calendar does not cover takes part.
    package var isProvisional: Bool { days.contains { $0.provisional } }
}
