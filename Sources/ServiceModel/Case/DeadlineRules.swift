/// What the charter says about counting days.
package struct DeadlineRules: Hashable, Sendable {
    /// The policy that says whether the day of the acceptance is day 1: `counted` or `notCounted`. Left out, it is not
    /// counted (Civil Code, article 201).
    package static let firstDayPolicy = "deadline.firstDay"

    package let calendar: PublishedCalendar
    package let firstDay: WorkingDays.FirstDay

    package init(calendar: PublishedCalendar = PublishedCalendar(), firstDay: WorkingDays.FirstDay = .notCounted) {
        self.calendar = calendar
        self.firstDay = firstDay
    }

    package init(_ charter: CharterView) {
        self.init(
            calendar: charter.calendar,
            firstDay: charter.policy(Self.firstDayPolicy).flatMap(WorkingDays.FirstDay.init) ?? .notCounted)
    }
}

/// When a case's clock stands still: from the day of a correction to the day of its supplement, both left out, as the
/// day of an event never counts (Civil Code, article 201).
extension WorkingDays.Suspension {
    /// - Parameter acts: the effective acts of the chain with their legal days, in order.
    package static func of(_ acts: [(action: CaseAction, day: CivilDate)]) -> [WorkingDays.Suspension] {
        var out: [WorkingDays.Suspension] = []
        var since: CivilDate?
        for (action, day) in acts {
            switch action {
            case .correct: since = since ?? day
            case .supplement:
                if let first = since { out += [Self(first: first, last: max(first, day))].compactMap { $0 } }
                since = nil
            default: break
            }
        }
        if let first = since { out += [Self(first: first, last: nil)].compactMap { $0 } }
        return out
    }
}
