import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// The answering end of an exchange, run on a node in the way of `ChildLink`.
package struct ParentLink {
    private var replica: LinkReplica
    private var exchange = ParentExchange()
    private var stream = FrameStream()
    private var queue: [ExchangeEffect] = []
    package private(set) var report = LinkReport()

    /// - Parameter child: whom the certificate of the other end names.
    package init(_ node: Node, from child: NodeName) throws {
        replica = LinkReplica(node: node, neighbour: child, isAbove: true)
        incarnation = try node.replica.read { try $0.identity?.incarnation ?? 0 }
    }

    private let incarnation: UInt64

    /// Both ends have said their end.
    package var isFinished: Bool { exchange.isFinished && queue.isEmpty }

    /// Takes in what came from the child.
    /// - Throws: `WireError`, `ExchangeProblem`.
    package mutating func take(_ bytes: Data, now: Moment) throws {
        for frame in try stream.decode(bytes) { queue += try exchange.receive(frame) }
        report.receivedBytes = stream.received
    }

    /// The body from the child has ended.
    /// - Throws: `ExchangeProblem.cutOff` when it ended before the exchange did.
    package func bodyEnded() throws {
        guard isFinished else { throw ExchangeProblem.cutOff }
    }

    /// Something was written at this node or came from elsewhere.
    package mutating func news() { queue += exchange.news() }

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

    /// The last words to a child whose exchange ended in an error; the body ends with them.
    package mutating func refusal(_ error: any CodedError) throws -> Data {
        let refusal = WireRefusal.with {
            $0.code = error.code
            if case ExchangeProblem.version(_, let own) = error { $0.subject = "\(own)" }
            $0.english = error.words[.english]
            $0.chinese = error.words[.chinese]
        }
        return try stream.encode(.refusal(refusal)) + stream.finish()
    }

    private mutating func perform(_ effect: ExchangeEffect, now: Moment) throws -> Data? {
        switch effect {
        case .send(let frame):
            if case .batch = frame { report.sentBatches += 1 }
            let bytes = try stream.encode(frame)
            return frame == .end ? bytes + stream.finish() : bytes
        case .greet(let hello):
            let state = try replica.greet(hello, now: now)
            queue += exchange.greeted(state, knows: hello.peerIncarnation == incarnation)
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
        case .acknowledge(let refused):
            return try stream.encode(.ack(try replica.acknowledgement(refused: refused, now: now)))
        case .keepHeartbeat(let heartbeat): try replica.keep(heartbeat, now: now)
        case .finish: break
        case .keepAcknowledgement, .sendHeartbeats: preconditionFailure("a parent is not asked for this")
        }
        return nil
    }
}
