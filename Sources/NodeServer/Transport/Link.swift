import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceModel

/// An exchange just started on a link.
struct BegunExchange: Sendable {
    let fate: ExchangeFate
    let head: EventLoopFuture<ResponseHead>
    let pieces: LinkRun.Producer
    let isReuse: Bool
}

/// A dialled connection with a verified node at its other end.
struct Link<Peer: Sendable>: Sendable {
    let channel: any Channel
    let stage: NIOLoopBound<LinkStage>
    let peer: Peer

    /// Starts an exchange.
    /// - Throws: `LinkError`; `inUse` while one is running.
    func begin(_ head: HTTPRequestHead, stallTime: TimeAmount) async throws(LinkError) -> BegunExchange {
        let stage = stage
        do {
            return try await channel.eventLoop.submit {
                let fate = ExchangeFate()
                let (run, pieces) = try stage.value.begin(head, stallTime: stallTime, fate: fate)
                return BegunExchange(
                    fate: fate,
                    head: run.head.futureResult,
                    pieces: pieces,
                    isReuse: run.isReuse
                )
            }.get()
        } catch {
            throw LinkError(lost: error)
        }
    }

    /// Closes the connection as soon as no exchange runs on it.
    func retire() {
        let stage = stage
        channel.eventLoop.execute { stage.value.retire() }
    }
}

/// One try to reach a node: TCP, TLS, verification.
struct LinkAttempt<Peer: Sendable>: Sendable {
    let endpoint: PeerEndpoint
    let limits: TransportLimits
    /// Bytes per second each way, at most.
    let rate: Int?
    let tls: NIOSSLContext
    let verify: @Sendable ([[UInt8]]) -> Result<Peer, Refusal>

    /// What is known while the attempt goes on.
    private struct Progress {
        var verdict: Result<Peer, Refusal>?
        var channel: (any Channel)?
        var isCancelled = false
    }

    /// Gives a link whose handshake is complete.
    /// - Throws: `LinkError`.
    func connect(_ group: any EventLoopGroup) async throws(LinkError) -> Link<Peer> {
        let progress = NIOLockedValueBox(Progress())
        do {
            return try await withTaskCancellationHandler {
                let (channel, stage, opened) = try await bootstrap(group)
                    .connect(host: endpoint.host, port: endpoint.port) { channel in
                        channel.eventLoop.makeCompletedFuture { try pipeline(channel, progress) }
                    }
                try await opened.get()
                guard case .success(let peer) = progress.withLockedValue({ $0.verdict }) else {
                    channel.close(promise: nil)
                    throw LinkError.tls(
                        reason: Words("the handshake ended without a verified certificate", "握手结束而没有经过核验的证书"),
                        refusal: nil)
                }
                return Link(channel: channel, stage: stage, peer: peer)
            } onCancel: {
                let channel = progress.withLockedValue { progress in
                    progress.isCancelled = true
                    return progress.channel
                }
                channel?.close(promise: nil)
            }
        } catch {
            if progress.withLockedValue({ $0.isCancelled }) { throw .cancelled }
            throw LinkError(dialling: error)
        }
    }

    private func bootstrap(_ group: any EventLoopGroup) -> ClientBootstrap {
        ClientBootstrap(group: group).connectTimeout(TimeAmount(span: limits.connectTime))
    }

    private func pipeline(
        _ channel: any Channel,
        _ progress: NIOLockedValueBox<Progress>
    ) throws -> (any Channel, NIOLoopBound<LinkStage>, EventLoopFuture<Void>) {
        let isCancelled = progress.withLockedValue { progress in
            progress.channel = channel
            return progress.isCancelled
        }
        guard !isCancelled else { throw LinkError.cancelled }
        try SocketCare(limits).apply(to: channel)
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderFieldSize = limits.headerFieldBytes
        decoderLimits.maxHeaderListSize = limits.headerBytes
        decoderLimits.maxHeaderFieldCount = limits.headerFields
        let opened = channel.eventLoop.makePromise(of: Void.self)
        let stage = LinkStage(limits: limits, opened: opened) {
            progress.withLockedValue { progress in
                if case .failure(let refusal) = progress.verdict { refusal } else { nil }
            }
        }
        do {
            if let rate { try channel.pipeline.syncOperations.addHandler(LinePace(rate: rate)) }
            let tls = try NIOSSLClientHandler(
                context: tls,
                serverHostname: endpoint.serverName,
                customVerificationCallback: verificationCallback(limits: limits, verify: verify) { verdict in
                    progress.withLockedValue { $0.verdict = verdict }
                }
            )
            let decoder = HTTPResponseDecoder(limitConfiguration: decoderLimits)
            try channel.pipeline.syncOperations.addHandlers(
                tls,
                HTTPRequestEncoder(),
                ByteToMessageHandler(decoder),
                stage
            )
        } catch {
            opened.fail(error)
            throw error
        }
        return (channel, NIOLoopBound(stage, eventLoop: channel.eventLoop), opened.futureResult)
    }
}
