import NIOConcurrencyHelpers
import NIOCore

/// One accepted connection: who is at the other end, and the moment by which it must show life.
final class PeerConnection<Peer: Sendable>: Sendable {
    let channel: any Channel
    /// Address and port of the other end.
    let remote: String

    private struct State {
        var verdict: Result<Peer, Refusal>?
        var deadline: Scheduled<Void>?
    }
    private let state = NIOLockedValueBox(State())

    init(channel: any Channel) {
        self.channel = channel
        self.remote = Self.name(of: channel.remoteAddress)
    }

    /// Keeps what the verification said of the presented chain.
    func record(_ verdict: Result<Peer, Refusal>) {
        state.withLockedValue { $0.verdict = verdict }
    }

    /// The verified peer; nothing before the handshake has ended.
    var peer: Peer? {
        state.withLockedValue { try? $0.verdict?.get() }
    }

    /// Why the peer was refused, if it was.
    var refusal: Refusal? {
        state.withLockedValue { state in
            if case .failure(let refusal) = state.verdict { refusal } else { nil }
        }
    }

    /// Closes the connection after a span, unless told otherwise before; replaces an earlier deadline.
    func closeAfter(_ span: Duration) {
        let channel = channel
        let next = channel.eventLoop.scheduleTask(in: TimeAmount(span: span)) {
            channel.close(promise: nil)
        }
        replaceDeadline(next)
    }

    /// Takes the deadline back.
    func keepOpen() {
        replaceDeadline(nil)
    }

    private func replaceDeadline(_ next: Scheduled<Void>?) {
        let former = state.withLockedValue { state in
            defer { state.deadline = next }
            return state.deadline
        }
        former?.cancel()
    }

    private static func name(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return address.protocol == .inet6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// The connections that a listener holds.
final class ConnectionRoll<Peer: Sendable>: Sendable {
    private struct State {
        var open: [ObjectIdentifier: PeerConnection<Peer>] = [:]
        var isClosed = false
    }
    private let state = NIOLockedValueBox(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Enters a connection until it closes.
    /// - Returns: whether there was room for it.
    func admit(_ connection: PeerConnection<Peer>) -> Bool {
        let id = ObjectIdentifier(connection)
        let admitted = state.withLockedValue { state in
            guard !state.isClosed, state.open.count < limit else { return false }
            state.open[id] = connection
            return true
        }
        if admitted {
            connection.channel.closeFuture.whenComplete { _ in
                self.state.withLockedValue { _ = $0.open.removeValue(forKey: id) }
            }
        }
        return admitted
    }

    /// Connections that are open now.
    var count: Int {
        state.withLockedValue { $0.open.count }
    }

    /// Closes the connections of certain peers.
    func close(where isUnwanted: (Peer) -> Bool) {
        let unwanted = state.withLockedValue { Array($0.open.values) }.filter { $0.peer.map(isUnwanted) ?? false }
        for connection in unwanted {
            connection.channel.close(promise: nil)
        }
    }

    /// Closes all connections and admits no more.
    func closeAll() {
        let all = state.withLockedValue { state in
            state.isClosed = true
            return Array(state.open.values)
        }
        for connection in all {
            connection.channel.close(promise: nil)
        }
    }
}
