import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import SyncNode

/// What the routes of the hall work on.
package struct HallDesk: Sendable {
    package let node: Node
    package let news: NodeNews
    package let uplink: UplinkStatus
    package let arrivals: ArrivalStatus
    /// Whether a node above is named that could be dialled.
    package let hasUplink: Bool
    package let now: @Sendable () -> Moment

    package init(
        node: Node, news: NodeNews, uplink: UplinkStatus, arrivals: ArrivalStatus = ArrivalStatus(),
        hasUplink: Bool = true,
        now: @escaping @Sendable () -> Moment = SystemClock.now
    ) {
        self.node = node
        self.news = news
        self.uplink = uplink
        self.arrivals = arrivals
        self.hasUplink = hasUplink
        self.now = now
    }

    /// What an examination is told of this process.
    package var service: ServiceFacts {
        ServiceFacts(isServed: true, hasUplink: hasUplink, line: uplink.state, arrivals: arrivals.state)
    }
}

/// The local door of a serving node: the JSON API for programs and, where pages are handed in, the pages for people.
package struct Hall: Service {
    /// Puts routes of its own beside the API.
    package typealias Pages = @Sendable (Router<BasicRequestContext>) -> Void

    /// Most connections at a time.
    package static let mostConnections = 128
    /// How long a connection may be silent.
    private static let patience: TimeAmount = .seconds(60)

    private let address: HallAddress
    private let desk: HallDesk
    private let logger: Logger
    private let pages: Pages
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - pages: adds the pages' routes; they share the port, and its guard of the host's name.
    ///   - onListening: told the bound port.
    package init(
        _ desk: HallDesk, at address: HallAddress, logger: Logger, pages: @escaping Pages = { _ in },
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.desk = desk
        self.address = address
        self.logger = logger
        self.pages = pages
        self.onListening = onListening
    }

    /// - Throws: `ListenError` when the port cannot be had.
    package func run() async throws {
        do {
            try await buildApplication().run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ListenError(error, host: address.host, port: address.port)
        }
    }

    func buildApplication() -> some ApplicationProtocol {
        Application(
            router: buildRouter(),
            server: .http1(configuration: .init(idleTimeout: Self.patience)),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(Self.mostConnections, logger: logger)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onListening(port) }
            }, logger: logger)
    }

    private func buildRouter() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        let routes = APITable.routes(desk)
        router.add(middleware: ProblemMiddleware(operations: routes.map(\.operation)))
        if address.isLoopback { router.add(middleware: HostMiddleware()) }
        APIController(routes).addRoutes(to: router.group(RouterPath(stringLiteral: APIRequest.root)))
        pages(router)
        return router
    }
}
