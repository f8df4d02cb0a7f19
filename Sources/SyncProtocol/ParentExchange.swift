import ChangeSet
import ServiceModel

/// The answering end of one exchange: it takes what its child sends, acknowledges each batch once it is on disk, sends
/// what the child may see whenever there is any, and says its end after the child's.
package struct ParentExchange: ExchangeEnd {
    /// nil until the child's greeting was looked up.
    private var outflow: Outflow?
    private var heardHello = false
    /// Batches up to this ordinal were chosen for another life of this database: the child has not greeted this one.
    private var forAnother: UInt64 = 0
    private var incarnation: UInt64 = 0
    /// For which life it was, and how many batches had come before it. A request that a proxy sends again has it right
    /// behind the first.
    private var secondGreeting: (incarnation: UInt64, behind: UInt64)?
    private var received: UInt64 = 0
    /// Of those that were received, how many were looked at.
    private var taken: UInt64 = 0
    private var applying = 0
    private var childEnded = false
    /// The child compares what it holds with what is held here, before either sends cases.
    private var compares = false
    /// What the child said of it while this end was still saying its charter.
    private var unanswered: WireComparison?
    private var comparing = 0
    private var hasAcknowledged = false
    package private(set) var isFinished = false

    package init() {}

    package mutating func receive(_ frame: Frame, now: Int64) throws(ExchangeProblem) -> [ExchangeEffect] {
        guard !childEnded else { throw .unexpected("frame after the end") }
        guard heardHello || frame.isHello else { throw .unexpected("no greeting") }
        switch frame {
        case .hello(let hello):
            guard !heardHello else {
                guard secondGreeting == nil, outflow == nil || forAnother == .max else {
                    throw .unexpected("second greeting")
                }
                secondGreeting = (hello.peerIncarnation, received)
                compares = hello.compares
                unanswered = nil
                return hearSecondGreeting()
            }
            guard hello.version == protocolVersion else {
                throw .version(peer: hello.version, own: protocolVersion)
            }
            heardHello = true
            compares = hello.compares
            return [.greet(hello)]
        case .batch(let batch):
            received += 1
            applying += 1
            return [.apply(batch)]
        case .heartbeat(let heartbeat): return [.keepHeartbeat(heartbeat)]
        case .comparison(let comparison):
            unanswered = comparison
            return compare()
        case .end:
            childEnded = true
            return finishSpeaking()
        case .ack, .refusal: throw .unexpected("frame from below")
        }
    }

    /// The child's greeting was looked up.
    /// - Parameter knows: whether the child had this database's incarnation right; else it is told.
    package mutating func greeted(_ state: LinkState, knows: Bool) -> [ExchangeEffect] {
        forAnother = knows ? 0 : .max
        incarnation = state.incarnation
        var positions = state.sent
        positions[.charter] = state.peerCharter
        // Whether a child that is told of another life compares, it says when it greets that one.
        outflow = Outflow(from: positions, isHeld: compares || !knows)
        // A child that is an older copy of itself hears at once that more of it is known here; and one that asks to
        // compare, that it may.
        let speak: [ExchangeEffect] =
            if !knows { [.send(.hello(ownGreeting(state)))] } else {
                state.isAcknowledged && !compares ? [] : [.sayWhereItStands]
            }
        return speak + (outflow?.wake() ?? []) + hearSecondGreeting()
    }

    private func ownGreeting(_ state: LinkState) -> WireHello {
        var hello = state.hello
        hello.compares = true
        return hello
    }

    private mutating func hearSecondGreeting() -> [ExchangeEffect] {
        guard forAnother == .max, let secondGreeting, secondGreeting.incarnation == incarnation else { return [] }
        forAnother = secondGreeting.behind
        return compares ? [] : outflow?.release(anew: false) ?? []
    }

    /// Once this end has said its charter: who sees what hangs on it.
    private mutating func compare() -> [ExchangeEffect] {
        guard let unanswered, let outflow, forAnother != .max, outflow.isDrained || !outflow.isHeld else { return [] }
        self.unanswered = nil
        comparing += 1
        return [.compare(unanswered)]
    }

    package mutating func compared(_ reply: WireComparison?, isOver: Bool, restarts: Bool) -> [ExchangeEffect] {
        comparing -= 1
        let speak = reply.map { [ExchangeEffect.send(.comparison($0))] } ?? []
        let go = isOver ? outflow?.release(anew: restarts) ?? [] : []
        return speak + go + finishSpeaking()
    }

    package var wanted: [FeedStart] { outflow?.wanted ?? [] }

    package mutating func read(_ found: FoundBatch?) -> [ExchangeEffect] {
        (outflow?.read(found) ?? []) + compare() + finishSpeaking()
    }

    package mutating func mayApply() -> Bool {
        taken += 1
        return taken > forAnother
    }

    package mutating func applied() -> [ExchangeEffect] { answered(refused: 0) }

    /// The child's batch did not start where this node stands with it, or was not meant for it.
    package mutating func refused() -> [ExchangeEffect] { answered(refused: taken) }

    private mutating func answered(refused: UInt64) -> [ExchangeEffect] {
        applying -= 1
        hasAcknowledged = true
        return [.acknowledge(refused: refused)] + finishSpeaking()
    }

    /// The child refuses nothing: where it stands comes with its next greeting.
    package mutating func resumed(from positions: [Feed: WireCursor]) -> [ExchangeEffect] { [] }

    /// The child ends the exchange, as soon as it has the charter's entry: that goes at once.
    package mutating func displaced() -> [ExchangeEffect] { outflow?.wake() ?? [] }

    /// Something was written here, or came from elsewhere.
    package mutating func news(now: Int64) -> [ExchangeEffect] {
        guard !isFinished else { return [] }
        return outflow?.wake() ?? []
    }

    private mutating func finishSpeaking() -> [ExchangeEffect] {
        guard childEnded, applying == 0, comparing == 0, !isFinished, outflow?.isDrained ?? false else { return [] }
        isFinished = true
        let acknowledge: [ExchangeEffect] = hasAcknowledged ? [] : [.acknowledge(refused: 0)]
        return acknowledge + [.send(.end), .finish]
    }
}

extension Frame {
    fileprivate var isHello: Bool {
        if case .hello = self { true } else { false }
    }
}
