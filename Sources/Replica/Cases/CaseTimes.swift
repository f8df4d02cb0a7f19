import ChangeSet
import ServiceModel

/// A case's days, as its deadlines and the figures read them. Derived from its record and the charter; no clock takes
/// part.
package struct CaseTimes: Hashable, Sendable {
    package let promised: Deadline?
    package let statutory: Deadline?
    /// Working days from the acceptance to the decision, without those on which the clock stood still; nil until then.
    package let used: Int?
    /// Something of this was counted in a year for which the charter has no calendar.
    package let lacksCalendar: Bool
    package let delivered: Int32?
    package let evaluated: Int32?

    /// - Parameters:
    ///   - acts: what took effect.
    ///   - decided: the legal day of the decision.
    init(_ record: CaseRecord, along acts: [EffectiveAct], promise: Promise, decided: Int32?, rules: DeadlineRules) {
        let clock = record.clock(rules, along: acts)
        promised = promise.promised.flatMap { limit in clock.map { $0.deadline(limit) } }
        statutory = promise.statutory.flatMap { limit in clock.map { $0.deadline(limit) } }
        let end = decided.flatMap { CivilDate(dayNumber: $0) }
        used = end.flatMap { end in clock.map { $0.used(through: end) } }
        let closedBeyond = end.flatMap { end in clock.map { $0.lacksCalendar(through: end) } } ?? false
        lacksCalendar = closedBeyond || [promised, statutory].contains { $0?.lacksCalendar ?? false }
        delivered = acts.first { $0.action == .deliver }?.day
        evaluated = record.evaluation?.body?.day
    }
}

extension CaseRecord {
    /// The clock of the case: it began on the legal day of the acceptance. nil where no acceptance is held, or its day
    /// is none.
    package func clock(_ rules: DeadlineRules) -> CaseClock? { clock(rules, along: effectiveActs) }

    fileprivate func clock(_ rules: DeadlineRules, along acts: [EffectiveAct]) -> CaseClock? {
        guard let body = acceptance?.body, let start = CivilDate(dayNumber: body.day) else { return nil }
        let acts = acts.compactMap { act in
            CivilDate(dayNumber: act.day).map { (action: act.action, day: $0) }
        }
        return try? CaseClock(start: start, rules: rules, suspensions: WorkingDays.Suspension.of(acts))
    }
}

extension Transaction {
    /// What the charter says now about counting days.
    package var deadlineRules: DeadlineRules {
        if let held = memory.deadlineRules { return held }
        let rules = DeadlineRules(charter.current)
        memory.deadlineRules = rules
        return rules
    }
}
