import ChangeSet
import Replica
import ServiceModel
import SyncNode
import SyncProtocol
import Synchronization
import Trust

/// Why the link to the parent does not work, for the clerk and the log.
package struct UplinkFailure: CodedError, Hashable {
    /// Stable code.
    package let code: String
    package let words: Words

    init(code: String, words: Words) {
        self.code = code
        self.words = words
    }

    init(_ error: any Error) {
        switch error {
        case let error as any CodedError: (code, words) = (error.code, error.words)
        default: (code, words) = ("link.failed", Words("the link failed: \(error)", "链路出错：\(error)"))
        }
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
    init(_ name: NodeName, above node: Node) {
        let parent = try? node.replica.read { $0.charter.current.topology.parent(of: node.name.unit) }
        self.init(unit: name.unit, node: name.ordinal, isParent: parent == nil || parent == name.unit)
    }
}

/// How the link upward stands.
package final class UplinkStatus: Sendable {
    package struct State: Hashable, Sendable {
        package var isUp = false
        /// Seconds since 1970, since when it is so; nil before the first attempt has ended.
        package var since: Int64?
        /// Through whom it goes, or went last; nil before there was one.
        package var through: UpperNode?
        /// Why it is down, or why it does not go through the parent.
        package var failure: UplinkFailure?
        /// It is down and nothing is wrong with it: the failure says what is waited for.
        package var isPaused: Bool { !isUp && failure.map { LinePause.codes.contains($0.code) } ?? false }
    }

    private let held = Mutex(State())
    private let onChange: @Sendable (State) -> Void

    /// - Parameter onChange: told of the state after each change; must not take long.
    package init(onChange: @escaping @Sendable (State) -> Void = { _ in }) { self.onChange = onChange }

    package var state: State { held.withLock { $0 } }

    func connected(to end: UpperNode, at now: Moment) {
        let changed: State? = held.withLock { state in
            guard !state.isUp || state.through != end else { return nil }
            state = State(
                isUp: true, since: now.seconds, through: end, failure: end.isParent ? nil : state.failure)
            return state
        }
        if let changed { onChange(changed) }
    }

    /// - Returns: whether that is news.
    func failed(_ failure: UplinkFailure, at now: Moment) -> Bool {
        let (isNews, isChange, state) = held.withLock { state in
            let (wasUp, before) = (state.isUp, state.failure)
            if wasUp || state.since == nil { state.since = now.seconds }
            state.isUp = false
            state.failure = failure
            return (wasUp || before?.code != failure.code, wasUp || before != failure, state)
        }
        if isChange { onChange(state) }
        return isNews
    }
}
