import Logging
import ServiceLifecycle
import SyncNode

/// Makes a backup of a serving node every night.
package struct BackupService: Service {
    /// How often it looks whether one is due, and tries again where the disk was away.
    package static let usualInterval: Duration = .seconds(60)

    private let node: Node
    private let plan: BackupPlan
    private let news: NodeNews
    private let interval: Duration
    private let logger: Logger
    private let now: @Sendable () -> Moment

    package init(
        node: Node, plan: BackupPlan, news: NodeNews, interval: Duration = usualInterval, logger: Logger,
        now: @escaping @Sendable () -> Moment
    ) {
        self.node = node
        self.plan = plan
        self.news = news
        self.interval = interval
        self.logger = logger
        self.now = now
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: String?
            while !Task.isCancelled {
                do {
                    if try node.owesBackup(now: now()) { try backUp() }
                    told = nil
                } catch is CancellationError {
                    return
                } catch {
                    // Once, and not every minute of the days for which a disk is away.
                    if told != "\(error)" { logger.error("no backup", metadata: ["error": "\(error)"]) }
                    told = "\(error)"
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func backUp() throws {
        let (made, removed) = try node.backUp(by: plan, now: now()) { _ in try Task.checkCancellation() }
        logger.info("backed up", metadata: ["place": "\(made.folder.path)", "removed": "\(removed)"])
        // The units below wait for it before they let anything go.
        news.announce()
    }
}
