import ChangeSet
import Foundation
import Logging
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

    package init(node: Node, news: NodeNews, logger: Logger, now: @escaping @Sendable () -> Moment) {
        self.node = node
        self.news = news
        self.logger = logger
        self.now = now
    }

    package var routes: ListenerRoutes<LinkPeer> {
        ListenerRoutes(
            check: { peer, route in check(peer, route) },
            exchange: { peer, head, incoming, outgoing in
                try await exchange(peer, head, incoming, outgoing)
            },
            enroll: { peer, _, body in try enroll(peer, body) })
    }

    private func check(_ peer: LinkPeer, _ route: Route) -> Refusal? {
        switch (peer, route) {
        case (.node(let chain), .exchange):
            node.objection(to: chain, now: now()).map { Refusal(code: $0.code, message: $0.description) }
        case (.enrolling, .enrollment): nil
        case (.enrolling, .exchange), (.unknown, _):
            Refusal(code: "enrollment.needed", message: "this machine has no certificate yet: enroll it with a code")
        case (.node, .enrollment):
            Refusal(code: "enrollment.named", message: "this machine has a name already")
        }
    }

    // MARK: - Exchange

    private func exchange(
        _ peer: LinkPeer, _ head: RequestHead, _ incoming: IncomingBody, _ outgoing: OutgoingBody
    ) async throws {
        guard case .node(let chain) = peer else { return }
        guard head.headers[ExchangeHead.dictionary] == PresetDictionary.name else {
            throw Refusal(
                code: "wire.dictionary",
                message: "this node compresses with dictionary \(PresetDictionary.name): upgrade the older end",
                status: 409)
        }
        var link = try ParentLink(node, from: chain.name)
        // The child learns at once that its line is good, even where there is nothing to say.
        try await outgoing.open()
        let mailbox = LinkMailbox()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do {
                    for try await bytes in incoming { await mailbox.put(.bytes(bytes)) }
                    await mailbox.put(.ended(nil))
                } catch {
                    await mailbox.put(.ended(error))
                }
            }
            let stream = news.subscribe()
            tasks.addTask { for await _ in stream { await mailbox.announceNews() } }
            tasks.addTask {
                await withGracefulShutdownHandler {
                    try? await gracefulShutdown()
                } onGracefulShutdown: {
                    Task { await mailbox.stop() }
                }
            }
            defer { tasks.cancelAll() }
            do {
                try await run(&link, mailbox, outgoing)
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
                let subject = error as? ExchangeProblem == nil ? error.subject : "\(protocolVersion)"
                try await outgoing.send([UInt8](try link.refusal(code: error.code, subject: subject)))
            } catch {
                await mailbox.close()
                throw error
            }
        }
        logger.debug("exchange ended", metadata: ["child": "\(chain.name)", "report": "\(link.report)"])
    }

    private func run(_ link: inout ParentLink, _ mailbox: LinkMailbox, _ outgoing: OutgoingBody) async throws {
        var known = 0
        while !link.isFinished {
            switch await mailbox.next() {
            case .bytes(let bytes): try link.take(Data(bytes), now: now())
            case .news: link.news()
            case .ended(let error):
                if let error { throw error }
                try link.bodyEnded()
            case .stop: return
            case .tick: break
            }
            while let bytes = try link.next(now: now()) {
                try await outgoing.send([UInt8](bytes))
                if link.report.newChangeSets != known {
                    known = link.report.newChangeSets
                    news.announce()
                }
            }
        }
        // Reading the request to its end keeps the connection for the next exchange.
        while case .bytes = await mailbox.next() {}
    }

    // MARK: - Enrollment

    private func enroll(_ peer: LinkPeer, _ body: [UInt8]) throws -> PlainAnswer {
        guard case .enrolling(let key) = peer else { return PlainAnswer(status: 403, body: []) }
        do {
            let request = try EnrollmentRequest(json: Data(body))
            let grant = try node.enroll(request, presented: key, now: now())
            logger.info("node enrolled", metadata: ["node": "\(grant.name)"])
            return PlainAnswer(body: [UInt8](try grant.json))
        } catch let refusal as EnrollmentRefusal {
            throw Refusal(code: refusal.code, message: refusal.description)
        } catch let problem as EnrollmentMessageProblem {
            throw Refusal(code: problem.code, message: problem.description, status: 400)
        }
    }
}
