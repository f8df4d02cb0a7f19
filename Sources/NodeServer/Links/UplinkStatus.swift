import ChangeSet
import Replica
import ServiceModel
import SyncNode
import SyncProtocol
import Synchronization
import Trust

/// Why the link to the parent does not work, for the clerk and the log.
package struct UplinkFailure: Hashable, Sendable, CustomStringConvertible {
    /// Stable code.
    package let code: String
    package let text: String

    init(_ error: any Error) {
        switch error {
        case let error as any CodedError: (code, text) = (error.code, error.subject)
        default: (code, text) = ("link.failed", "\(error)")
        }
    }

    package var description: String { "\(code): \(text)" }
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

    package init() {}

    package var state: State { held.withLock { $0 } }

    func connected(at now: Moment) {
        held.withLock { state in
            if !state.isUp || state.since == nil { state.since = now.seconds }
            state.isUp = true
            state.failure = nil
        }
    }

    /// - Returns: whether that is news.
    func failed(_ failure: UplinkFailure, at now: Moment) -> Bool {
        held.withLock { state in
            let isNews = state.isUp || state.failure?.code != failure.code
            if state.isUp || state.since == nil { state.since = now.seconds }
            state.isUp = false
            state.failure = failure
            return isNews
        }
    }
}
