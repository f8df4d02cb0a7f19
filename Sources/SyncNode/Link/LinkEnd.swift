import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// One end of an exchange, run on a node: bytes come in by `take`, and `next` does one thing at a time and hands out
/// the bytes to send, so that nothing piles up where the line is slow.
package struct LinkEnd<Exchange: ExchangeEnd> {
    private var replica: LinkReplica
    private var exchange: Exchange
    private var stream = FrameStream()
    private var queue: [ExchangeEffect]
    /// More rows lie behind the batch that was read last.
    private var isFull = false
    package private(set) var report = LinkReport()
    /// The two do not stand to each other as this link has it, by what this end knew at the beginning.
    private var wasOutOfPlace = false
    /// The same, as it is now.
    private var isOutOfPlace = false

    /// Both ends have said their end, and all is done that it asks for.
    package var isFinished: Bool { exchange.isFinished && queue.isEmpty }

    /// Bytes of change sets after which a batch begins no further run; whoever knows the line sets it.
    package var budget: Int {
        get { replica.budget }
        set { replica.budget = newValue }
    }
    package static var usualBudget: Int { LinkReplica.usualBudget }

    /// Takes in what came from the other end.
    /// - Throws: `WireError`, `ExchangeProblem`.
    package mutating func take(_ bytes: Data, now: Moment) throws {
        for frame in try stream.decode(bytes) { queue += try exchange.receive(frame, now: now.seconds) }
        report.receivedBytes = stream.received
    }

    /// The body from the other end has ended.
    /// - Throws: `ExchangeProblem.cutOff` when it ended before the exchange did.
    package func bodyEnded() throws {
        guard isFinished else { throw ExchangeProblem.cutOff }
    }

    /// Something was written at this node, or came from elsewhere.
    package mutating func news(now: Moment) { queue += exchange.news(now: now.seconds) }

    /// Does what is due, up to the next bytes to send; nil when nothing is left to do until something happens.
    /// - Throws: `WireError`, `ExchangeProblem`, `ReplicaError`, `NodeError`.
    package mutating func next(now: Moment) throws -> Data? {
        while !queue.isEmpty {
            let bytes = try perform(queue.removeFirst(), now: now)
            report.sentBytes = stream.sent
            if let bytes, !bytes.isEmpty { return bytes }
        }
        return flush()
    }

    /// What the other end still needs to read all that was said; nil when it can.
    package mutating func flush() -> Data? {
        let rest = stream.flush()
        report.sentBytes = stream.sent
        return rest.isEmpty ? nil : rest
    }

    /// Does what came in, and leaves what would go out: for while bytes are still on their way. Two ends that each have
    /// much to say, and listen only when they have said it, would wait for one another for ever.
    /// - Throws: as `next`.
    package mutating func takeIn(now: Moment) throws {
        while let at = queue.firstIndex(where: \.takesIn) { _ = try perform(queue.remove(at: at), now: now) }
    }

    private mutating func perform(_ effect: ExchangeEffect, now: Moment) throws -> Data? {
        switch effect {
        case .send(let frame):
            if case .batch = frame { report.sentBatches += 1 }
            let bytes = try stream.encode(frame)
            switch frame {
            case .end: return bytes + stream.finish()
            // The next one may be long in coming, on a line that is cut before.
            case .batch where isFull: return bytes + stream.flush()
            default: return bytes
            }
        case .greet(let hello):
            let (state, knows, isRenewed) = try replica.greet(hello, now: now)
            if isRenewed { report.wasSetBack = true }
            queue += exchange.greeted(state, knows: knows)
        case .apply(let batch):
            report.receivedBatches += 1
            switch try exchange.mayApply() ? replica.apply(batch, now: now) : nil {
            case .applied(let new, let forks):
                report.newChangeSets += new
                report.forks += forks
                queue += exchange.applied()
                if new > 0 { try lookWhereItStands() }
            case .refused, nil:
                report.refusedBatches += 1
                queue += exchange.refused()
                try lookWhereItStands()
            }
        case .read:
            let found = try replica.read(exchange.wanted, now: now)
            isFull = found?.hasMore ?? false
            if isFull { report.fullBatches += 1 }
            queue += exchange.read(found)
            // Of an exchange that is kept open nobody would hear of the new life.
            if replica.isRenewed { queue += exchange.displaced() }
        case .compare(let message):
            let (reply, isOver) = try replica.compare(message, now: now)
            report.comparison = replica.comparing?.report
            queue += exchange.compared(reply, isOver: isOver, restarts: replica.comparing?.onlyLooks == false)
        case .acknowledge(let refused): return try acknowledge(refused: refused, now: now)
        case .sayWhereItStands: return try acknowledge(refused: 0, answersNoBatch: true, now: now)
        case .keepAcknowledgement(let ack, let resumes):
            if !ack.answersNoBatch { report.acknowledgements += 1 }
            if ack.refused > 0 { report.refusedBatches += 1 }
            let positions = try replica.keep(ack, now: now)
            // The parent is to hear of the new life at once, and both then compare.
            if replica.isRenewed { queue += exchange.displaced() }
            if resumes { queue += exchange.resumed(from: positions) }
        case .sendHeartbeats:
            queue.insert(contentsOf: try replica.heartbeats().map { .send(.heartbeat($0)) }, at: 0)
        case .keepHeartbeat(let heartbeat): try replica.keep(heartbeat, now: now)
        case .finish: try replica.finished(now: now)
        }
        return nil
    }

    private mutating func acknowledge(refused: UInt64, answersNoBatch: Bool = false, now: Moment) throws -> Data {
        var ack = try replica.acknowledgement(refused: refused, now: now)
        ack.answersNoBatch = answersNoBatch
        return try stream.encode(.ack(ack))
    }
}

extension LinkEnd {
    /// A charter entry that came may have moved either end.
    private mutating func lookWhereItStands() throws {
        isOutOfPlace = try !replica.isInPlace()
        if isOutOfPlace { queue += exchange.displaced() }
    }
}

/// The dialling end.
package typealias ChildLink = LinkEnd<ChildExchange>

extension LinkEnd where Exchange == ChildExchange {
    /// - Parameters:
    ///   - parent: whom the certificate of the other end names.
    ///   - wait: seconds to stay open for news; 0 ends as soon as everything is said. With who is not above, as far as
    ///     is known here, only the charter is exchanged, and nothing is waited for.
    ///   - mode: whether both ends compare what they hold where nothing is wrong with their cursors.
    package init(
        _ node: Node, to parent: NodeName, wait: Int64, mode: LinkMode = .usual, now: Moment
    ) throws {
        var replica = LinkReplica(node: node, neighbour: parent, isAbove: false, mode: mode)
        let state = try replica.lastKnown()
        wasOutOfPlace = state.isWithAStranger
        isOutOfPlace = wasOutOfPlace
        exchange = ChildExchange(state: state, wait: wasOutOfPlace ? 0 : wait, now: now.seconds)
        self.replica = replica
        queue = exchange.begin()
    }

    /// Nothing more will be sent.
    package var hasSaidAll: Bool { exchange.isEnding && queue.isEmpty }

    /// Another exchange should follow at once: something was refused for its start, or only now it is known that the
    /// other end is above.
    package var wantsAnother: Bool { exchange.wantsAnother || replica.isRenewed || wasOutOfPlace && !isOutOfPlace }

    /// A comparison was due, and the parent's program is of before there were any: all went by cursors.
    package var needsNewerParent: Bool { exchange.needsNewerParent }

    package mutating func tick(now: Moment) { queue += exchange.tick(now: now.seconds) }

    /// Batches in which nothing was said, for the parent to answer.
    package var knocks: Int { exchange.knocks }

    /// Says goodbye, for a node that is being stopped.
    package mutating func end() { queue += exchange.end() }
}

/// The answering end.
package typealias ParentLink = LinkEnd<ParentExchange>

extension LinkEnd where Exchange == ParentExchange {
    /// - Parameter child: whom the certificate of the other end names.
    package init(_ node: Node, from child: NodeName) {
        replica = LinkReplica(node: node, neighbour: child, isAbove: true)
        exchange = ParentExchange()
        queue = []
    }

    /// Who dialled.
    package var child: NodeName { replica.neighbour }

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
}
