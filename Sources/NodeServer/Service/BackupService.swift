import Logging
import ServiceLifecycle
import ServiceModel
import SyncNode

/// Makes a backup of a serving node every night.
package struct BackupService: Service {
    /// How often it looks whether one is due, and tries again where the disk was away.
    package static let usualInterval: Duration = .seconds(60)
    /// How many times as long as an attempt that failed the pause behind it is: it may have copied everything.
    private static let rest = 9
    /// The time of an attempt may be that of a machine that slept.
    private static let longestRest: Duration = .seconds(3 * 3600)

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
            let clock = ContinuousClock()
            while !Task.isCancelled {
                let began = clock.now
                var pause = interval
                do {
                    if try node.owesBackup(now: now()) { try backUp() }
                    told = nil
                } catch is CancellationError {
                    return
                } catch {
                    // Once, and not every minute of the days for which a disk is away, or full.
                    let code = (error as? any CodedError)?.code ?? "\(error)"
                    if told != code { logger.error("no backup", metadata: ["error": "\(error)"]) }
                    told = code
                    pause = max(interval, min((clock.now - began) * Self.rest, Self.longestRest))
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func backUp() throws {
        let made = try node.backUp(by: plan, now: now()) { _ in try Task.checkCancellation() }
        logger.info("backed up", metadata: ["place": "\(made.folder.path)"])
        // The units below wait for it before they let anything go.
        news.announce()
        do {
            let gone = try node.thinBackups(by: plan, sparing: made)
            if gone > 0 { logger.info("old backups removed", metadata: ["count": "\(gone)"]) }
        } catch {
            logger.error("old backups not removed", metadata: ["error": "\(error)"])
        }
    }
}
