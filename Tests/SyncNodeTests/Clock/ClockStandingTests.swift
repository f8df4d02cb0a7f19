import Replica
import ServiceModel
import Testing
import Trust

@testable import SyncNode

/// A clock as it is judged by what a node knows.
@Suite struct ClockStandingTests {
    /// The machine was enrolled at the beginning of 2026, for three years.
    private static let enrolled = time("2026-01-01")
    private static let heard = time("2026-11-20")
    private static let hour: Int64 = 3600
    private static let day: Int64 = 86_400

    private static func time(_ day: String) -> Int64 { CivilTime.start(of: CivilDate(day)!) + 10 * 3600 }

    private static func standing(at now: Int64, _ change: (inout ClockEvidence) -> Void = { _ in }) -> ClockStanding {
        var evidence = ClockEvidence(
            certificate: CertificatePeriod(from: enrolled, until: enrolled + 3 * 366 * day)!)
        evidence.parent = "湖东区"
        change(&evidence)
        return ClockStanding(now: Moment(seconds: now, day: CivilTime.day(at: now)!.dayNumber), evidence)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let now: Int64
        var contact: ClockContact?
        var lastEntry: Int64?
        var jump: ClockJump?
        /// Its code without the area; nil when nothing speaks against the clock.
        let doubt: String?
        var needsDay = false
        /// nil is the clock's own day.
        var presumed: String?
        var testDescription: String { name }
    }

    private static let agreed = ClockContact(ours: heard, theirs: heard + 2)

    static let cases = [
        Case(name: "nobody was heard yet", now: enrolled + 5, doubt: nil),
        Case(name: "both clocks agreed", now: heard + day, contact: agreed, doubt: nil),
        Case(
            name: "five minutes apart", now: heard, contact: ClockContact(ours: heard, theirs: heard + 300),
            doubt: nil),
        Case(
            name: "six minutes apart", now: heard, contact: ClockContact(ours: heard, theirs: heard + 360),
            doubt: "apart"),
        Case(
            name: "ten days behind the parent", now: heard + hour,
            contact: ClockContact(ours: heard, theirs: heard + 10 * day), doubt: "apart", needsDay: true,
            presumed: "2026-11-30"),
        Case(
            name: "ten days ahead of the parent", now: heard + hour,
            contact: ClockContact(ours: heard, theirs: heard - 10 * day), doubt: "apart", needsDay: true,
            presumed: "2026-11-10"),
        Case(
            name: "ahead at the contact, and set back since", now: heard - 9 * day,
            contact: ClockContact(ours: heard, theirs: heard - 10 * day), doubt: nil),
        Case(
            name: "1970 after a flat battery", now: 5, contact: agreed, doubt: "behind", needsDay: true,
            presumed: "2026-11-20"),
        Case(name: "1970 before anyone was heard", now: 5, doubt: "behind", needsDay: true, presumed: "2026-01-01"),
        Case(name: "an hour behind the last contact", now: heard - hour, contact: agreed, doubt: "behind"),
        Case(name: "four minutes behind it", now: heard - 240, contact: agreed, doubt: nil),
        Case(
            name: "behind the last entry", now: heard + hour, contact: agreed, lastEntry: heard + 3 * hour,
            doubt: "behind"),
        Case(
            name: "days behind the last entry", now: heard + hour, contact: agreed, lastEntry: heard + 3 * day,
            doubt: "behind", needsDay: true, presumed: "2026-11-23"),
        Case(
            name: "2036, and nobody is asked", now: time("2036-02-07"), contact: agreed, doubt: "certificateEnded",
            needsDay: true, presumed: "2026-11-20"),
        Case(
            name: "a parent in 1970 speaks against itself", now: heard + hour,
            contact: ClockContact(ours: heard, theirs: 100), doubt: "apart"),
        Case(
            name: "and does not hide that this clock is behind", now: heard - 2 * day,
            contact: ClockContact(ours: heard, theirs: 100), doubt: "behind", needsDay: true, presumed: "2026-11-20"),
        Case(
            name: "a parent that says nonsense", now: heard + hour,
            contact: ClockContact(ours: heard, theirs: .max), doubt: "apart", needsDay: true),
        Case(
            name: "a stick from the beginning of all times", now: heard + hour,
            contact: ClockContact(ours: .min, theirs: .min), doubt: nil),
        Case(
            name: "a root set forward by two years", now: heard + 730 * day + 60,
            jump: ClockJump(before: heard, after: heard + 730 * day), doubt: "jumped", needsDay: true,
            presumed: "2026-11-20"),
        Case(
            name: "a day later", now: heard + 731 * day, jump: ClockJump(before: heard, after: heard + 730 * day),
            doubt: nil),
        Case(
            name: "a root that woke in 1970 and was set right", now: heard + 60,
            jump: ClockJump(before: 200, after: heard), doubt: "jumped"),
        Case(
            name: "set forward by two days since the parent was heard", now: heard + 2 * day + hour, contact: agreed,
            jump: ClockJump(before: heard + hour, after: heard + 2 * day + hour), doubt: "jumped", needsDay: true,
            presumed: "2026-11-20"),
        Case(
            name: "set back by two hours since then", now: heard + hour, contact: agreed,
            jump: ClockJump(before: heard + 3 * hour, after: heard + hour), doubt: "jumped"),
        Case(
            name: "set to where the parent's clock was", now: heard + 10 * day + 60,
            contact: ClockContact(ours: heard, theirs: heard + 10 * day),
            jump: ClockJump(before: heard + 60, after: heard + 10 * day + 60), doubt: nil),
        Case(
            name: "woke in 1970 off line, and was set right", now: heard + 3 * day, contact: agreed,
            jump: ClockJump(before: 200, after: heard + 3 * day - 60), doubt: "jumped"),
    ]

    @Test(arguments: cases)
    func asItIsJudged(_ one: Case) {
        let standing = Self.standing(at: one.now) {
            $0.contact = one.contact
            $0.lastEntry = one.lastEntry
            $0.jump = one.jump
        }
        #expect(standing.doubt?.code == one.doubt.map { "clock.\($0)" })
        #expect(standing.needsDay == one.needsDay)
        let own = CivilTime.day(at: one.now)?.description
        #expect(CivilDate(dayNumber: standing.presumedDay)?.description == one.presumed ?? own)
    }

    @Test func theClerkReadsBothTimes() throws {
        let doubt = try #require(Self.standing(at: 5) { $0.contact = Self.agreed }.doubt)
        for language in [Language.chinese, .english] {
            let words = doubt.words[language]
            #expect(words.contains("1970-01-01 08:00") && words.contains("2026-11-20 10:00"))
            #expect(words.contains("湖东区"))
        }
    }

    @Test func aClockThatRunsOnIsNotSet() {
        var pace = ClockPace(shows: 1000, elapsed: 0)
        for second in stride(from: Int64(10), to: 100_000, by: 10) {
            // It is corrected a little now and then.
            #expect(pace.look(shows: 1000 + second + second % 40, elapsed: second) == nil)
        }
        #expect(pace.look(shows: 500, elapsed: 100_000) == ClockJump(before: 101_000, after: 500))
        #expect(pace.look(shows: 510, elapsed: 100_010) == nil)
        #expect(pace.look(shows: 569, elapsed: 100_010) == nil)
        #expect(pace.look(shows: 570, elapsed: 100_010) == ClockJump(before: 510, after: 570))
    }

    @Test func jumpsBackAndForthAddUp() {
        let forward = ClockJump(before: 1000, after: 5000)
        #expect(forward.followed(by: ClockJump(before: 5100, after: 1100)) == nil)
        #expect(forward.followed(by: ClockJump(before: 5100, after: 1200)) == ClockJump(before: 1100, after: 1200))
        #expect(forward.followed(by: ClockJump(before: 5100, after: 9100)) == ClockJump(before: 1100, after: 9100))
    }
}
