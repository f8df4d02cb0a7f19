import Replica
import ServiceModel
import Trust

/// What a node knows that bears on its machine's clock.
package struct ClockEvidence: Hashable, Sendable {
    /// Of this node's own certificate.
    package var certificate: CertificatePeriod
    package var contact: ClockContact?
    /// The name of the unit above.
    package var parent = ""
    /// When the last act was written here that nobody has acknowledged, in seconds since 1970.
    package var lastEntry: Int64?
    package var jump: ClockJump?

    package init(certificate: CertificatePeriod) { self.certificate = certificate }
}

/// How far this machine's clock is to be relied on. No order of change sets hangs on it: only what a person is told,
/// and the day that is written into an act when nobody says it.
package struct ClockStanding: Hashable, Sendable {
    /// Clocks that differ by so many seconds are told of. An acknowledgement may wait on a slow line for as long.
    package static let tolerance: Int64 = 300
    /// From so many seconds on the clock cannot say which day it is.
    package static let aDay: Int64 = 86_400

    package let now: Moment
    /// nil while nothing speaks against the clock.
    package let doubt: ClockDoubt?
    /// Whether an act's legal day must be said by a person.
    package let needsDay: Bool
    /// The civil day by the best that is known; the clock's own where it can say the day.
    package let presumedDay: Int32

    package init(now: Moment, _ evidence: ClockEvidence) {
        self.now = now
        let finding = ClockJudgement(now.seconds, evidence)
        doubt = finding?.doubt
        needsDay = finding?.isGrave ?? false
        presumedDay = needsDay ? finding?.presumed.flatMap(CivilTime.day)?.dayNumber ?? now.day : now.day
    }
}

/// The gravest thing that speaks against a clock.
private struct ClockJudgement {
    let doubt: ClockDoubt
    let isGrave: Bool
    /// The time by the best that is known, in seconds since 1970.
    let presumed: Int64?

    private init(_ doubt: ClockDoubt, isGrave: Bool, presumed: Int64?) {
        self.doubt = doubt
        self.isGrave = isGrave
        self.presumed = presumed
    }

    /// nil when nothing does.
    init?(_ now: Int64, _ evidence: ClockEvidence) {
        var own = evidence
        // A parent's clock that shows a time before this node was enrolled speaks against itself alone.
        if let contact = evidence.contact, contact.theirs < evidence.certificate.from {
            own.contact = ClockContact(ours: contact.ours, theirs: contact.ours)
        }
        let found =
            Self.behind(now, own) ?? Self.ended(now, own) ?? Self.jumped(now, own) ?? Self.apart(now, own)
            ?? Self.apart(now, evidence).map { ClockJudgement($0.doubt, isGrave: false, presumed: nil) }
        guard let found else { return nil }
        self = found
    }

    private typealias Floor = (time: Int64, witness: ClockDoubt.Witness, shown: Int64)

    /// What this clock must have reached, by each witness. Where it differed from the parent's clock, only what both
    /// had reached is certain: one of them may have been ahead.
    private static func floors(_ evidence: ClockEvidence) -> [Floor] {
        let contact = evidence.contact.map { contact -> Floor in
            (min(contact.ours, contact.theirs), .parent(evidence.parent), contact.theirs)
        }
        let entry = evidence.lastEntry.map { time -> Floor in (time, .ownEntry, time) }
        let from = evidence.certificate.from
        return [contact, entry, (from, .certificate, from)].compactMap { $0 }
    }

    private static func behind(_ now: Int64, _ evidence: ClockEvidence) -> ClockJudgement? {
        let floors = floors(evidence)
        guard let highest = floors.max(by: { $0.time < $1.time }), now < highest.time - ClockStanding.tolerance else {
            return nil
        }
        return ClockJudgement(
            .behind(shows: now, highest.witness, at: highest.shown),
            isGrave: highest.time - now > ClockStanding.aDay, presumed: floors.map(\.shown).max())
    }

    private static func ended(_ now: Int64, _ evidence: ClockEvidence) -> ClockJudgement? {
        let until = evidence.certificate.until
        guard now > until else { return nil }
        return ClockJudgement(
            .certificateEnded(shows: now, until: until), isGrave: true,
            presumed: floors(evidence).map(\.shown).max())
    }

    /// A jump that brings the clock to where the parent's was is a repair, and nothing to tell. Where nobody above was
    /// ever heard, it is told for a day.
    private static func jumped(_ now: Int64, _ evidence: ClockEvidence) -> ClockJudgement? {
        guard let jump = evidence.jump else { return nil }
        let doubt = ClockDoubt.jumped(before: jump.before, after: jump.after)
        guard let contact = evidence.contact else {
            guard (0..<ClockStanding.aDay).contains(now - jump.after) else { return nil }
            let wasBehind = behind(jump.before, evidence) != nil
            return ClockJudgement(
                doubt, isGrave: !wasBehind && abs(jump.shift) > ClockStanding.aDay, presumed: now - jump.shift)
        }
        // From a time before the last word it did not run on to here: it says nothing of how far it is off now.
        if behind(jump.before, evidence) != nil { return ClockJudgement(doubt, isGrave: false, presumed: nil) }
        let off = contact.offset - jump.shift
        guard abs(off) > ClockStanding.tolerance else { return nil }
        return ClockJudgement(doubt, isGrave: abs(off) > ClockStanding.aDay, presumed: now + off)
    }

    /// Only until the clock is set: one that had been ahead and now shows less than then has been.
    private static func apart(_ now: Int64, _ evidence: ClockEvidence) -> ClockJudgement? {
        guard let contact = evidence.contact, abs(contact.offset) > ClockStanding.tolerance,
            now >= contact.ours - ClockStanding.tolerance
        else { return nil }
        if let jump = evidence.jump, abs(contact.offset - jump.shift) <= ClockStanding.tolerance { return nil }
        return ClockJudgement(
            .apart(ours: contact.ours, theirs: contact.theirs, parent: evidence.parent),
            isGrave: abs(contact.offset) > ClockStanding.aDay, presumed: now + contact.offset)
    }
}
