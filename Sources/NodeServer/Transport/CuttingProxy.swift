import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A TCP relay on loopback that plays a bad line for tests and demonstrations: it counts the bytes that pass, cuts
/// or freezes at an exact byte, refuses, and comes back.
///
/// It passes bytes on as fast as they are taken, and holds at most what one read gives.
package final class CuttingProxy: Sendable {
    /// Which way bytes go.
    package enum Direction: Sendable, CaseIterable {
        case toServer
        case toClient
    }

    /// What happens at the chosen byte.
    package enum Damage: Sendable {
        /// Every connection closes, as when a router restarts.
        case close
        /// Nothing passes any more, and nobody is told, as when a cable is pulled.
        case freeze
    }

    private struct Plan {
        /// Bytes that still pass before the damage.
        var left: Int
        var damage: Damage
    }

    private struct State {
        var passed: [Direction: Int] = [:]
        var accepted = 0
        var plans: [Direction: Plan] = [:]
        var isRefusing = false
        var isFrozen = false
        /// What goes on when the line thaws.
        var waiting: [@Sendable () -> Void] = []
        var open: [ObjectIdentifier: any Channel] = [:]
        var listener: (any Channel)?
    }

    private let state = NIOLockedValueBox(State())
    private let targetHost: String
    private let targetPort: Int
    private let group: any EventLoopGroup

    /// - Parameters: where the relay leads.
    package init(
        targetHost: String = "127.0.0.1",
        targetPort: Int,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.targetHost = targetHost
        self.targetPort = targetPort
        self.group = group
    }

    // MARK: Running

    /// Opens the relay.
    /// - Returns: its port on 127.0.0.1.
    /// - Throws: `ListenError`.
    package func start() async throws(ListenError) -> Int {
        do {
            let listener = try await ServerBootstrap(group: group)
                .childChannelOption(.autoRead, value: false)
                .childChannelInitializer { channel in self.relay(channel) }
                .bind(host: "127.0.0.1", port: 0)
                .get()
            state.withLockedValue { $0.listener = listener }
            return listener.localAddress?.port ?? 0
        } catch {
            throw ListenError(error, host: "127.0.0.1", port: 0)
        }
    }

    /// Closes the relay and every connection.
    package func stop() async {
        let listener = state.withLockedValue { state in
            defer { state.listener = nil }
            return state.listener
        }
        cut()
        try? await listener?.close()
    }

    // MARK: Playing the bad line

    /// Lets so many more bytes pass in a direction, all connections together, then does the damage.
    package func fail(after bytes: Int, _ direction: Direction, _ damage: Damage = .close) {
        state.withLockedValue { $0.plans[direction] = Plan(left: bytes, damage: damage) }
    }

    /// Closes every connection now; new ones are let in.
    package func cut() {
        for channel in state.withLockedValue({ Array($0.open.values) }) {
            channel.close(promise: nil)
        }
    }

    /// Lets nothing pass from now on, silently.
    package func freeze() {
        state.withLockedValue { $0.isFrozen = true }
    }

    /// Closes every connection, and new ones as they come.
    package func refuse() {
        state.withLockedValue { $0.isRefusing = true }
        cut()
    }

    /// A good line again: nothing refused, frozen or planned. What waited goes on.
    package func restore() {
        let waiting = state.withLockedValue { state in
            state.isRefusing = false
            state.isFrozen = false
            state.plans = [:]
            defer { state.waiting = [] }
            return state.waiting
        }
        for goOn in waiting {
            goOn()
        }
    }

    // MARK: Counting

    /// Bytes passed on in a direction since the start.
    package func passed(_ direction: Direction) -> Int {
        state.withLockedValue { $0.passed[direction] ?? 0 }
    }

    /// Connections accepted since the start, refused ones included.
    package var accepted: Int { state.withLockedValue { $0.accepted } }

    // MARK: Relaying

    /// What to do with bytes that came.
    fileprivate enum Verdict {
        case pass(Int, then: Damage?)
        case wait
    }

    fileprivate func judge(
        _ count: Int,
        _ direction: Direction,
        orWait goOn: @escaping @Sendable () -> Void
    ) -> Verdict {
        state.withLockedValue { state in
            guard !state.isFrozen else {
                state.waiting.append(goOn)
                return .wait
            }
            guard let plan = state.plans[direction], plan.left <= count else {
                state.plans[direction]?.left -= count
                state.passed[direction, default: 0] += count
                return .pass(count, then: nil)
            }
            state.passed[direction, default: 0] += plan.left
            if plan.damage == .freeze { state.isFrozen = true }
            state.plans[direction] = nil
            return .pass(plan.left, then: plan.damage)
        }
    }

    private func relay(_ client: any Channel) -> EventLoopFuture<Void> {
        let isRefused = state.withLockedValue { state in
            state.accepted += 1
            return state.isRefusing
        }
        guard !isRefused else { return client.close() }
        enter(client)
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: targetHost, port: targetPort)
            .flatMapThrowing { server in
                self.enter(server)
                let up = RelaySide(proxy: self, direction: .toServer, other: server)
                let down = RelaySide(proxy: self, direction: .toClient, other: client)
                try client.pipeline.syncOperations.addHandler(up)
                try server.pipeline.syncOperations.addHandler(down)
            }
            .flatMapError { error in
                client.close().flatMapThrowing { throw error }
            }
    }

    private func enter(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLockedValue { $0.open[id] = channel }
        channel.closeFuture.whenComplete { _ in
            self.state.withLockedValue { _ = $0.open.removeValue(forKey: id) }
        }
    }
}

/// One direction of one relayed connection: reads again when the other side has taken what came.
private final class RelaySide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let proxy: CuttingProxy
    private let direction: CuttingProxy.Direction
    private let other: any Channel
    /// What came while the line was frozen.
    private var held = ByteBuffer()

    init(proxy: CuttingProxy, direction: CuttingProxy.Direction, other: any Channel) {
        self.proxy = proxy
        self.direction = direction
        self.other = other
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
        if held.readableBytes == 0 { context.read() } else { pass(context) }
    }

    private func pass(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((side: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let verdict = proxy.judge(held.readableBytes, direction) {
            loop.execute { bound.value.side.pass(bound.value.context) }
        }
        guard case .pass(let count, let damage) = verdict, let bytes = held.readSlice(length: count) else { return }
        held.discardReadBytes()
        let (proxy, channel) = (proxy, context.channel)
        other.writeAndFlush(bytes).whenComplete { _ in
            switch damage {
            case .close: proxy.cut()
            case .freeze: bound.value.side.pass(bound.value.context)
            case nil: channel.read()
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
