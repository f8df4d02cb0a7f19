import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A TCP relay on loopback that plays a bad line for tests and demonstrations: it counts the bytes that pass, cuts
/// or freezes at an exact byte, refuses, and comes back. A `BadLine` makes it slow, lumpy or a portal.
///
/// Else it passes bytes on as fast as they are taken, and holds at most what one read gives.
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
        /// Connections that the line has cut.
        var cuts = 0
        /// The rate of each direction.
        var buckets: [Direction: TokenBucket] = [:]
        var plans: [Direction: Plan] = [:]
        var isRefusing = false
        var isFrozen = false
        /// What goes on when the line thaws.
        var waiting: [@Sendable () -> Void] = []
        var open: [ObjectIdentifier: any Channel] = [:]
        var listener: (any Channel)?
    }

    /// What is done to every connection.
    let line: BadLine
    private let state = NIOLockedValueBox(State())
    private let targetHost: String
    private let targetPort: Int
    private let group: any EventLoopGroup

    /// - Parameters: where the relay leads.
    package init(
        targetHost: String = "127.0.0.1",
        targetPort: Int,
        line: BadLine = BadLine(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.targetHost = targetHost
        self.targetPort = targetPort
        self.group = group
        self.line = line
        guard let rate = line.rate else { return }
        for direction in Direction.allCases {
            state.withLockedValue { $0.buckets[direction] = TokenBucket(rate: rate, at: Self.now) }
        }
    }

    private static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1000) }

    /// What a socket holds on this side of a slow line; its own buffers would be the better line.
    private static let slowSocketBytes: SocketOptionValue = 8 * 1024

    // MARK: Running

    /// Opens the relay.
    /// - Returns: its port on 127.0.0.1.
    /// - Throws: `ListenError`.
    package func start() async throws(ListenError) -> Int {
        do {
            var bootstrap = ServerBootstrap(group: group).childChannelOption(.autoRead, value: false)
            if line.rate != nil {
                // Before anybody connects: the window is agreed upon in the first packets.
                bootstrap = bootstrap.serverChannelOption(.socketOption(.so_rcvbuf), value: Self.slowSocketBytes)
            }
            let listener =
                try await bootstrap
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
    package func restore() { goOn(with: [:]) }

    /// The same, until so many more bytes have passed in a direction: then every connection closes.
    package func restore(failingAfter bytes: Int, _ direction: Direction) {
        goOn(with: [direction: Plan(left: bytes, damage: .close)])
    }

    private func goOn(with plans: [Direction: Plan]) {
        let waiting = state.withLockedValue { state in
            state.isRefusing = false
            state.isFrozen = false
            state.plans = plans
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

    /// Connections that the line has cut by itself.
    package var cuts: Int { state.withLockedValue { $0.cuts } }

    /// Connections accepted since the start, refused ones included.
    package var accepted: Int { state.withLockedValue { $0.accepted } }

    // MARK: Relaying

    /// What to do with bytes that came.
    enum Verdict {
        case pass(Int, then: Damage?)
        case wait
    }

    /// How many of so many bytes a direction takes now, and how long it takes none.
    func room(_ direction: Direction, for count: Int) -> (most: Int, pause: TimeAmount) {
        state.withLockedValue { state in
            guard var bucket = state.buckets[direction] else { return (count, .nanoseconds(0)) }
            let pause = bucket.wait(at: Self.now)
            let most = min(count, max(1, bucket.rate / 20))
            if pause == 0 { bucket.spend(most, at: Self.now) }
            state.buckets[direction] = bucket
            return (most, .microseconds(pause))
        }
    }

    /// The line cuts one connection.
    func cut(_ connection: RelayedConnection) {
        if connection.cut() { state.withLockedValue { $0.cuts += 1 } }
    }

    func judge(
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
        guard !line.isPortal else {
            return client.eventLoop.makeCompletedFuture {
                try client.pipeline.syncOperations.addHandler(PortalPage())
            }
        }
        var bootstrap = ClientBootstrap(group: client.eventLoop).channelOption(.autoRead, value: false)
        if line.rate != nil {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: Self.slowSocketBytes)
        }
        return
            bootstrap
            .connect(host: targetHost, port: targetPort)
            .flatMapThrowing { server in
                self.enter(server)
                let connection = RelayedConnection(client: client, server: server, cutAfter: self.line.cut())
                let up = RelaySide(proxy: self, direction: .toServer, connection: connection)
                let down = RelaySide(proxy: self, direction: .toClient, connection: connection)
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
