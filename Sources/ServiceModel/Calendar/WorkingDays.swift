/// Counts working days for one matter: a calendar, whether the first day counts, and the days on which its clock
/// stood still.
package struct WorkingDays: Hashable, Sendable {
    /// Whether the day of the starting event is day 1. Policy data: the Civil Code (art. 201) does not count it, some
    /// supervision rules do.
    package enum FirstDay: String, Hashable, Sendable {
        case counted
        case notCounted
    }

    /// Days that are left out of the count, both ends included; without a last day it goes on.
    package struct Suspension: Hashable, Sendable {
        package let first: CivilDate
        package let last: CivilDate?

        /// nil when `last` is before `first`.
        package init?(first: CivilDate, last: CivilDate?) {
            if let last, last < first { return nil }
            self.first = first
            self.last = last
        }

        package func contains(_ date: CivilDate) -> Bool {
            guard date >= first else { return false }
            guard let last else { return true }
            return date <= last
        }
    }

    /// Longest limit, in working days: some ten years.
    package static let longestLimit = 2600
    /// Most days that one count walks over.
    package static let longestSpan = 20_000
    /// Most suspensions of one matter.
    package static let mostSuspensions = 64

    package let calendar: WorkCalendar
    package let firstDay: FirstDay
    /// In order of their first day; they may overlap.
    package let suspensions: [Suspension]

    /// - Throws: `.tooManySuspensions`.
    package init(
        calendar: WorkCalendar, firstDay: FirstDay = .notCounted, suspensions: [Suspension] = []
    ) throws(WorkingDaysError) {
        guard suspensions.count <= Self.mostSuspensions else { throw .tooManySuspensions(suspensions.count) }
        self.calendar = calendar
        self.firstDay = firstDay
        self.suspensions = suspensions.sorted {
            ($0.first, $0.last ?? .latest) < ($1.first, $1.last ?? .latest)
        }
    }

    /// What `date` is to a clock that was started on `start`.
    package func standing(of date: CivilDate, start: CivilDate) -> DayLedger.Standing {
        if date == start, firstDay == .notCounted { return .start }
        if suspensions.contains(where: { $0.contains(date) }) { return .suspended }
        return .calendar(calendar.kind(of: date))
    }

    /// The last day of a limit of `limit` working days that starts on `start`; `start` itself for a limit of 0.
    /// - Throws: `.badLimit`; `.standsStill` when the clock is suspended before the limit is used up;
    ///   `.tooFar` when more than `longestSpan` days or the year 9999 would be passed.
    package func deadline(from start: CivilDate, limit: Int) throws(WorkingDaysError) -> CivilDate {
        guard (0...Self.longestLimit).contains(limit) else { throw .badLimit(limit) }
        var date = start, used = 0
        for _ in 0..<Self.longestSpan {
            if standing(of: date, start: start).isCounted { used += 1 }
            if used >= limit { return date }
            guard !standsStill(after: date) else { throw .standsStill }
            guard let next = date.adding(days: 1) else { throw .tooFar }
            date = next
        }
        throw .tooFar
    }

    /// Working days used from `start` until the end of `end`; 0 when `end` is before `start`.
    /// - Throws: `.tooFar` when they are more than `longestSpan` days apart.
    package func used(from start: CivilDate, through end: CivilDate) throws(WorkingDaysError) -> Int {
        guard end >= start else { return 0 }
        guard end.days(since: start) < Self.longestSpan else { throw .tooFar }
        var date = start, used = 0
        while true {
            if standing(of: date, start: start).isCounted { used += 1 }
            guard date < end, let next = date.adding(days: 1) else { return used }
            date = next
        }
    }

    /// Whether an open suspension covers every day after `date`.
    private func standsStill(after date: CivilDate) -> Bool {
        guard let next = date.adding(days: 1) else { return false }
        return suspensions.contains { $0.last == nil && $0.first <= next }
    }
}

/// Why a count of working days has no answer.
package enum WorkingDaysError: CodedError, Hashable, Sendable {
    case badLimit(Int)
    case tooManySuspensions(Int)
    case standsStill
    case tooFar

    /// Stable across versions.
    package var code: String {
        switch self {
        case .badLimit: "workingDays.badLimit"
        case .tooManySuspensions: "workingDays.tooManySuspensions"
        case .standsStill: "workingDays.standsStill"
        case .tooFar: "workingDays.tooFar"
        }
    }

    package var words: Words {
        switch self {
        case .badLimit(let limit):
            Words(
                "a limit of \(limit) working days; it must be 0 to \(WorkingDays.longestLimit)",
                "时限为\(limit)个工作日，应为0到\(WorkingDays.longestLimit)")
        case .tooManySuspensions(let count):
            Words(
                "\(count) suspensions; at most \(WorkingDays.mostSuspensions)",
                "暂停了\(count)次，至多\(WorkingDays.mostSuspensions)次")
        case .standsStill:
            Words("the clock is suspended, there is no deadline before it runs again", "计时已暂停：恢复之前没有截止日")
        case .tooFar:
            Words(
                "the days are more than \(WorkingDays.longestSpan) apart; check the dates",
                "两日相隔超过\(WorkingDays.longestSpan)天：请核对日期")
        }
    }
}
