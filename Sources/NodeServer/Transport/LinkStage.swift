import NIOCore
import NIOHTTP1
import NIOTLS
import ServiceModel

/// Ends the pipeline of a dialled connection: one exchange at a time, its answer handed on as fast as it is read,
/// stalls and losses turned into `LinkError`.
final class LinkStage: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private enum Phase {
        case handshaking(EventLoopPromise<Void>)
        case idle
        case running(LinkRun)
        case over(LinkError)
    }

    private static let notOpen = Words("not open", "连接没有打开")

    private let limits: TransportLimits
    private let refusal: @Sendable () -> Refusal?
    private var phase: Phase
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var wantsRead = false
    private var exchanges = 0

    /// - Parameters:
    ///   - opened: told of the end of the handshake.
    ///   - refusal: what this end's verification said, if it refused.
    init(limits: TransportLimits, opened: EventLoopPromise<Void>, refusal: @escaping @Sendable () -> Refusal?) {
        self.limits = limits
        self.phase = .handshaking(opened)
        self.refusal = refusal
    }

    // MARK: Exchanges

    /// Starts an exchange, if the connection is free and alive.
    /// - Returns: the exchange with its answer's pieces.
    func begin(
        _ head: HTTPRequestHead,
        stallTime: TimeAmount,
        fate: ExchangeFate
    ) throws(LinkError) -> (run: LinkRun, pieces: LinkRun.Producer) {
        if case .over(let error) = phase { throw error }
        if case .running(let run) = phase {
            if case .ended = run.answer {
                // The answer is complete, the request was never ended: nobody can use this connection again.
                let error = LinkError.closed(reason: Words("request left open", "请求没有结束"), isStale: true)
                fail(error)
                throw error
            }
            throw .inUse
        }
        guard case .idle = phase, let context, context.channel.isActive else {
            throw .closed(reason: Self.notOpen, isStale: exchanges > 0)
        }
        let stage = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let made = LinkRun.Producer.makeSequence(
            backPressureStrategy: .init(lowWatermark: 1, highWatermark: limits.waitingPieces),
            finishOnDeinit: true,
            delegate: LinkDemand(
                more: { loop.execute { stage.value.goOn() } },
                gone: { loop.execute { stage.value.abandonUnread(fate) } }
            )
        )
        let run = LinkRun(
            source: made.source,
            head: loop.makePromise(of: ResponseHead.self),
            fate: fate,
            stallTime: stallTime,
            isReuse: exchanges > 0
        )
        exchanges += 1
        phase = .running(run)
        watch(after: stallTime)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        return (run, made.sequence)
    }

    /// Writes a piece of the request; done when the system has taken it.
    func send(_ bytes: ByteBuffer, in fate: ExchangeFate) -> EventLoopFuture<Void>? {
        guard case .running(let run) = phase, run.fate === fate, let context else { return nil }
        let stage = NIOLoopBound(self, eventLoop: context.eventLoop)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: written)
        written.futureResult.whenSuccess { stage.value.moved() }
        return written.futureResult
    }

    /// Ends the request.
    func finish(_ fate: ExchangeFate) -> EventLoopFuture<Void>? {
        guard case .running(let run) = phase, run.fate === fate, let context else { return nil }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        run.isRequestEnded = true
        completeIfDone(run)
        return written.futureResult
    }

    /// Gives an exchange up, and the connection with it, unless it is complete.
    func abandon(_ fate: ExchangeFate) {
        guard case .running(let run) = phase, run.fate === fate else { return }
        fail(.cancelled)
    }

    /// Closes the connection now or when the running exchange is complete.
    func retire() {
        switch phase {
        case .running(let run): run.keepsAlive = false
        case .idle, .handshaking: fail(.closed(reason: Words("retired", "连接已停用"), isStale: true))
        case .over: break
        }
    }

    /// The reader left before the end of the answer.
    private func abandonUnread(_ fate: ExchangeFate) {
        guard case .running(let run) = phase, run.fate === fate else { return }
        if case .ended = run.answer { return }
        fail(.cancelled)
    }

    private func completeIfDone(_ run: LinkRun) {
        guard run.isRequestEnded, case .ended = run.answer else { return }
        phase = .idle
        guard run.keepsAlive else {
            fail(.closed(reason: Words("the other end keeps no connections", "对方不保留连接"), isStale: true))
            return
        }
        schedule(in: TimeAmount(span: limits.dialledIdleTime)) { stage in
            stage.fail(.closed(reason: Words("idle", "长时间空闲"), isStale: true))
        }
        goOn()
    }

    // MARK: Answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .running(let run) = phase else {
            fail(.notTerrace(reason: Words("an answer without a request", "没有请求却有应答")))
            return
        }
        moved()
        switch unwrapInboundIn(data) {
        case .head(let head): take(head, run)
        case .body(let piece): take(piece, run)
        case .end: takeEnd(run)
        }
    }

    private func take(_ head: HTTPResponseHead, _ run: LinkRun) {
        run.keepsAlive = run.keepsAlive && head.isKeepAlive
        let status = Int(head.status.code)
        let type = head.headers.first(name: "content-type").map(ContentType.essence)
        switch status {
        case 200..<300 where type?.hasPrefix(ContentType.prefix) == true:
            run.answer = .body
            run.head.succeed(ResponseHead(status: status, headers: HeaderFields(head.headers)))
        case 400...:
            run.answer = .refusal(status: status, isOurs: type == ContentType.error, body: [])
        default:
            let what = Words(
                fromOutside: "status \(status), \(type ?? "nothing")", "状态\(status)，\(type ?? "没有内容")")
            fail(.notTerrace(reason: what))
        }
    }

    private func take(_ piece: ByteBuffer, _ run: LinkRun) {
        switch run.answer {
        case .body:
            if piece.readableBytes > 0, case .stopProducing = run.source.yield(Array(piece.readableBytesView)) {
                run.isHeld = true
            }
        case .refusal(let status, let isOurs, var body):
            body += piece.readableBytesView.prefix(limits.errorBodyBytes - body.count)
            run.answer = .refusal(status: status, isOurs: isOurs, body: body)
        case .awaited, .ended:
            break
        }
    }

    private func takeEnd(_ run: LinkRun) {
        if case .refusal(let status, let isOurs, let bytes) = run.answer {
            let body = isOurs ? ErrorBody(bytes: bytes) : nil
            fail(.status(status, body?.refusal(status: status)))
            return
        }
        run.answer = .ended
        run.fate.settle(.ended)
        run.source.finish()
        completeIfDone(run)
    }

    func read(context: ChannelHandlerContext) {
        if case .running(let run) = phase, run.isHeld {
            wantsRead = true
        } else {
            context.read()
        }
    }

    private func goOn() {
        if case .running(let run) = phase {
            run.isHeld = false
            run.lastMove = .now()
        }
        guard wantsRead else { return }
        wantsRead = false
        context?.read()
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        schedule(in: TimeAmount(span: limits.handshakeTime)) { stage in
            guard case .handshaking = stage.phase else { return }
            stage.fail(.unreachable(reason: Words("no TLS handshake in time", "未能按时完成TLS握手")))
        }
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.closed(reason: Self.notOpen, isStale: false))
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event, case .handshaking(let opened) = phase {
            timer?.cancel()
            phase = .idle
            opened.succeed(())
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        var lost = LinkError(lost: error, isStale: isStale)
        if case .handshaking = phase, case .closed(let reason, _) = lost {
            lost = .unreachable(reason: Words("during the TLS handshake: ", "TLS握手时") + reason)
        }
        if let refusal = refusal() {
            lost = .tls(
                reason: Words("this node refused the other's certificate", "本节点拒绝了对方的证书"), refusal: refusal)
        }
        fail(lost)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed(reason: Words("closed by the other end", "对方关闭了连接"), isStale: isStale))
        context.fireChannelInactive()
    }

    private var isStale: Bool {
        if case .running(let run) = phase { run.isReuse && run.isUnanswered } else { exchanges > 0 }
    }

    private func fail(_ error: LinkError) {
        timer?.cancel()
        timer = nil
        switch phase {
        case .over:
            return
        case .handshaking(let opened):
            phase = .over(error)
            opened.fail(error)
        case .idle:
            phase = .over(error)
        case .running(let run):
            phase = .over(error)
            if case .ended = run.answer { break }
            run.fate.settle(.failed(error))
            run.head.fail(error)
            run.source.finish(error)
        }
        context?.close(promise: nil)
    }

    // MARK: Time

    private func moved() {
        if case .running(let run) = phase { run.lastMove = .now() }
    }

    private func watch(after span: TimeAmount) {
        schedule(in: span) { stage in
            guard case .running(let run) = stage.phase else { return }
            // A reader that takes its time is no stall of the line.
            if run.isHeld { run.lastMove = .now() }
            let left = run.lastMove + run.stallTime - .now()
            if left <= .nanoseconds(0) {
                stage.fail(.stalled(after: .nanoseconds(run.stallTime.nanoseconds)))
            } else {
                stage.watch(after: left)
            }
        }
    }

    private func schedule(in span: TimeAmount, _ body: @escaping @Sendable (LinkStage) -> Void) {
        timer?.cancel()
        guard let loop = context?.eventLoop else { return }
        let stage = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleTask(in: span) { body(stage.value) }
    }
}
