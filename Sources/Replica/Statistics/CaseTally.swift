/// What is counted of cases. Each case is counted for the unit that accepted it, whoever decides it.
///
/// **Which day books a case.** Each count belongs to the day of the act that it counts, so that what happens later
/// never changes an earlier day: `accepted` and `online` to the legal day of the acceptance; what a closing brings to
/// the legal day of the decision, withdrawal or cancellation; `delivered` to that of the delivery; `evaluated` and
/// `satisfied` to that of the evaluation. A case that is cancelled later stays accepted and is closed as cancelled.
package enum Measure: String, CaseIterable, Hashable, Sendable {
    case accepted
    /// Accepted online.
    case online
    /// Decided, withdrawn or cancelled.
    case closed
    /// Closed, of an item that is handled on the spot.
    case instant
    case granted
    case refused
    case withdrawn
    case cancelled
    /// Closed by a decision: what is measured against time limits.
    case decided
    /// Working days that the decided took.
    case usedDays
    /// Decided, with a promised limit.
    case limited
    /// Of those, before the last day of the limit.
    case early
    /// Of those, by the last day: the early ones too.
    case onTime
    /// Of those, after it.
    case overdue
    /// Working days that their limits allowed, and that they took.
    case limitDays
    case limitUsedDays
    /// The same of the decided with a statutory limit.
    case statutoryDays
    case statutoryUsedDays
    case delivered
    /// Evaluated at one of the five levels.
    case evaluated
    /// Of those, at one of the upper three.
    case satisfied
}

/// The counts of one group of cases. Integers only; groups add up.
package struct CaseTally: Hashable, Sendable {
    private var counts: [Measure: Int] = [:]

    package init() {}

    package init(_ counts: [Measure: Int]) {
        self.counts = counts.filter { $0.value != 0 }
    }

    package subscript(_ measure: Measure) -> Int { counts[measure] ?? 0 }

    package static func + (a: CaseTally, b: CaseTally) -> CaseTally {
        CaseTally(a.counts.merging(b.counts, uniquingKeysWith: +))
    }

    package subscript(_ rate: Rate) -> Ratio {
        switch rate {
        case .handlingDays: Ratio(self[.usedDays], of: self[.decided])
        case .instant: Ratio(self[.instant], of: self[.closed])
        case .early: Ratio(self[.early], of: self[.limited])
        case .onTime: Ratio(self[.onTime], of: self[.limited])
        case .closing: Ratio(self[.closed], of: self[.accepted])
        case .promisedSpeedUp: Ratio(self[.limitDays] - self[.limitUsedDays], of: self[.limitDays])
        case .statutorySpeedUp: Ratio(self[.statutoryDays] - self[.statutoryUsedDays], of: self[.statutoryDays])
        case .online: Ratio(self[.online], of: self[.accepted])
        case .satisfaction: Ratio(self[.satisfied], of: self[.evaluated])
        case .evaluation: Ratio(self[.evaluated], of: self[.closed])
        }
    }
}

/// What is told as a rate, always by its two numbers.
package enum Rate: String, CaseIterable, Hashable, Sendable {
    /// Mean handling time: working days used by the decided ÷ decided. The only one that is no share.
    case handlingDays
    /// Instant ÷ closed.
    case instant
    /// Before the last day ÷ decided with a promised limit.
    case early
    /// Within ÷ decided with a promised limit.
    case onTime
    /// Closed ÷ accepted; may pass one.
    case closing
    /// (Σ limit − Σ used) ÷ Σ limit, in working days; negative where more was used.
    case promisedSpeedUp
    case statutorySpeedUp
    /// Accepted online ÷ accepted.
    case online
    /// Upper three levels ÷ evaluated.
    case satisfaction
    /// Evaluated ÷ closed.
    case evaluation
}

/// Two integers: what is counted, and of what.
package struct Ratio: Hashable, Sendable {
    package let numerator: Int
    /// 0 where there is nothing to take a share of.
    package let denominator: Int

    package init(_ numerator: Int, of denominator: Int) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The quotient in so many parts, rounded half away from zero; nil of nothing.
    /// - Parameter parts: 1000 gives a share in tenths of a percent.
    package func scaled(to parts: Int) -> Int? {
        guard denominator > 0, parts > 0 else { return nil }
        let (product, overflow) = numerator.magnitude.multipliedReportingOverflow(by: parts.magnitude * 2)
        guard !overflow else { return nil }
        let rounded = Int((product + denominator.magnitude) / (denominator.magnitude * 2))
        return numerator < 0 ? -rounded : rounded
    }
}
