import ChangeSet
import Foundation
import Logging
import NIOCore
import Replica
import ServiceLifecycle
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

/// The child's end of the link to its parent: dials, keeps an exchange open for news, dials again.
package struct Uplink: Service {
    /// Seconds for which an exchange stays open with nothing to say.
    package static let usualWait: Int64 = 240
    /// How much longer than that silence on the line may last.
    private static let patience: Int64 = 60

    private let node: Node
    private let news: NodeNews
    private let status: UplinkStatus
    private let logger: Logger
    private let now: @Sendable () -> Moment
    private let wait: Int64
    private let client: PeerClient<LinkPeer>

    package init(
        node: Node, to endpoint: PeerEndpoint, news: NodeNews, status: UplinkStatus, wait: Int64 = usualWait,
        logger: Logger, now: @escaping @Sendable () -> Moment
    ) throws {
        self.node = node
        self.news = news
        self.status = status
        self.wait = wait
        self.logger = logger
        self.now = now
        client = try PeerClient(
            endpoint: endpoint, identity: try node.tlsIdentity,
            verify: node.verification(role: .server(expected: nil), now: now))
    }

    /// Keeps the link until the node is stopped.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await keepDialling() }
        await client.close()
    }

    private func keepDialling() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let (mode, wish) = try node.linkMode(now: now())
                let report = try await exchange(wait: mode == .usual ? wait : 0, mode: mode)
                backoff.succeeded()
                if let comparison = report.comparison { note(comparison) }
                if let wish, !report.wantsAnother { try node.replica.write { try $0.noteComparison(carriedOut: wish) } }
            } catch  where Task.isCancelled || error is CancellationError {
                return
            } catch let error as LinkError where error.isStale {
                continue
            } catch {
                let failure = UplinkFailure(error)
                if status.failed(failure, at: now()) {
                    logger.warning("link lost", metadata: ["parent": "\(client.endpoint)", "error": "\(failure)"])
                }
                let pause = backoff.failed(random: Int64.random(in: 0..<1000))
                try? await Task.sleep(for: .milliseconds(pause))
            }
        }
    }

    private func note(_ comparison: ComparisonReport) {
        let facts: Logger.Metadata = [
            "lackedAbove": "\(comparison.lackingThere)", "lackedHere": "\(comparison.lackingHere)",
            "proven": "\(comparison.isProven)",
        ]
        logger.info("compared with the parent", metadata: facts)
    }

    /// One exchange.
    /// - Parameters:
    ///   - wait: seconds to keep it open for news; 0 ends as soon as everything is said.
    ///   - mode: whether both ends compare what they hold.
    /// - Throws: `LinkError`, `ExchangeProblem`, `WireError`, `ReplicaError`.
    package func exchange(wait: Int64, mode: LinkMode = .usual) async throws -> LinkReport {
        let connection = try await client.open(
            Route.exchange.rawValue, headers: [ExchangeHead.dictionary: PresetDictionary.name],
            stallTime: .seconds(wait + Self.patience))
        guard case .node(let chain) = connection.peer else {
            throw LinkError.notTerrace(reason: Words("no node", "没有节点"))
        }
        var link = try ChildLink(node, to: chain.name, wait: wait, mode: mode, now: now())
        let mailbox = LinkMailbox()
        var roundTrips = 0
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer {
                tasks.cancelAll()
                connection.cancel()
            }
            tasks.addTask {
                do {
                    for try await bytes in connection.incoming { await mailbox.put(.bytes(bytes)) }
                    await mailbox.put(.ended(nil))
                } catch {
                    await mailbox.put(.ended(error))
                }
            }
            if wait > 0 {
                let stream = news.subscribe()
                tasks.addTask { for await _ in stream { await mailbox.announceNews() } }
                tasks.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(1))
                        await mailbox.announceTick()
                    }
                }
            }
            let (pieces, outbox) = AsyncStream.makeStream(of: [UInt8].self)
            tasks.addTask {
                do {
                    for await piece in pieces {
                        try await connection.send(piece)
                        await mailbox.announceSent()
                    }
                } catch {
                    await mailbox.put(.ended(error))
                }
            }
            do {
                try await withTaskCancellationHandler {
                    roundTrips = try await run(&link, connection, mailbox, outbox)
                } onCancel: {
                    Task { await mailbox.stop() }
                }
                await mailbox.close()
            } catch {
                await mailbox.close()
                // What a person must know is that the address is wrong.
                if case LinkError.status = error { try demandAbove(chain) }
                throw error
            }
        }
        try demandAbove(chain)
        var report = link.report
        report.roundTrips = roundTrips
        report.wantsAnother = link.wantsAnother
        return report
    }

    /// Only when an exchange has ended it is known: what came in it may have said so.
    private func demandAbove(_ chain: VerifiedChain) throws {
        guard try node.isAbove(chain) else { throw NodeError.notAbove(chain.name.unit) }
    }

    /// The child goes on listening while its own words are on their way; the parent may then speak to the end first.
    /// - Parameter outbox: one piece at a time.
    /// - Returns: how many round trips it took.
    private func run(
        _ link: inout ChildLink, _ connection: ExchangeConnection<LinkPeer>, _ mailbox: LinkMailbox,
        _ outbox: AsyncStream<[UInt8]>.Continuation
    ) async throws -> Int {
        defer { outbox.finish() }
        var isSending = false
        var known = 0
        var heard = false
        var roundTrips = 0
        var isAnswering = true
        var isRequestEnded = false
        var isAnswerEnded = false
        while true {
            if isSending {
                try link.takeIn(now: now())
            } else if let bytes = try link.next(now: now()) {
                if isAnswering { roundTrips += 1 }
                isAnswering = false
                isSending = true
                outbox.yield([UInt8](bytes))
            }
            if link.report.newChangeSets != known {
                known = link.report.newChangeSets
                news.announce()
            }
            // The parent may end its answer, and the connection, as soon as it has heard the goodbye.
            if link.hasSaidAll, !isSending, !isRequestEnded {
                try await connection.finish()
                isRequestEnded = true
            }
            if link.isFinished, isRequestEnded {
                // The connection serves the next exchange once the answer was read to its end.
                if !isAnswerEnded { await mailbox.drain() }
                return roundTrips
            }
            if isAnswerEnded, !isSending { try link.bodyEnded() }
            switch await mailbox.next() {
            case .bytes(let bytes):
                isAnswering = true
                try link.take(Data(bytes), now: now())
                if !heard {
                    heard = true
                    status.connected(at: now())
                }
            case .ended(let error):
                if let error { throw error }
                isAnswerEnded = true
            case .news: link.news(now: now())
            case .tick:
                link.tick(now: now())
                if try node.isComparisonWished { link.end() }
            case .sent: isSending = false
            case .stop:
                // A line that is full of other words takes no goodbye.
                guard !isSending else { throw CancellationError() }
                link.end()
                while let bytes = try link.next(now: now()) { try await connection.send([UInt8](bytes)) }
                throw CancellationError()
            }
        }
    }
}

extension LinkError {
    /// The kept connection had been closed: dialling again at once is in order.
    var isStale: Bool {
        if case .closed(_, let isStale) = self { isStale } else { false }
    }
}

extension Node {
    /// What this node shows in TLS.
    package var tlsIdentity: TLSIdentity {
        get throws {
            let key = String(decoding: try NodeDirectory.read(directory.nodeKey), as: UTF8.self)
            return try TLSIdentity(chain: chain.der, key: .pem(key))
        }
    }
}

extension Uplink {
    /// Exchanges until both ends have what the other had, then hangs up.
    /// - Parameter mode: until a comparison was made.
    /// - Throws: as `exchange`; `ServerLockError` while a server keeps the link.
    package static func once(
        _ node: Node, to endpoint: PeerEndpoint, mode: LinkMode = .usual
    ) async throws -> LinkReport {
        let lock = try ServerLock(node.directory)
        defer { withExtendedLifetime(lock) {} }
        let uplink = try Uplink(
            node: node, to: endpoint, news: NodeNews(), status: UplinkStatus(), wait: 0,
            logger: Logger(label: "terrace"), now: SystemClock.now)
        defer { Task { await uplink.client.close() } }
        var report = try await uplink.exchange(wait: 0, mode: mode)
        for _ in 0..<8 where report.wantsAnother || report.refusedBatches > 0 {
            let before = report
            report = try await uplink.exchange(wait: 0, mode: before.comparison == nil ? mode : .usual)
            report.roundTrips += before.roundTrips
            report.comparison = report.comparison ?? before.comparison
        }
        return report
    }
}
