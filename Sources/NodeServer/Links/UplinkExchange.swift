import ChangeSet
import Foundation
import NIOConcurrencyHelpers
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

/// One exchange with a node above, at this end: it speaks first, and goes on listening while its words are on their
/// way.
struct UplinkExchange: Sendable {
    let node: Node
    let client: PeerClient<LinkPeer>
    let news: NodeNews
    let now: @Sendable () -> Moment
    /// Seconds to keep it open for news; 0 ends as soon as everything is said.
    let wait: Int64
    /// Whether both ends compare what they hold.
    let mode: LinkMode
    /// Whether it ends when somebody asks for a comparison.
    let heedsWishes: Bool
    let line: NIOLockedValueBox<LineMemory>
    let ticks: @Sendable () -> Int64
    /// Where it is told to leave.
    let mailbox = LinkMailbox()
    /// Told once, when the other end has taken the request.
    let onAnswer: @Sendable (NodeName) -> Void
    /// Told when something of the exchange is on disk at the end that it is for.
    let onMove: @Sendable () -> Void

    /// How much longer than `wait` silence on the line may last, in seconds.
    private static let patience: Int64 = 60

    /// - Throws: `LinkError`, `ExchangeProblem`, `WireError`, `ReplicaError`, `NodeError.notAbove`.
    func run() async throws -> LinkReport {
        let connection = try await client.open(
            Route.exchange.rawValue, headers: [ExchangeHead.dictionary: PresetDictionary.name],
            stallTime: .seconds(wait + Self.patience))
        guard case .node(let chain) = connection.peer else {
            throw LinkError.notTerrace(reason: Words("no node", "没有节点"))
        }
        let parent = chain.name
        var link = try ChildLink(node, to: parent, wait: wait, mode: mode, now: now())
        var window = line.withLockedValue { UploadWindow(budget: $0.budget, isUncertain: $0.isUncertain) }
        var roundTrips = 0
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer {
                tasks.cancelAll()
                connection.cancel()
            }
            tasks.addTask { await listen(connection) }
            if wait > 0 {
                let stream = news.subscribe()
                tasks.addTask { for await _ in stream { await mailbox.announce(.news) } }
                tasks.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(1))
                        await mailbox.announce(.tick)
                    }
                }
            }
            let (pieces, outbox) = AsyncStream.makeStream(of: [UInt8].self)
            tasks.addTask { await speak(pieces, connection) }
            do {
                try await withTaskCancellationHandler {
                    roundTrips = try await converse(&link, &window, with: parent, connection, outbox)
                } onCancel: {
                    Task { await mailbox.announce(.stop) }
                }
                await mailbox.close()
                remember(window)
            } catch {
                await mailbox.close()
                window.lost()
                remember(window)
                // What a person must know is that the address is wrong.
                if case LinkError.status = error { try demandAbove(chain) }
                throw error
            }
        }
        try demandAbove(chain)
        var report = link.report
        report.roundTrips = roundTrips
        report.wantsAnother = link.wantsAnother
        report.needsNewerParent = link.needsNewerParent
        return report
    }

    /// Only when an exchange has ended it is known: what came in it may have said so.
    private func demandAbove(_ chain: VerifiedChain) throws {
        guard try node.isAbove(chain) else { throw NodeError.notAbove(chain.name.unit) }
    }

    /// A line on which there is always some news ends no exchange by itself.
    private var isComparisonDue: Bool { get throws { try node.linkMode(now: now()).mode != .usual } }

    private func remember(_ window: UploadWindow) {
        line.withLockedValue { $0 = LineMemory(budget: window.budget, isUncertain: window.isUncertain) }
    }

    private func listen(_ connection: ExchangeConnection<LinkPeer>) async {
        do {
            _ = try await connection.response()
            await mailbox.announce(.answered)
            for try await bytes in connection.incoming { await mailbox.put(bytes) }
            await mailbox.put(.ended(nil))
        } catch {
            await mailbox.put(.ended(error))
        }
    }

    private func speak(_ pieces: AsyncStream<[UInt8]>, _ connection: ExchangeConnection<LinkPeer>) async {
        do {
            for await piece in pieces {
                try await connection.send(piece)
                await mailbox.announce(.sent)
            }
        } catch {
            await mailbox.lost(error)
        }
    }

    /// The child goes on listening while its own words are on their way; the parent may then speak to the end first.
    /// - Parameter outbox: one piece at a time.
    /// - Returns: how many round trips it took.
    private func converse(
        _ link: inout ChildLink, _ window: inout UploadWindow, with parent: NodeName,
        _ connection: ExchangeConnection<LinkPeer>, _ outbox: AsyncStream<[UInt8]>.Continuation
    ) async throws -> Int {
        defer { outbox.finish() }
        var isSending = false
        var seconds = 0
        var moved = 0
        var known = 0
        var roundTrips = 0
        var isAnswering = true
        var isRequestEnded = false
        var isAnswerEnded = false
        while true {
            link.budget = window.budget.bytes
            if isSending || window.isFull {
                try link.takeIn(now: now())
                window.note(link.report, at: ticks())
            }
            if !isSending, let bytes = window.isFull ? link.flush() : try link.next(now: now()) {
                if isAnswering { roundTrips += 1 }
                isAnswering = false
                isSending = true
                outbox.yield([UInt8](bytes))
            }
            window.note(link.report, at: ticks())
            if link.report.newChangeSets != known {
                known = link.report.newChangeSets
                news.announce()
            }
            // That a knock was heard brings nobody further.
            let kept = link.report.kept - link.knocks
            if kept > moved {
                moved = kept
                onMove()
            }
            // The parent may end its answer, and the connection, as soon as it has heard the goodbye.
            if link.hasSaidAll, !isSending, !isRequestEnded {
                do { try await connection.finish() } catch { await mailbox.lost(error) }
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
            case .ended(let error):
                if let error { throw error }
                isAnswerEnded = true
            case .sign(.answered): onAnswer(parent)
            case .sign(.sent): isSending = false
            case .sign(.leave): link.end()
            case .sign(.news): link.news(now: now())
            case .sign(.tick):
                link.tick(now: now())
                seconds += 1
                if heedsWishes, try node.isComparisonWished || seconds % 60 == 0 && isComparisonDue { link.end() }
            case .sign(.stop):
                // A line that is full of other words takes no goodbye.
                guard !isSending else { throw CancellationError() }
                link.end()
                while let bytes = try link.next(now: now()) { try await connection.send([UInt8](bytes)) }
                throw CancellationError()
            }
        }
    }
}

extension LinkReport {
    /// Batches that are on disk at the end that they were for.
    fileprivate var kept: Int { receivedBatches + acknowledgements }
}
