import Synchronization

/// Tells everyone who waits that something new is in the replica. What it is they find out by reading.
package final class NodeNews: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// A stream with an element for every announcement since the last one that was taken.
    package func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.waiting[id] = nil }
        }
        return stream
    }

    package func announce() {
        for continuation in state.withLock({ Array($0.waiting.values) }) { continuation.yield() }
    }
}
