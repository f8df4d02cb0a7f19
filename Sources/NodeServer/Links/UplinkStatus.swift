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
    private struct Held: Sendable {
        var state = LineState()
        /// Whether who is told has not taken it yet.
        var isUntold = false
    }

    private let held = Mutex(Held())
    private let onChange: @Sendable (LineState) -> Bool

    /// - Parameter onChange: told of the state after each change; must not take long. Where it gives back that it could
    ///   not take it, it is told again with the next word of the line.
    package init(onChange: @escaping @Sendable (LineState) -> Bool = { _ in true }) { self.onChange = onChange }

    package var state: LineState { held.withLock { $0.state } }

    func connected(to end: UpperNode, at now: Moment) {
        change { state in
            guard !state.isUp || state.through != end else { return }
            state = LineState(
                isUp: true, since: now.seconds, through: end, failure: end.isParent ? nil : state.failure)
        }
    }

    /// Whether a comparison that is due waits for a newer program of the parent's.
    func noted(needsNewerParent: Bool) {
        change { $0.needsNewerParent = needsNewerParent }
    }

    /// - Returns: whether that is news.
    func failed(_ failure: UplinkFailure, at now: Moment) -> Bool {
        let before = change { state in
            if state.isUp || state.since == nil { state.since = now.seconds }
            state.isUp = false
            // Who answers next may have been upgraded meanwhile.
            state.needsNewerParent = false
            state.failure = failure
        }
        return before.isUp || before.failure?.code != failure.code
    }

    /// - Returns: what was so before.
    @discardableResult
    private func change(_ body: (inout LineState) -> Void) -> LineState {
        let (before, told) = held.withLock { held -> (LineState, LineState?) in
            let before = held.state
            body(&held.state)
            if held.state != before { held.isUntold = true }
            return (before, held.isUntold ? held.state : nil)
        }
        if let told, onChange(told) {
            held.withLock { if $0.state == told { $0.isUntold = false } }
        }
        return before
    }
}
