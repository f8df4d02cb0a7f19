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

/// How the link to the parent stands.
package final class UplinkStatus: Sendable {
    package struct State: Hashable, Sendable {
        package var isUp = false
        /// Seconds since 1970, since when it is so; nil before the first attempt has ended.
        package var since: Int64?
        package var failure: UplinkFailure?
    }

    private let held = Mutex(State())
    private let onChange: @Sendable (State) -> Void

    /// - Parameter onChange: told of the state after each change; must not take long.
    package init(onChange: @escaping @Sendable (State) -> Void = { _ in }) { self.onChange = onChange }

    package var state: State { held.withLock { $0 } }

    func connected(at now: Moment) {
        let changed: State? = held.withLock { state in
            guard !state.isUp else { return nil }
            state = State(isUp: true, since: now.seconds, failure: nil)
            return state
        }
        if let changed { onChange(changed) }
    }

    /// - Returns: whether that is news.
    func failed(_ failure: UplinkFailure, at now: Moment) -> Bool {
        let (isNews, state) = held.withLock { state in
            let isNews = state.isUp || state.failure?.code != failure.code
            if state.isUp || state.since == nil { state.since = now.seconds }
            state.isUp = false
            state.failure = failure
            return (isNews, state)
        }
        if isNews { onChange(state) }
        return isNews
    }
}
