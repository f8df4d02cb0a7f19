import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// An accepted connection with its HTTP parts.
struct PeerChannelValue<Peer: Sendable>: ServerChildChannelValue {
    let connection: PeerConnection<Peer>
    let parts: HTTP1Channel.Value

    var channel: any Channel { connection.channel }
}

/// Sets up accepted connections: mutual TLS 1.3 with the listener's verification, the gate, HTTP/1.1.
struct PeerChannel<Peer: Sendable>: ServerChildChannel {
    let identity: @Sendable () -> TLSIdentity
    let limits: TransportLimits
    let threads: (any TaskExecutor)?
    let verify: @Sendable ([[UInt8]]) -> Result<Peer, Refusal>
    let routes: ListenerRoutes<Peer>
    let roll: ConnectionRoll<Peer>
    let onHandshakeFailure: @Sendable (HandshakeFailure) -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<PeerChannelValue<Peer>> {
        let connection = PeerConnection<Peer>(channel: channel)
        guard roll.admit(connection) else {
            let failure = HandshakeFailure(remote: connection.remote, reason: .tooManyConnections)
            onHandshakeFailure(failure)
            return channel.close().flatMapThrowing { throw failure }
        }
        return channel.eventLoop.makeCompletedFuture {
            // With half closure a lost peer would leave the channel open, and its exchange waiting.
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
            try SocketCare(limits).apply(to: channel)
            try channel.pipeline.syncOperations.addHandlers(
                try tls(for: connection),
                HandshakeGate(connection: connection, limits: limits, report: onHandshakeFailure)
            )
        }.flatMap {
            http(for: connection, logger: logger).setup(channel: channel, logger: logger)
        }.map { parts in
            PeerChannelValue(connection: connection, parts: parts)
        }
    }

    func handle(value: PeerChannelValue<Peer>, logger: Logger) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await http(for: value.connection, logger: logger).handle(value: value.parts, logger: logger)
            }
            // An exchange that waits for news reads and writes nothing: the closed channel must end it.
            try? await value.channel.closeFuture.get()
            group.cancelAll()
        }
    }

    /// A context for one connection only. Session tickets are sealed with keys of their context, so none that was
    /// given out opens anything later: every handshake is a whole one and runs the verification.
    private func tls(for connection: PeerConnection<Peer>) throws -> NIOSSLServerHandler {
        NIOSSLServerHandler(
            context: try NIOSSLContext(configuration: identity().accepting(limits)),
            customVerificationCallback: verificationCallback(limits: limits, on: threads, verify: verify) { verdict in
                connection.record(verdict)
            }
        )
    }

    private func http(for connection: PeerConnection<Peer>, logger: Logger) -> HTTP1Channel {
        HTTP1Channel(
            responder: { request, writer, _ in
                try await routes.answer(request, writer, on: connection, limits: limits, logger: logger)
            },
            configuration: .init(
                idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerFieldBytes,
                    maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields
                )
            )
        )
    }
}
