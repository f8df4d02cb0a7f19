import Logging
import Replica
import ServiceLifecycle
import SyncNode

/// Notices what other processes commit to the replica, a command beside the server for example, and announces it.
package struct ChangeWatch: Service {
    /// How often it looks.
    private static let interval: Duration = .milliseconds(200)

    private let node: Node
    private let news: NodeNews
    private let logger: Logger

    package init(node: Node, news: NodeNews, logger: Logger) {
        self.node = node
        self.news = news
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var known: NewsMark?
            var isTroubled = false
            while !Task.isCancelled {
                do {
                    // Not only the journal grows: a join of the charter stands beside it.
                    let reached = try node.replica.read { try $0.news(behind: nil).mark }
                    if let known, reached != known { news.announce() }
                    known = reached
                    isTroubled = false
                } catch {
                    // Once, and not five times a second onto a disk that may be full.
                    if !isTroubled { logger.error("replica cannot be read", metadata: ["error": "\(error)"]) }
                    isTroubled = true
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
