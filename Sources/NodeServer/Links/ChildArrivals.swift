import ChangeSet
import Foundation
import Logging
import NIOConcurrencyHelpers
import Replica
import ServiceLifecycle
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

/// The parent's end of every link: what it does with the requests of those below.
package struct ChildArrivals: Sendable {
    let node: Node
    let news: NodeNews
    let logger: Logger
    let now: @Sendable () -> Moment
    private let status: ArrivalStatus
    private let inside: NIOLockedValueBox<Inside>

    /// The exchanges that are open.
    private struct Inside {
        var admission: Admission
        /// By place.
        var answers: [Int: OutgoingBody] = [:]

        mutating func left(_ place: Int, at now: Int64) {
            admission.left(place, at: now)
            answers[place] = nil
        }
    }

    init(
        node: Node, news: NodeNews, bounds: Admission.Bounds = Admission.Bounds(),
        status: ArrivalStatus = ArrivalStatus(), logger: Logger, now: @escaping @Sendable () -> Moment
    ) {
        self.status = status
        self.node = node
        self.news = news
        self.logger = logger
        self.now = now
        inside = NIOLockedValueBox(Inside(admission: Admission(bounds)))
    }

    /// Exchanges that were told to come again.
    var refused: Int { inside.withLockedValue { $0.admission.refused } }

    package var routes: ListenerRoutes<LinkPeer> {
        ListenerRoutes(
            check: { peer, route in try check(peer, route) },
            exchange: { peer, head, incoming, outgoing in
                try await exchange(peer, head, incoming, outgoing)
            },
            enroll: { peer, _, body in try enroll(peer, body) })
    }

    private func check(_ peer: LinkPeer, _ route: Route) throws -> Refusal? {
        switch (peer, route) {
        case (.node(let chain), .exchange):
            try objection(to: chain)
        case (.enrolling, .enrollment): nil
        case (.enrolling, .exchange), (.unknown, _):
            Refusal(
                code: "enrollment.needed",
                Words("this machine has no certificate yet: enroll it with a code", "本机还没有证书：请用登记码登记"))
        case (.node, .enrollment):
            Refusal(
                code: "enrollment.named",
                Words("this machine is a node already: use another --data", "本机已是节点：请另选 --data 目录"))
        }
    }

    /// A node that cannot read who stands where says so, and refuses nobody for it.
    private func objection(to chain: VerifiedChain) throws -> Refusal? {
        do { return try node.objection(to: chain, now: now()).map { Refusal($0) } } catch let error as any CodedError {
            return Refusal(error, status: 503)
        }
    }

    // MARK: - Exchange

    private func exchange(
        _ peer: LinkPeer, _ head: RequestHead, _ incoming: IncomingBody, _ outgoing: OutgoingBody
    ) async throws {
        guard case .node(let chain) = peer else { return }
        guard head.headers[ExchangeHead.dictionary] == PresetDictionary.name else {
            throw Self.otherDictionary(head.headers[ExchangeHead.dictionary] ?? "")
        }
        let place = try admit(chain.name, outgoing)
        defer { inside.withLockedValue { $0.left(place, at: SystemClock.ticks()) } }
        var link = ParentLink(node, from: chain.name)
        // The child learns at once that its line is good, even where there is nothing to say.
        try await outgoing.open()
        let mailbox = LinkMailbox()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do {
                    for try await bytes in incoming {
                        inside.withLockedValue { $0.admission.heard(place, at: SystemClock.ticks()) }
                        await mailbox.put(bytes)
                    }
                    await mailbox.put(.ended(nil))
                } catch {
                    await mailbox.put(.ended(error))
                }
            }
            let stream = news.subscribe(for: chain.name.unit)
            tasks.addTask { for await _ in stream { await mailbox.announce(.news) } }
            tasks.addTask {
                await withGracefulShutdownHandler {
                    try? await gracefulShutdown()
                } onGracefulShutdown: {
                    Task { await mailbox.announce(.stop) }
                }
            }
            defer { tasks.cancelAll() }
            do {
                try await run(&link, at: place, mailbox, outgoing)
                await mailbox.close()
            } catch let error as LinkError {
                await mailbox.close()
                // Nobody is there any more to be told.
                logger.info("exchange cut", metadata: ["child": "\(chain.name)", "code": "\(error.code)"])
                throw error
            } catch let error as any CodedError {
                await mailbox.close()
                logger.warning(
                    "exchange refused",
                    metadata: ["child": "\(chain.name)", "code": "\(error.code)", "error": "\(error)"])
                try await outgoing.send([UInt8](try link.refusal(error)))
            } catch {
                await mailbox.close()
                throw error
            }
        }
        logger.debug("exchange ended", metadata: ["child": "\(chain.name)", "report": "\(link.report)"])
    }

    /// The child compresses with another dictionary; the words are for the child.
    private static func otherDictionary(_ name: String) -> Refusal {
        let theirs = name.prefix { $0 != "-" }
        let end =
            switch Int(theirs) {
            case let id? where id > PresetDictionary.id: Words("the other node", "对方节点")
            case let id? where id < PresetDictionary.id: Words("this node", "本节点")
            default: Words("the older of the two nodes", "两个节点中较旧的一个")
            }
        let own = PresetDictionary.name
        return Refusal(
            code: "wire.dictionary",
            Words(
                "the other node compresses with dictionary \(own), this one with \(ShownText.of(name)): upgrade ",
                "对方使用压缩字典\(own)，本节点使用\(ShownText.of(name))：请升级") + end, status: 409)
    }

    /// Ends the exchange that the child had before.
    /// - Returns: the place of the exchange among those that work.
    /// - Throws: `Refusal` where there is none free.
    private func admit(_ child: NodeName, _ outgoing: OutgoingBody) throws -> Int {
        let random = Int64.random(in: 0..<1000)
        let (before, verdict) = inside.withLockedValue { inside in
            let now = SystemClock.ticks()
            let last = inside.admission.comesAgain(child, at: now)
            let before = last.flatMap { inside.answers.removeValue(forKey: $0) }
            let verdict = inside.admission.arrive(child, at: now, random: random)
            if case .admitted(let place) = verdict { inside.answers[place] = outgoing }
            return (before, verdict)
        }
        if let before {
            before.cut()
            note(child, from: before.remote, by: outgoing.remote)
        }
        switch verdict {
        case .admitted(let place): return place
        case .busy(let seconds):
            if status.refused(child, at: now()) {
                logger.info("more children at once than are served: they are told to come again, in turn")
            }
            logger.debug("busy", metadata: ["child": "\(child)", "seconds": "\(seconds)"])
            throw Refusal(LinePause.busy(seconds), status: 503, retryAfter: seconds)
        }
    }

    /// A line that was cut leaves its exchange open here; two machines of one disk end each other's.
    private func note(_ child: NodeName, from old: String?, by new: String?) {
        let facts: Logger.Metadata = [
            "child": "\(child)", "before": "\(old ?? "unknown")", "now": "\(new ?? "unknown")",
        ]
        if status.displaced(child, from: old, by: new, at: now()) {
            logger.warning("a child comes again and again from another address: are there two of it?", metadata: facts)
        } else {
            logger.debug("exchange ended by the next one", metadata: facts)
        }
    }

    private func run(
        _ link: inout ParentLink, at place: Int, _ mailbox: LinkMailbox, _ outgoing: OutgoingBody
    ) async throws {
        var known = 0
        var isTold = false
        var budget = BatchBudget()
        var batches = link.report
        while !link.isFinished {
            // Of news there may be nothing to send.
            var works = true
            switch await mailbox.next() {
            case .bytes(let bytes): try link.take(Data(bytes), now: now())
            case .ended(let error):
                if let error { throw error }
                try link.bodyEnded()
            case .sign(.news):
                link.news(now: now())
                works = false
            case .sign(.stop): return
            case .sign: works = false
            }
            if works { inside.withLockedValue { $0.admission.began(place, at: SystemClock.ticks()) } }
            link.budget = budget.bytes
            while let bytes = try link.next(now: now()) {
                works = true
                if link.report.wasSetBack, !isTold {
                    isTold = true
                    logger.warning(
                        "a child has known this database as it was later: it was set back, and begins another life",
                        metadata: ["child": "\(link.child)"])
                    // The exchange that is kept open upward has greeted for the life that is over.
                    news.announce()
                }
                let start = SystemClock.ticks()
                inside.withLockedValue { $0.admission.sends(place, at: start) }
                try await outgoing.send([UInt8](bytes))
                inside.withLockedValue { $0.admission.began(place, at: SystemClock.ticks()) }
                if link.report.sentBatches > batches.sentBatches {
                    // The system takes little ahead of the line, so that this is the line's time.
                    budget.took(
                        SystemClock.ticks() - start, isFull: link.report.fullBatches > batches.fullBatches)
                    batches = link.report
                    link.budget = budget.bytes
                }
                if link.report.newChangeSets != known {
                    known = link.report.newChangeSets
                    news.announce()
                }
            }
            if works { inside.withLockedValue { $0.admission.moved(place, at: SystemClock.ticks()) } }
        }
        // Reading the request to its end keeps the connection for the next exchange.
        await mailbox.drain()
    }

    // MARK: - Enrollment

    private func enroll(_ peer: LinkPeer, _ body: [UInt8]) throws -> PlainAnswer {
        guard case .enrolling(let key) = peer else { return PlainAnswer(status: 403, body: []) }
        do {
            let request = try EnrollmentRequest(json: Data(body))
            let grant = try node.enroll(request, presented: key, now: now())
            logger.info("node enrolled", metadata: ["node": "\(grant.name)"])
            return PlainAnswer(body: [UInt8](try grant.json))
        } catch let problem as EnrollmentMessageProblem {
            throw Refusal(problem, status: 400)
        } catch let refusal as any CodedError {
            throw Refusal(refusal, status: refusal is EnrollmentRefusal ? 403 : 503)
        }
    }
}
