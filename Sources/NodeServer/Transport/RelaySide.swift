import NIOConcurrencyHelpers
import NIOCore

/// A relayed connection: its two channels, and how many bytes it may still carry.
final class RelayedConnection: Sendable {
    let client: any Channel
    let server: any Channel
    private struct State {
        /// Bytes before it is cut; nil for never.
        var left: Int?
        var isCut = false
    }
    private let state: NIOLockedValueBox<State>

    init(client: any Channel, server: any Channel, cutAfter bytes: Int?) {
        (self.client, self.server) = (client, server)
        state = NIOLockedValueBox(State(left: bytes))
    }

    /// Bytes that it still carries; with the last of them it is cut.
    var left: Int { state.withLockedValue { $0.left ?? .max } }

    func carried(_ count: Int) {
        state.withLockedValue { state in state.left = state.left.map { max(0, $0 - count) } }
    }

    /// - Returns: whether it was not cut before.
    func cut() -> Bool {
        client.close(promise: nil)
        server.close(promise: nil)
        return state.withLockedValue { state in
            defer { state.isCut = true }
            return !state.isCut
        }
    }
}

/// One direction of one relayed connection: reads again when the line has taken what came.
final class RelaySide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let proxy: CuttingProxy
    private let direction: CuttingProxy.Direction
    private let connection: RelayedConnection
    private let other: any Channel
    /// What came and has not entered the line.
    private var held = ByteBuffer()
    /// What is on the line, with the time of its arrival.
    private var carried = CircularBuffer<(due: NIODeadline, bytes: ByteBuffer)>()
    private var silence: Scheduled<Void>?
    private var isSilent = false
    private var isWaiting = false
    private var isEnded = false

    init(proxy: CuttingProxy, direction: CuttingProxy.Direction, connection: RelayedConnection) {
        self.proxy = proxy
        self.direction = direction
        self.connection = connection
        other = direction == .toServer ? connection.server : connection.client
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { context.read() }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isSilent = false
        pass(context)
    }

    /// Lets what is held onto the line, as far as the line takes it.
    private func pass(_ context: ChannelHandlerContext) {
        guard !isWaiting else { return }
        guard held.readableBytes > 0 else { return isEnded ? end() : context.read() }
        if let lump = proxy.line.lump, held.readableBytes < lump.bytes, !isSilent, !isEnded {
            silence?.cancel()
            silence = later(TimeAmount(span: lump.silence), context) { side, context in
                side.isSilent = true
                side.pass(context)
            }
            return context.read()
        }
        let (most, pause) = proxy.room(direction, for: held.readableBytes)
        guard pause == .nanoseconds(0) else {
            isWaiting = true
            later(pause, context) { side, context in
                side.isWaiting = false
                side.pass(context)
            }
            return
        }
        let bound = NIOLoopBound((side: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let verdict = proxy.judge(min(most, connection.left), direction) {
            loop.execute { bound.value.side.pass(bound.value.context) }
        }
        guard case .pass(let count, let damage) = verdict, let bytes = held.readSlice(length: count) else { return }
        held.discardReadBytes()
        connection.carried(count)
        guard proxy.line.delay == .zero else {
            carried.append((.now() + TimeAmount(span: proxy.line.delay), bytes))
            if carried.count == 1 { arrive(context) }
            return goOn(after: damage, context)
        }
        other.writeAndFlush(bytes).whenComplete { _ in
            bound.value.side.goOn(after: damage, bound.value.context)
        }
    }

    private func goOn(after damage: CuttingProxy.Damage?, _ context: ChannelHandlerContext) {
        if damage == .close { return proxy.cut() }
        if connection.left == 0 { return proxy.cut(connection) }
        guard context.channel.isActive || isEnded else { return }
        pass(context)
    }

    /// Hands over what has come to the end of the line, when it is time.
    private func arrive(_ context: ChannelHandlerContext) {
        guard let next = carried.first else { return isEnded && held.readableBytes == 0 ? end() : () }
        later(next.due - .now(), context) { side, context in
            side.carried.removeFirst()
            side.other.writeAndFlush(next.bytes, promise: nil)
            side.arrive(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isEnded = true
        // What a slow line had taken still arrives.
        if proxy.line.isQuick || connection.left == 0 { held.clear() }
        pass(context)
        context.fireChannelInactive()
    }

    /// What was under way has arrived, and nothing comes any more.
    private func end() {
        if carried.isEmpty { other.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    @discardableResult
    private func later(
        _ span: TimeAmount, _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (RelaySide, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        let bound = NIOLoopBound((side: self, context: context), eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: span) { body(bound.value.side, bound.value.context) }
    }
}
