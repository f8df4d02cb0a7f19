import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

/// A TCP end that says fixed bytes: what is not Terrace, for tests.
final class RawPeer: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let answer: [UInt8]
    private let received: NIOLockedValueBox<[UInt8]>

    private init(answer: [UInt8], received: NIOLockedValueBox<[UInt8]>) {
        self.answer = answer
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        received.withLockedValue { $0 += bytes.readableBytesView }
        guard !answer.isEmpty else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: answer)), promise: nil)
    }

    /// Listens, answers the first bytes of every connection with fixed ones, behind TLS if a context is given.
    static func serving<Value>(
        _ answer: String,
        tls: NIOSSLContext? = nil,
        _ body: (Int) async throws -> Value
    ) async throws -> Value {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = NIOSSLServerHandler(context: tls) { _, promise in
                            promise.succeed(.certificateVerified)
                        }
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let peer = RawPeer(answer: Array(answer.utf8), received: NIOLockedValueBox([]))
                    try channel.pipeline.syncOperations.addHandler(peer)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(listener.localAddress?.port ?? 0))
        } catch {
            result = .failure(error)
        }
        try await listener.close()
        return try result.get()
    }

    /// A connection that says fixed bytes and then nothing.
    struct Connection: Sendable {
        let channel: any Channel
        let received: NIOLockedValueBox<[UInt8]>

        /// What the other end said until it closed.
        func untilClosed() async throws -> [UInt8] {
            try await channel.closeFuture.get()
            return received.withLockedValue { $0 }
        }
    }

    static func dial(_ port: Int, saying bytes: [UInt8], tls: NIOSSLContext? = nil) async throws -> Connection {
        let received = NIOLockedValueBox<[UInt8]>([])
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: nil) { _, promise in
                            promise.succeed(.certificateVerified)
                        }
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(RawPeer(answer: [], received: received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        if !bytes.isEmpty { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
        return Connection(channel: channel, received: received)
    }
}
