import ChangeSet
import ServiceModel

/// Between which moments a change set was written, as far as its author's journal proves it. Both ends are times of the
/// parent's clock that the author quoted under its signature: whoever holds the same runs finds the same, by no clock
/// of its own.
package struct DateBracket: Hashable, Sendable {
    /// How many days a legal day may lie outside before anybody asks: clocks differ, and a day ends at midnight.
    package static let slackDays: Int32 = 1
    /// By how many days the paper may have come before the machine (house rule). A receipt counts as of its paper.
    package static let paperDays: Int32 = 30

    /// In seconds since 1970; nil where nothing proves it. The last run before was sealed after the author had heard
    /// this, and the change set was written after that.
    package let notBefore: Int64?
    /// In seconds since 1970; nil where nothing proves it. By then the parent had it.
    package let notAfter: Int64?

    package static let open = DateBracket(notBefore: nil, notAfter: nil)

    /// Ends that contradict each other come from a clock that was wrong, and say nothing.
    package init(notBefore: Int64?, notAfter: Int64?) {
        let isContradictory = notBefore.flatMap { from in notAfter.map { $0 < from } } ?? false
        self.notBefore = isContradictory ? nil : notBefore
        self.notAfter = isContradictory ? nil : notAfter
    }

    /// What speaks against the legal day of a change set.
    package func doubt(of day: Int32) -> DayDoubt? {
        if let notAfter, let last = CivilTime.day(at: notAfter), Int64(day) > Int64(last.dayNumber + Self.slackDays) {
            return .laterThanWitnessed(day: day, by: notAfter)
        }
        if let notBefore, let first = CivilTime.day(at: notBefore),
            Int64(day) < Int64(first.dayNumber - Self.paperDays)
        {
            return .earlierThanSealed(day: day, after: notBefore)
        }
        return nil
    }
}

/// Why the legal day of a change set is to be looked at. It stands nevertheless, as its author wrote it.
package enum DayDoubt: CodedError, Hashable, Sendable {
    /// It cannot be: the unit above had it before that day.
    case laterThanWitnessed(day: Int32, by: Int64)
    /// It was written long after that day.
    case earlierThanSealed(day: Int32, after: Int64)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .laterThanWitnessed: "day.laterThanWitnessed"
        case .earlierThanSealed: "day.earlierThanSealed"
        }
    }

    package var words: Words {
        switch self {
        case .laterThanWitnessed(let day, let time):
            Words(
                "the day \(Self.text(day)) is claimed, but the unit above had it by \(CivilTime.text(time))",
                "所写日期为\(Self.text(day))，而上级在\(CivilTime.text(time))已收到")
        case .earlierThanSealed(let day, let time):
            Words(
                "the day \(Self.text(day)) is claimed, but it was written after \(CivilTime.text(time))",
                "所写日期为\(Self.text(day))，而写下时已过\(CivilTime.text(time))")
        }
    }

    private static func text(_ day: Int32) -> String { CivilDate(dayNumber: day)?.description ?? "\(day)" }
}

/// What a seal or a heartbeat quotes, as evidence for the change sets of its journal.
struct QuotedEvidence: Hashable {
    /// The last sequence of the journal that was sealed before it.
    let sealed: UInt64
    /// How far the parent had applied the journal.
    let acknowledged: UInt64
    /// The parent's clock, in seconds since 1970.
    let time: Int64

    /// Whether it proves that the parent had a change set. A head behind what was sealed is of another journal: of the
    /// incarnation before.
    func proves(_ sequence: UInt64) -> Bool { acknowledged >= sequence && acknowledged <= sealed }
}
