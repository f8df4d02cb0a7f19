import Replica
import ServiceModel
import SyncNode
import Synchronization

/// Tells who waits that something new is in the replica. What it is they find out by reading; who waits below is told
/// only of what may concern them.
package final class NodeNews: Sendable {
    private struct Waiting {
        /// The unit below for which is waited; nil is told of everything.
        let unit: UnitCode?
        let continuation: AsyncStream<Void>.Continuation
    }

    private struct State {
        var next = 0
        var waiting: [Int: Waiting] = [:]
        var told: NewsMark?
    }

    private let state = Mutex(State())
    private let node: Node?

    /// - Parameter node: whose replica says whom something concerns; without it everything concerns everybody.
    package init(of node: Node? = nil) { self.node = node }

    /// A stream with an element for every announcement since the last one that was taken.
    /// - Parameter unit: for whom below; nil is told of everything.
    package func subscribe(for unit: UnitCode? = nil) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = Waiting(unit: unit, continuation: continuation)
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.waiting[id] = nil }
        }
        return stream
    }

    package func announce() {
        let woken = state.withLock { state in
            let concern = state.waiting.values.contains { $0.unit != nil } ? concern(&state) : nil
            return state.waiting.values.filter { $0.unit.map { concern?.includes($0) ?? false } ?? true }
        }
        for waiting in woken { waiting.continuation.yield() }
    }

    /// Where it cannot be read everybody looks, and says what is wrong.
    private func concern(_ state: inout State) -> NewsConcern? {
        guard let node, let news = try? node.replica.read({ try $0.news(behind: state.told) }) else {
            return .everybody
        }
        state.told = news.mark
        return news.concern
    }
}
