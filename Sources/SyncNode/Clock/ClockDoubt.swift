import ServiceModel

/// Why this machine's clock is not to be relied on. All times are seconds since 1970.
package enum ClockDoubt: CodedError, Hashable, Sendable {
    /// What says that the clock is behind.
    package enum Witness: Hashable, Sendable {
        /// The unit above, of that name, when it was heard last.
        case parent(String)
        /// The last act that was written here and that nobody has acknowledged.
        case ownEntry
        /// This node's certificate, which began later than the clock shows.
        case certificate
    }

    /// The clock shows less than what is known to have passed.
    case behind(shows: Int64, Witness, at: Int64)
    /// Either the clock is ahead, or the node's certificate has really ended.
    case certificateEnded(shows: Int64, until: Int64)
    /// When the unit above, of that name, was heard last, the two clocks showed different times.
    case apart(ours: Int64, theirs: Int64, parent: String)
    /// The clock was set while the node was serving.
    case jumped(before: Int64, after: Int64)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .behind: "clock.behind"
        case .certificateEnded: "clock.certificateEnded"
        case .apart: "clock.apart"
        case .jumped: "clock.jumped"
        }
    }

    package var words: Words {
        switch self {
        case .behind(let shows, let witness, let at):
            Words(
                "this machine's clock shows \(CivilTime.text(shows)), but ",
                "本机时钟显示\(CivilTime.text(shows))，而") + Self.words(of: witness, at: CivilTime.text(at))
        case .certificateEnded(let shows, let until):
            Words(
                "this machine's clock shows \(CivilTime.text(shows)), but its certificate ended on "
                    + "\(CivilTime.text(until)): set the clock; if it is right, have the node enrolled again",
                "本机时钟显示\(CivilTime.text(shows))，而本机证书已于\(CivilTime.text(until))到期：请校准时钟；若时钟无误，请由上级重新登记")
        case .apart(let ours, let theirs, let parent):
            Words(
                "when \(parent) was heard last, its clock showed \(CivilTime.text(theirs)) and this machine's "
                    + "\(CivilTime.text(ours)): set the one that is wrong",
                "最近一次与\(parent)联系时，对方时钟为\(CivilTime.text(theirs))，本机时钟为\(CivilTime.text(ours))：请校准有误的一方")
        case .jumped(let before, let after):
            Words(
                "this machine's clock was set from \(CivilTime.text(before)) to \(CivilTime.text(after)) while the "
                    + "node was serving: check it",
                "运行中本机时钟由\(CivilTime.text(before))变为\(CivilTime.text(after))：请核对")
        }
    }

    private static func words(of witness: Witness, at time: String) -> Words {
        switch witness {
        case .parent(let name):
            Words("\(name) had said \(time) before: set the clock", "\(name)此前的时间已是\(time)：请校准时钟")
        case .ownEntry:
            Words(
                "the last entry here was written at \(time): set the clock; if it is right, check that entry's day",
                "本机最后一笔记录写于\(time)：请校准时钟；若时钟无误，请核对那笔记录的日期")
        case .certificate:
            Words("its certificate began on \(time): set the clock", "本机证书自\(time)起有效：请校准时钟")
        }
    }
}

/// What is not done by a clock that is in doubt.
package enum ClockError: CodedError, Hashable, Sendable {
    /// Nobody has said the legal day of an act, and the clock cannot.
    case dayNeeded(ClockDoubt)
    /// A certificate or a code would bear the wrong time.
    case nothingIssued(ClockDoubt)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .dayNeeded: "clock.dayNeeded"
        case .nothingIssued: "clock.nothingIssued"
        }
    }

    package var words: Words {
        switch self {
        case .dayNeeded(let doubt):
            Words("say the day of the act (`--day`, or `day`); ", "请写明办理日期（--day，或day）；") + doubt.words
        case .nothingIssued(let doubt):
            Words("no code and no certificate is issued by a wrong clock; ", "时钟有误时不签发登记码和证书；") + doubt.words
        }
    }
}
