import Logging
import ServiceLifecycle
import SyncNode

/// Lets an idle node say that it is there, so that the figures above know that nothing is missing.
package struct HeartbeatService: Service {
    /// How often the node is asked whether a heartbeat is due; `Node.heartbeatPause` says when one is.
    package static let usualInterval: Duration = .seconds(60)

    private let node: Node
    private let news: NodeNews
    private let interval: Duration
    private let logger: Logger
    private let now: @Sendable () -> Moment

    package init(
        node: Node, news: NodeNews, interval: Duration = usualInterval, logger: Logger,
        now: @escaping @Sendable () -> Moment
    ) {
        self.node = node
        self.news = news
        self.interval = interval
        self.logger = logger
        self.now = now
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if try node.heartbeat(now: now()) { news.announce() }
                } catch {
                    logger.error("no heartbeat", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}
