import Foundation
import Logging
import ServiceLifecycle
import SyncNode
import Trust

/// Where a node listens and whom it dials.
package struct ServerPlan: Sendable {
    /// Where its children arrive; nil for a node that has none.
    package var listen: PeerEndpoint?
    /// Its parent, and then units above that one that may stand in for it; none at the root.
    package var uplinks: [PeerEndpoint]
    /// What may be done with the line to them.
    package var terms: LineTerms
    /// The backups of every night; nil where somebody else sees to them.
    package var backups: BackupPlan?

    package init(
        listen: PeerEndpoint?, uplinks: [PeerEndpoint], terms: LineTerms = LineTerms(), backups: BackupPlan? = nil
    ) {
        self.listen = listen
        self.uplinks = uplinks
        self.terms = terms
        self.backups = backups
    }
}

/// Everything that runs while a node serves.
package struct NodeServer: Sendable {
    package let node: Node
    package let news: NodeNews
    package let uplink: UplinkStatus
    private let arrivals: ArrivalStatus
    private let plan: ServerPlan
    private let threads = LinkThreads()
    private let logger: Logger
    private let lock: ServerLock

    /// - Throws: `ServerLockError`, `NodeError`.
    package init(node: Node, plan: ServerPlan, logger: Logger) throws {
        self.node = node
        news = NodeNews(of: node)
        self.plan = plan
        self.logger = logger
        let directory = node.directory
        lock = try ServerLock(directory)
        LinkNote.clear(directory)
        ArrivalNote.clear(directory)
        arrivals = ArrivalStatus { state in
            do {
                try ArrivalNote.write(state, directory)
            } catch {
                logger.warning("arrivals not noted", metadata: ["error": "\(error)"])
            }
        }
        uplink = UplinkStatus { state in
            do {
                try LinkNote(state).write(directory)
                return true
            } catch {
                logger.warning("link not noted", metadata: ["error": "\(error)"])
                return false
            }
        }
    }

    /// What the hall of this node works on.
    package var desk: HallDesk {
        HallDesk(node: node, news: news, uplink: uplink, arrivals: arrivals, hasUplink: !plan.uplinks.isEmpty)
    }

    /// Serves until the process is told to stop.
    /// - Parameters:
    ///   - services: that run beside the links, such as the hall.
    ///   - onListening: told the bound sync port.
    /// - Throws: `ListenError` when the port cannot be had.
    package func run(
        with services: [any Service] = [], onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        var links: [any Service] = [
            ChangeWatch(node: node, news: news, logger: logger),
            ClockWatch(node: node, logger: logger, now: SystemClock.now), AnchorWatch(node: node, logger: logger),
        ]
        // What walks through everything keeps no link waiting.
        var care: [any Service] = [HealthService(node: node, news: news, logger: logger, now: SystemClock.now)]
        if let backups = plan.backups {
            care.append(
                BackupService(node: node, plan: backups, news: news, logger: logger, now: SystemClock.now))
        }
        if let listen = plan.listen {
            let arrivals = ChildArrivals(
                node: node, news: news, status: arrivals, logger: logger, now: SystemClock.now)
            links.append(
                SyncListener(
                    host: listen.host, port: listen.port, identity: try node.tlsIdentity, logger: logger,
                    threads: threads, verify: node.verification(role: .client, now: SystemClock.now),
                    routes: arrivals.routes,
                    onListening: onListening,
                    onHandshakeFailure: { [logger] failure in
                        logger.warning("connection refused", metadata: ["failure": "\(failure)"])
                    }))
        }
        if !plan.uplinks.isEmpty {
            links.append(HeartbeatService(node: node, news: news, logger: logger, now: SystemClock.now))
            links.append(
                try Uplink(
                    node: node, to: plan.uplinks, news: news, status: uplink, terms: plan.terms, logger: logger,
                    now: SystemClock.now))
        }
        let group = ServiceGroup(
            configuration: .init(
                services: (links.map { OnLinkThreads(service: $0, threads: threads) }
                    + care.map { OnLinkThreads(service: $0, threads: LinkThreads(1)) } + services).map {
                        .init(service: $0)
                    }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
    }
}
