import HummingbirdCore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The port at which a node's children arrive: mutual TLS 1.3, exchanges and enrollment.
///
/// `Peer` is whatever the verification makes of a certificate chain; every request gets the peer of its
/// connection. Stopping it gracefully ends open exchanges within `TransportLimits.shutdownGrace` and the closing
/// time of TLS.
package final class SyncListener<Peer: Sendable>: Service {
    private let host: String
    private let port: Int
    private let limits: TransportLimits
    private let identity: NIOLockedValueBox<TLSIdentity>
    private let verify: @Sendable ([[UInt8]]) -> Result<Peer, Refusal>
    private let routes: ListenerRoutes<Peer>
    private let onListening: @Sendable (Int) async -> Void
    private let onHandshakeFailure: @Sendable (HandshakeFailure) -> Void
    private let roll: ConnectionRoll<Peer>
    private let group: any EventLoopGroup
    private let threads: (any TaskExecutor)?
    private let logger: Logger

    /// - Parameters:
    ///   - host: address to listen at.
    ///   - port: 0 lets the system choose.
    ///   - threads: where verifications run, which may wait for the disk; nil for the process's own.
    ///   - verify: judges a presented chain (DER, leaf first); runs away from the event loop and replaces every
    ///     check but the proof that the peer has the leaf's key. It must judge validity, too.
    ///   - onListening: told the bound port.
    ///   - onHandshakeFailure: told once of every connection that was not let in; runs on an event loop and must
    ///     not block.
    package init(
        host: String,
        port: Int,
        identity: TLSIdentity,
        limits: TransportLimits = TransportLimits(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        threads: (any TaskExecutor)? = nil,
        verify: @escaping @Sendable ([[UInt8]]) -> Result<Peer, Refusal>,
        routes: ListenerRoutes<Peer>,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in },
        onHandshakeFailure: @escaping @Sendable (HandshakeFailure) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.identity = NIOLockedValueBox(identity)
        self.limits = limits
        self.group = group
        self.threads = threads
        self.logger = logger
        self.verify = verify
        self.routes = routes
        self.onListening = onListening
        self.onHandshakeFailure = onHandshakeFailure
        self.roll = ConnectionRoll(limit: limits.connections)
    }

    /// Listens until it is stopped.
    /// - Throws: `ListenError` when it cannot start.
    package func run() async throws {
        let identity = identity
        let server = Server(
            childChannelSetup: PeerChannel(
                identity: { identity.withLockedValue { $0 } },
                limits: limits,
                threads: threads,
                verify: verify,
                routes: routes,
                roll: roll,
                onHandshakeFailure: onHandshakeFailure
            ),
            configuration: ServerConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { [onListening] channel in
                await onListening(channel.localAddress?.port ?? 0)
            },
            eventLoopGroup: group,
            logger: logger
        )
        let (roll, group, grace) = (roll, group, TimeAmount(span: limits.shutdownGrace))
        do {
            try await withTaskCancellationHandler {
                try await withGracefulShutdownHandler {
                    try await server.run()
                } onGracefulShutdown: {
                    _ = group.next().scheduleTask(in: grace) { roll.closeAll() }
                }
            } onCancel: {
                roll.closeAll()
            }
        } catch {
            throw ListenError(error, host: host, port: port)
        }
    }

    /// Shows other certificates from the next handshake on.
    package func replaceIdentity(_ next: TLSIdentity) {
        identity.withLockedValue { $0 = next }
    }

    /// Closes the connections of certain peers at once, open exchanges included.
    package func close(where isUnwanted: (Peer) -> Bool) {
        roll.close(where: isUnwanted)
    }

    /// Connections that are open now.
    package var connections: Int { roll.count }
}
