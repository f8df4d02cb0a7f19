import ChangeSet
import Logging
import NIOConcurrencyHelpers
import Replica
import ServiceLifecycle
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

/// The child's end of the link upward: dials the parent, or who stands in for it, keeps an exchange open for news,
/// dials again. One exchange runs at a time.
package struct Uplink: Service {
    /// Seconds for which an exchange stays open with nothing to say.
    package static let usualWait: Int64 = 240

    private let node: Node
    private let news: NodeNews
    private let status: UplinkStatus
    private let logger: Logger
    private let now: @Sendable () -> Moment
    private let ticks: @Sendable () -> Int64
    private let wait: Int64
    /// In the order of the endpoints.
    private let clients: [PeerClient<LinkPeer>]
    private let choice: NIOLockedValueBox<UplinkChoice>
    private let lines: [NIOLockedValueBox<LineMemory>]
    private let hours: LineHours?
    /// The parent was asked to compare just now, and its program is of before there were comparisons.
    private let hasAskedInVain = NIOLockedValueBox(false)

    /// - Parameters:
    ///   - endpoints: of the parent, and then of units above it that may stand in for it, the best first.
    ///   - terms: what may be done with the line.
    ///   - ticks: milliseconds of a clock that goes forward.
    /// - Throws: `TLSIdentityError`, `NodeError`, `KeyProblem`.
    init(
        node: Node, to endpoints: [PeerEndpoint], news: NodeNews, status: UplinkStatus, wait: Int64 = usualWait,
        patience: UplinkChoice.Patience = UplinkChoice.Patience(), terms: LineTerms = LineTerms(), logger: Logger,
        now: @escaping @Sendable () -> Moment, ticks: @escaping @Sendable () -> Int64 = SystemClock.ticks
    ) throws {
        self.node = node
        self.news = news
        self.status = status
        self.wait = wait
        self.logger = logger
        self.now = now
        self.ticks = ticks
        choice = NIOLockedValueBox(UplinkChoice(count: endpoints.count, patience: patience))
        lines = endpoints.map { _ in NIOLockedValueBox(LineMemory()) }
        hours = terms.hours
        let identity = try node.tlsIdentity
        clients = try endpoints.map { endpoint in
            try PeerClient(
                endpoint: endpoint, identity: identity, rate: terms.rate,
                verify: node.verification(role: .server(expected: nil), now: now))
        }
    }

    /// Keeps the link until the node is stopped.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await keepDialling() }
        await close()
    }

    func close() async {
        for client in clients { await client.close() }
    }

    private func keepDialling() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            await rest()
            let end = await round()
            let pause = backoff.pause(after: end.attempt, random: Int64.random(in: 0..<1000))
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
        }
    }

    /// Waits for the hours in which the line may be used. The clock may be set meanwhile.
    private func rest() async {
        guard let hours else { return }
        while !Task.isCancelled, !hours.isOpen(at: now().seconds) {
            if status.failed(UplinkFailure(LinePause.hours(hours)), at: now()) {
                logger.info("link rests", metadata: ["hours": "\(hours)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Ends an exchange in good order when the hours of the line are over.
    private func observeHours(leaving mailbox: LinkMailbox, onEnd: @Sendable () -> Void) async {
        guard let hours else { return }
        while hours.isOpen(at: now().seconds) {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
        onEnd()
        await mailbox.announce(.leave)
    }

    /// Tries the uplinks that are due, until one answers.
    private func round() async -> UplinkEnd {
        var first: UplinkFailure?
        for index in choice.withLockedValue({ $0.round(at: ticks()) }) {
            let asks =
                index == 0
                && !hasAskedInVain.withLockedValue { asked in
                    defer { asked = false }
                    return asked
                }
            var end = UplinkEnd.stale
            while case .stale = end { end = await attempt(index, asks: asks) }
            switch end {
            case .good, .again: break
            case .lost(let failure, _): report(failure, at: index)
            case .paused(let pause): report(UplinkFailure(pause), at: index)
            case .ownTrouble(let failure):
                report(failure, at: index)
                return end
            case .stale, .stopped: return end
            case .failed(let failure):
                // The best one's failure is what a person must see to.
                if first == nil { report(failure, at: index) }
                first = first ?? failure
                continue
            }
            if index == 0 { answered(0) }
            return end
        }
        guard let first else { return .stopped }
        choice.withLockedValue { $0.failed(at: ticks()) }
        return .failed(first)
    }

    private func answered(_ index: Int) {
        choice.withLockedValue { $0.answered(index, at: ticks(), random: Int64.random(in: 0..<1000)) }
    }

    private func report(_ failure: UplinkFailure, at index: Int) {
        guard status.failed(failure, at: now()) else { return }
        logger.warning("link lost", metadata: ["parent": "\(clients[index].endpoint)", "error": "\(failure)"])
    }

    private func note(_ comparison: ComparisonReport) {
        let facts: Logger.Metadata = [
            "lackedAbove": "\(comparison.lackingThere)", "lackedHere": "\(comparison.lackingHere)",
            "proven": "\(comparison.isProven)", "rounds": "\(comparison.rounds)",
        ]
        logger.info("compared with the parent", metadata: facts)
    }

    /// One exchange with one uplink, during which the better ones are looked after. Comparisons that somebody has asked
    /// for, and the daily ones, are the parent's. One of before there were any is asked again only after an exchange
    /// that was kept open for news, and whenever the line was lost, as an upgrade loses it.
    private func attempt(_ index: Int, asks: Bool) async -> UplinkEnd {
        let (mode, wish): (LinkMode, Int64?)
        do {
            (mode, wish) = asks ? try node.linkMode(now: now()) : (.usual, nil)
        } catch {
            return .ownTrouble(UplinkFailure(error))
        }
        let (hasAnswered, hasMoved) = (NIOLockedValueBox(false), NIOLockedValueBox(false))
        let isCutShort = NIOLockedValueBox(false)
        let exchange = exchange(
            with: index, wait: mode == .usual ? wait : 0, mode: mode, heedsWishes: asks,
            onAnswer: {
                hasAnswered.withLockedValue { $0 = true }
                // From then on it is looked after whether the stand-in must give way. The parent, which may still
                // refuse, counts when it has served.
                if index > 0 { answered(index) }
            }, onMove: { hasMoved.withLockedValue { $0 = true } })
        return await withTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            if index > 0 { tasks.addTask { await look(leaving: exchange.mailbox) } }
            if hours != nil {
                tasks.addTask {
                    await observeHours(leaving: exchange.mailbox) { isCutShort.withLockedValue { $0 = true } }
                }
            }
            do {
                let report = try await exchange.run()
                if let comparison = report.comparison { note(comparison) }
                if index == 0 { note(report, asked: mode != .usual) }
                // What was asked for waits until the parent knows how to compare.
                let isOver =
                    report.comparison?.isOver ?? !(report.needsNewerParent || isCutShort.withLockedValue { $0 })
                if let wish, isOver, !report.wantsAnother {
                    try node.replica.write { try $0.noteComparison(carriedOut: wish) }
                }
                return report.wantsAnother ? .again : .good
            } catch {
                return UplinkEnd(
                    error, hasAnswered: hasAnswered.withLockedValue { $0 }, hasMoved: hasMoved.withLockedValue { $0 })
            }
        }
    }

    /// Whether the parent knows how to compare, where an exchange was to show it.
    private func note(_ report: LinkReport, asked: Bool) {
        guard report.needsNewerParent || report.comparison != nil else { return }
        if asked { hasAskedInVain.withLockedValue { $0 = report.needsNewerParent } }
        if report.needsNewerParent, !status.state.needsNewerParent {
            logger.info("the parent runs an older release, which does not compare: all goes by cursors")
        }
        status.noted(needsNewerParent: report.needsNewerParent)
    }

    private func exchange(
        with index: Int, wait: Int64, mode: LinkMode = .usual, heedsWishes: Bool = true,
        onAnswer: @escaping @Sendable () -> Void = {}, onMove: @escaping @Sendable () -> Void = {}
    ) -> UplinkExchange {
        UplinkExchange(
            node: node, client: clients[index], news: news, now: now, wait: wait, mode: mode,
            heedsWishes: index == 0 && heedsWishes, line: lines[index], ticks: ticks,
            onAnswer: { name in
                status.connected(to: UpperNode(name, above: node), at: now())
                onAnswer()
            }, onMove: onMove)
    }

    /// One exchange with the first uplink.
    /// - Parameters:
    ///   - wait: seconds to keep it open for news; 0 ends as soon as everything is said.
    ///   - mode: whether both ends compare what they hold.
    /// - Throws: as `UplinkExchange.run`.
    func exchange(wait: Int64, mode: LinkMode = .usual) async throws -> LinkReport {
        try await exchange(with: 0, wait: wait, mode: mode).run()
    }

    // MARK: - Coming back

    /// Asks from time to time whether an uplink that is better than the present one is back; when one is, the exchange
    /// ends.
    private func look(leaving mailbox: LinkMailbox) async {
        while !Task.isCancelled {
            let due = choice.withLockedValue { $0.lookDue }
            guard let due, due <= ticks() else {
                try? await Task.sleep(for: .milliseconds(min(1000, max(1, (due ?? .max) - ticks()))))
                continue
            }
            var found: Int?
            for index in 0..<choice.withLockedValue({ $0.current }) where await isBack(index) {
                found = index
                break
            }
            guard !Task.isCancelled else { return }
            choice.withLockedValue {
                $0.looked(found: found, at: ticks(), random: Int64.random(in: 0..<1000))
            }
            guard found == nil else { return await mailbox.announce(.leave) }
        }
    }

    /// Whether a node above answers there. The connection is kept for the exchange that follows.
    private func isBack(_ index: Int) async -> Bool {
        do {
            guard case .node(let chain) = try await clients[index].reach() else { return false }
            return try node.isAbove(chain)
        } catch {
            logger.debug("still away", metadata: ["parent": "\(clients[index].endpoint)", "error": "\(error)"])
            return false
        }
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
    /// Exchanges until both ends have what the other had, then hangs up. Where one of the endpoints does not serve the
    /// next is tried.
    /// - Parameters:
    ///   - mode: until a comparison was made.
    ///   - terms: of which the hours play no part, since a person asks for it.
    /// - Throws: as `UplinkExchange.run`, of the first endpoint; `ServerLockError` while a server keeps the link.
    package static func once(
        _ node: Node, to endpoints: [PeerEndpoint], mode: LinkMode = .usual, terms: LineTerms = LineTerms(),
        now: @escaping @Sendable () -> Moment = SystemClock.now
    ) async throws -> (report: LinkReport, through: UpperNode?) {
        let lock = try ServerLock(node.directory)
        defer { withExtendedLifetime(lock) {} }
        let status = UplinkStatus()
        let uplink = try Uplink(
            node: node, to: endpoints, news: NodeNews(), status: status, wait: 0, terms: terms,
            logger: Logger(label: "terrace"), now: now)
        defer { Task { await uplink.close() } }
        var first: (any Error)?
        for index in endpoints.indices {
            do {
                return (try await uplink.exchangeAll(with: index, mode: mode), status.state.through)
            } catch {
                guard case .failed = UplinkEnd(error, hasAnswered: status.state.isUp, hasMoved: false)
                else { throw error }
                _ = status.failed(UplinkFailure(error), at: now())
                first = first ?? error
            }
        }
        throw first ?? NodeError.noUplink
    }

    private func exchangeAll(with index: Int, mode: LinkMode) async throws -> LinkReport {
        var report = try await patientExchange(with: index, mode: mode)
        for _ in 0..<8 where report.wantsAnother || report.refusedBatches > 0 {
            let before = report
            report = try await patientExchange(with: index, mode: before.comparison == nil ? mode : .usual)
            report.roundTrips += before.roundTrips
            report.comparison = report.comparison ?? before.comparison
        }
        return report
    }

    /// Comes again, some times, where the other end is busy.
    private func patientExchange(with index: Int, mode: LinkMode) async throws -> LinkReport {
        for _ in 0..<8 {
            do {
                return try await exchange(with: index, wait: 0, mode: mode).run()
            } catch {
                guard case .paused(.busy(let seconds)) = UplinkEnd(error, hasAnswered: false, hasMoved: false)
                else { throw error }
                try await Task.sleep(for: .seconds(seconds))
            }
        }
        return try await exchange(with: index, wait: 0, mode: mode).run()
    }
}
