import ServiceModel

/// Why a node could not do what was asked. Each names the thing; what to do about it stands with its code in the table
/// of messages.
package enum NodeError: CodedError, Equatable, Sendable {
    /// The data directory holds no node.
    case notFounded(String)
    /// The data directory holds a node already.
    case alreadyFounded(String)
    /// A file of the data directory cannot be read or written; the text is the system's.
    case file(String, String)
    /// A file of the data directory says something that it cannot.
    case badFile(String)
    case unknownUnit(String)
    /// Only the root can do this.
    case notRoot
    /// The unit is not below this one.
    case notBelow(UnitCode)
    /// The node that answered does not stand above this one.
    case notAbove(UnitCode)
    /// The unit's parent of today is another one: only that enrolls its nodes.
    case notParent(UnitCode)
    case unknownCase(String)
    /// The case has changed since the page was shown.
    case changedMeanwhile
    /// The action is not possible now; the reason is the fold's.
    case impossible(VoidReason)
    /// What the case waits for has not come yet.
    case waits(PendingReason)
    /// A value is missing or too long.
    case badInput(String)
    /// The running numbers of this node are used up.
    case noNumbers
    /// The clock or the charter keeps this node from writing.
    case cut

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .notFounded: "node.notFounded"
        case .alreadyFounded: "node.alreadyFounded"
        case .file: "node.file"
        case .badFile: "node.badFile"
        case .unknownUnit: "unit.unknown"
        case .notRoot: "node.notRoot"
        case .notBelow: "unit.notBelow"
        case .notAbove: "unit.notAbove"
        case .notParent: "enrollment.notParent"
        case .unknownCase: "case.unknown"
        case .changedMeanwhile: "case.changedMeanwhile"
        case .impossible(let reason): "case.impossible.\(reason.rawValue)"
        case .waits(let reason): "case.waits.\(reason.rawValue)"
        case .badInput: "input.bad"
        case .noNumbers: "node.noNumbers"
        case .cut: "node.cut"
        }
    }

    /// What it is about, to be put into the message.
    package var subject: String {
        switch self {
        case .notFounded(let path), .alreadyFounded(let path), .badFile(let path): path
        case .file(let path, let reason): "\(path): \(reason)"
        case .unknownUnit(let text), .unknownCase(let text), .badInput(let text): text
        case .notBelow(let unit), .notAbove(let unit), .notParent(let unit): unit.text
        case .notRoot, .changedMeanwhile, .impossible, .waits, .noNumbers, .cut: ""
        }
    }
}

/// The time as the caller's clock has it. Nothing below `NodeServer` reads a clock.
package struct Moment: Hashable, Sendable {
    /// Seconds since 1970.
    package let seconds: Int64
    /// The civil day here, counted from 1970-01-01.
    package let day: Int32

    package init(seconds: Int64, day: Int32) {
        self.seconds = seconds
        self.day = day
    }
}
