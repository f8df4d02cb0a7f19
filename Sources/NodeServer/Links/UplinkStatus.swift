import ServiceModel
import SyncNode
import SyncProtocol
import Synchronization

extension UplinkFailure {
    init(_ error: any Error) {
        let refusal: String? =
            switch error {
            case LinkError.status(_, let refusal), LinkError.tls(_, let refusal): refusal?.code
            case ExchangeProblem.refused(let code, _): code
            default: nil
            }
        switch error {
        case let error as any CodedError: self.init(code: error.code, words: error.words, refusal: refusal)
        default: self.init(code: "link.failed", words: Words("the link failed: \(error)", "链路出错：\(error)"))
        }
    }
}

/// How the link upward stands.
package final class UplinkStatus: Sendable {
    private let held = Mutex(LineState())
    private let onChange: @Sendable (LineState) -> Void

    /// - Parameter onChange: told of the state after each change; must not take long.
    package init(onChange: @escaping @Sendable (LineState) -> Void = { _ in }) { self.onChange = onChange }

    package var state: LineState { held.withLock { $0 } }

    func connected(to end: UpperNode, at now: Moment) {
        let changed: LineState? = held.withLock { state in
            guard !state.isUp || state.through != end else { return nil }
            state = LineState(
                isUp: true, since: now.seconds, through: end, failure: end.isParent ? nil : state.failure)
            return state
        }
        if let changed { onChange(changed) }
    }

    /// Whether a comparison that is due waits for a newer program of the parent's.
    func noted(needsNewerParent: Bool) {
        let changed: LineState? = held.withLock { state in
            guard state.needsNewerParent != needsNewerParent else { return nil }
            state.needsNewerParent = needsNewerParent
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
            // Who answers next may have been upgraded meanwhile.
            state.needsNewerParent = false
            state.failure = failure
            return (wasUp || before?.code != failure.code, wasUp || before != failure, state)
        }
        if isChange { onChange(state) }
        return isNews
    }
}
