import NIOCore

/// Keeps a connection to a rate, each way, TLS included: it stands between the socket and everything else. What waits
/// to go out waits here, and what comes in waits in the socket, so that the other end slows down.
final class LinePace: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Waiting {
        var bytes: ByteBuffer
        let promise: EventLoopPromise<Void>?
    }

    private var outgoing: TokenBucket
    private var incoming: TokenBucket
    private var waiting = CircularBuffer<Waiting>()
    /// Of those that wait, how many were flushed.
    private var flushed = 0
    private var isSpeaking = false
    private var isReading = false

    /// - Parameter rate: bytes per second.
    init(rate: Int) {
        outgoing = TokenBucket(rate: rate, at: Self.now)
        incoming = outgoing
    }

    private static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1000) }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        waiting.append(Waiting(bytes: unwrapOutboundIn(data), promise: promise))
    }

    func flush(context: ChannelHandlerContext) {
        flushed = waiting.count
        if !isSpeaking { speak(context) }
    }

    private func speak(_ context: ChannelHandlerContext) {
        isSpeaking = false
        while flushed > 0 {
            let pause = outgoing.wait(at: Self.now)
            guard pause == 0 else {
                isSpeaking = true
                return later(pause, context) { pace, context in pace.speak(context) }
            }
            var next = waiting.removeFirst()
            let count = min(next.bytes.readableBytes, outgoing.burst)
            outgoing.spend(count, at: Self.now)
            guard count < next.bytes.readableBytes, let piece = next.bytes.readSlice(length: count) else {
                flushed -= 1
                context.writeAndFlush(wrapOutboundOut(next.bytes), promise: next.promise)
                continue
            }
            waiting.prepend(next)
            context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        giveUp()
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        giveUp()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { giveUp() }

    private func giveUp() {
        let lost = waiting
        waiting = []
        flushed = 0
        for one in lost { one.promise?.fail(ChannelError.ioOnClosedChannel) }
    }

    // MARK: In

    func read(context: ChannelHandlerContext) {
        guard !isReading else { return }
        let pause = incoming.wait(at: Self.now)
        guard pause > 0 else { return context.read() }
        isReading = true
        later(pause, context) { pace, context in
            pace.isReading = false
            pace.read(context: context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        incoming.spend(unwrapInboundIn(data).readableBytes, at: Self.now)
        context.fireChannelRead(data)
    }

    private func later(
        _ pause: Int64, _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (LinePace, ChannelHandlerContext) -> Void
    ) {
        let bound = NIOLoopBound((pace: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .microseconds(pause)) {
            guard bound.value.context.channel.isActive else { return }
            body(bound.value.pace, bound.value.context)
        }
    }
}
