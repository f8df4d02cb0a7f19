import Logging
import Replica
import ServiceLifecycle
import ServiceModel
import SyncNode

/// Looks after the replica of a serving node: takes out what was found damaged, so that everything else goes on, and
/// walks through everything once a night, in small steps with long pauses between them, and lets closed cases go.
package struct HealthService: Service {
    /// How often it looks whether something was found, or a scrub is due.
    package static let usualInterval: Duration = .seconds(1)
    /// How many times as long as a step, or a look at what is damaged, the pause behind it is.
    private static let rest = 9
    private static let shortestRest: Duration = .milliseconds(20)

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
            var told: String?
            let clock = ContinuousClock()
            while !Task.isCancelled {
                let began = clock.now
                do {
                    try takeOut()
                    if try isDue() { try await scrub() }
                    told = nil
                } catch {
                    // Once, and not every second onto a disk that may be full.
                    if told != "\(error)" { logger.critical("replica not sound", metadata: ["error": "\(error)"]) }
                    told = "\(error)"
                    // Much that is damaged and left alone is looked at again each time.
                    try? await Task.sleep(for: (clock.now - began) * Self.rest)
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func isDue() throws -> Bool {
        let last = try node.replica.read { try $0.lastScrub()?.finished }
        return NightWork.scrub.isDue(last: last, now: now())
    }

    /// - Throws: `ReplicaError`, `HealthProblem`.
    private func takeOut() throws {
        guard !node.replica.damage.notes.isEmpty else { return }
        let runs = try node.damagedRuns()
        guard runs <= Node.mostByItself else { throw HealthProblem.tooMuch(runs) }
        let out = try node.takeOutDamage(now: now())
        for run in out.runs {
            logger.error(
                "taken out of the journal: the disk has changed it",
                metadata: ["run": "\(run.name.words[.english])", "lost": "\(run.isLost)"])
        }
        for author in out.openings { logger.error("opening taken out", metadata: ["author": "\(author)"]) }
        if out.widenings > 0 {
            logger.error("rows by which something was owed taken out", metadata: ["count": "\(out.widenings)"])
        }
        if out.wasMisled { logger.error("what decides who has what was wrong: all is compared with the neighbours") }
        if out.mended > 0 { logger.notice("put right in place", metadata: ["count": "\(out.mended)"]) }
        news.announce()
    }

    /// Goes on where the last one was left.
    private func scrub() async throws {
        var scrub = try node.replica.read { try $0.scrubUnderWay() } ?? Scrub(began: now().seconds)
        let clock = ContinuousClock()
        while !scrub.isFinished, !Task.isCancelled {
            var found: [Damage] = []
            let time = try clock.measure { found = try node.step(&scrub) }
            try node.replica.keep(scrub, now: now().seconds)
            for damage in found {
                logger.error(
                    "damage found", metadata: ["code": "\(damage.code)", "what": "\(damage.words[.english])"])
            }
            try takeOut()
            try? await Task.sleep(for: max(Self.shortestRest, time * Self.rest))
        }
        logger.info(
            "scrubbed", metadata: ["runs": "\(scrub.checked)", "damaged": "\(scrub.damaged)"])
        if scrub.isFinished, scrub.damaged == 0 { try await retire(clock) }
    }

    /// Lets closed cases go, from a replica that was found sound just now.
    private func retire(_ clock: ContinuousClock) async throws {
        var pass = try node.retirement(now: now())
        while !pass.isFinished, !Task.isCancelled {
            let time = try clock.measure { try pass.step(node) }
            try? await Task.sleep(for: max(Self.shortestRest, time * Self.rest))
        }
        guard pass.retired > 0 else { return }
        logger.info("closed cases have left", metadata: ["cases": "\(pass.retired)"])
    }
}

/// Why a serving node does not put its replica right by itself.
package enum HealthProblem: CodedError, Equatable, Sendable {
    /// So many runs seem damaged that it may be something else than the disk.
    case tooMuch(Int)

    /// Stable, for logs, answers and documentation.
    package var code: String { "health.tooMuch" }

    package var words: Words {
        switch self {
        case .tooMuch(let count):
            Words(
                "\(count) runs seem damaged, too many to be taken out without a person: look after disk and memory of "
                    + "this machine, then run `terrace scrub --take-out`",
                "疑似损坏的段有\(count)个，多到不宜自动移出：请检查本机的磁盘与内存，再运行 terrace scrub --take-out")
        }
    }
}
