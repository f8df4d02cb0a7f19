import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// The dialling end of an exchange, run on a node: bytes come in by `take`, and `next` does one thing at a time and
/// hands out the bytes to send, so that nothing piles up where the line is slow.
package struct ChildLink {
    private var replica: LinkReplica
    private var exchange: ChildExchange
    private var stream = FrameStream()
    private var queue: [ExchangeEffect]
    package private(set) var report = LinkReport()

    /// - Parameters:
    ///   - parent: whom the certificate of the other end names.
    ///   - wait: seconds to stay open for news; 0 ends as soon as everything is said.
    package init(_ node: Node, to parent: NodeName, wait: Int64, now: Moment) throws {
        var replica = LinkReplica(node: node, neighbour: parent, isAbove: false)
        exchange = ChildExchange(state: try replica.lastKnown(), wait: wait, now: now.seconds)
        self.replica = replica
        queue = exchange.begin()
    }

    /// Both ends have said their end.
    package var isFinished: Bool { exchange.isFinished }
    /// Nothing more will be sent.
    package var hasSaidAll: Bool { exchange.isEnding && queue.isEmpty }
    /// Something was refused for its start: another exchange should follow at once.
    package var wantsAnother: Bool { exchange.wantsAnother }

    /// Takes in what came from the parent.
    /// - Throws: `WireError`, `ExchangeProblem`.
    package mutating func take(_ bytes: Data, now: Moment) throws {
        for frame in try stream.decode(bytes) { queue += try exchange.receive(frame, now: now.seconds) }
        report.receivedBytes = stream.received
    }

    /// The body from the parent has ended.
    /// - Throws: `ExchangeProblem.cutOff` when it ended before the exchange did.
    package func bodyEnded() throws {
        guard isFinished else { throw ExchangeProblem.cutOff }
    }

    /// Something was written at this node.
    package mutating func news(now: Moment) { queue += exchange.news(now: now.seconds) }

    package mutating func tick(now: Moment) { queue += exchange.tick(now: now.seconds) }

    /// Says goodbye, for a node that is being stopped.
    package mutating func end() { queue += exchange.end() }

    /// Does what is due, up to the next bytes to send; nil when nothing is left to do until something happens.
    /// - Throws: `WireError`, `ExchangeProblem`, `ReplicaError`, `NodeError`.
    package mutating func next(now: Moment) throws -> Data? {
        while !queue.isEmpty {
            let bytes = try perform(queue.removeFirst(), now: now)
            report.sentBytes = stream.sent
            if let bytes, !bytes.isEmpty { return bytes }
        }
        let rest = stream.flush()
        report.sentBytes = stream.sent
        return rest.isEmpty ? nil : rest
    }

    private mutating func perform(_ effect: ExchangeEffect, now: Moment) throws -> Data? {
        switch effect {
        case .send(let frame):
            if case .batch = frame { report.sentBatches += 1 }
            let bytes = try stream.encode(frame)
            return frame == .end ? bytes + stream.finish() : bytes
        case .greet(let hello): queue += exchange.greeted(try replica.greet(hello, now: now))
        case .apply(let batch):
            report.receivedBatches += 1
            switch try replica.apply(batch, now: now) {
            case .applied(let new, let forks):
                report.newChangeSets += new
                report.forks += forks
                queue += exchange.applied()
            case .refused:
                report.refusedBatches += 1
                queue += exchange.refused()
            }
        case .read(let feed, let cursor):
            let batch = try replica.read(feed, from: cursor, now: now)
            queue += exchange.read(
                batch.flatMap { $0.isWorthSending ? $0.batch : nil }, hasMore: batch?.hasMore ?? false)
        case .keepAcknowledgement(let ack, let resumes):
            if ack.refused > 0 { report.refusedBatches += 1 }
            let positions = try replica.keep(ack, now: now)
            if resumes { queue += exchange.resumed(from: positions) }
        case .sendHeartbeats:
            queue.insert(contentsOf: try replica.heartbeats().map { .send(.heartbeat($0)) }, at: 0)
        case .finish: try replica.finished()
        case .keepHeartbeat, .acknowledge: preconditionFailure("a child is not asked for this")
        }
        return nil
    }
}

extension OutgoingBatch {
    /// A cursor that only moves over rows that are not sent is worth a message once in a while.
    var isWorthSending: Bool { !isEmpty || hasMore || end.position - start.position > 1000 }
}
