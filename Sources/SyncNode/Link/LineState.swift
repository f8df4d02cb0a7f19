import ServiceModel
import Trust

/// Why the link to the parent does not work, for the clerk and the log.
package struct UplinkFailure: CodedError, Hashable {
    /// Stable code.
    package let code: String
    package let words: Words
    /// The code with which the other end refused; nil when it was something else.
    package let refusal: String?

    package init(code: String, words: Words, refusal: String? = nil) {
        self.code = code
        self.words = words
        self.refusal = refusal
    }
}

/// A node above, as the other end of the line.
package struct UpperNode: Hashable, Sendable {
    package let unit: UnitCode
    /// Ordinal in its unit.
    package let node: UInt32
    /// False for one that stands in for the parent.
    package let isParent: Bool

    package init(unit: UnitCode, node: UInt32, isParent: Bool) {
        self.unit = unit
        self.node = node
        self.isParent = isParent
    }

    /// - Parameter node: the one that dialled. Before the charter has come only its parent will do.
    package init(_ name: NodeName, above node: Node) {
        let parent = try? node.replica.read { $0.charter.current.topology.parent(of: node.name.unit) }
        self.init(unit: name.unit, node: name.ordinal, isParent: parent == nil || parent == name.unit)
    }
}

/// How the line upward stands in the process that keeps it.
package struct LineState: Hashable, Sendable {
    package var isUp = false
    /// Seconds since 1970, since when it is so; nil before the first attempt has ended.
    package var since: Int64?
    /// Through whom it goes, or went last; nil before there was one.
    package var through: UpperNode?
    /// Why it is down, or why it does not go through the parent.
    package var failure: UplinkFailure?
    /// A comparison with the parent is due, and its program is of before there were any.
    package var needsNewerParent = false
    /// It is down and nothing is wrong with it: the failure says what is waited for.
    package var isPaused: Bool { !isUp && failure.map { Self.pauses.contains($0.code) } ?? false }

    package init(
        isUp: Bool = false, since: Int64? = nil, through: UpperNode? = nil, failure: UplinkFailure? = nil
    ) {
        self.isUp = isUp
        self.since = since
        self.through = through
        self.failure = failure
    }

    package static let hoursCode = "link.hours"
    package static let busyCode = "link.busy"
    private static let pauses: Set = [hoursCode, busyCode]
}
