import ChangeSet
import ServiceModel

/// What the judges hold a network to: the invariants of RULES.md by their numbers, and three things that stand beside
/// them.
package enum Law: String, CaseIterable, Sendable {
    case confirmedStands = "1"
    case oneDigest = "2"
    case equalState = "3"
    case oneChain = "4"
    case effectLasts = "5"
    case allGranted = "6"
    case ancestorsHeld = "7"
    case noBodyAstray = "8"
    case noCopyDropped = "9"
    case frontierIsTrue = "10"
    case tablesRebuilt = "tables"
    case filesWhole = "file"
    case workGoesOn = "work"

    package var text: String {
        switch self {
        case .confirmedStands: "a confirmed action stands once, wherever it must be seen, or its disks were lost"
        case .oneDigest: "one digest at each place, or a fork that is known; no number is issued twice"
        case .equalState: "equal change sets and charter give equal state and conflict ids"
        case .oneChain: "the effective decisive actions of a case are one chain; none is decided twice"
        case .effectLasts: "effect is lost only for a reason that the rules name; what waits resolves, once"
        case .allGranted: "at a cursor the receiver has all that was granted up to it"
        case .ancestorsHeld: "whoever folds a change set has all its ancestors"
        case .noBodyAstray: "no body outside audience and ancestors"
        case .noCopyDropped: "no copy is dropped before a unit above holds it, backed up"
        case .frontierIsTrue: "up to the frontier all is applied, and the figures are true"
        case .tablesRebuilt: "derived tables come out of the journal bit for bit"
        case .filesWhole: "SQLite finds nothing wrong with the file"
        case .workGoesOn: "who is in place can accept a case, and write on one that it holds"
        }
    }
}

/// A law that was broken: where, over what, and what was expected.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    package let law: Law
    /// The unit whose replica shows it; nil where no one alone does.
    package let node: String?
    /// Where the case was created.
    package let record: Place?
    /// The change set that it is about.
    package let place: Place?
    /// What was found, and what should have been.
    package let finding: String

    package init(_ law: Law, at node: String? = nil, record: Place? = nil, place: Place? = nil, _ finding: String) {
        self.law = law
        self.node = node
        self.record = record
        self.place = place
        self.finding = finding
    }

    package var description: String {
        let where_ = [
            node.map { "at \($0)" }, record.map { "case \($0.short)" }, place.map { "change set \($0.short)" },
        ].compactMap { $0 }.joined(separator: ", ")
        return "\(law.rawValue): \(finding)" + (where_.isEmpty ? "" : " (\(where_))")
    }
}

extension Place {
    /// As a finding names it: enough of the author to tell it from others.
    var short: String { "\(author.description.prefix(8))/\(sequence)" }
}
