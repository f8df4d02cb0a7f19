import ChangeSet
import ServiceModel

/// The dialling end of one exchange.
///
/// It speaks first, sends what its parent lacks, takes what comes back at any time, and is the one that ends: at once
/// when it does not wait, else when `wait` is over without anything having moved. Where cursors are not to be relied
/// on, both ends first say their charters and then compare what they hold, the child asking for it once its parent has
/// shown that it knows how to. With a parent that does not, all goes on by cursors.
package struct ChildExchange: ExchangeEnd {
    private var state: LinkState
    private var outflow: Outflow
    /// Seconds for which it stays open with nothing to do.
    private let wait: Int64
    private var quietSince: Int64
    /// This end has said goodbye.
    package private(set) var isEnding = false
    private var saidHeartbeats = false
    /// Batches refused up to this ordinal were sent before the refusal was known.
    private var disregarded: UInt64 = 0
    private var knowsParent: Bool
    /// Whether the parent was asked to compare.
    private var hasAsked = false
    /// Whether the parent knows how to compare; nil before it has shown that it does, or that it does not.
    private var parentCompares: Bool?
    package private(set) var isFinished = false
    /// Something was refused when this end had already said goodbye: the next exchange should follow at once.
    package private(set) var wantsAnother = false

    /// - Parameters:
    ///   - wait: seconds to stay open for news; 0 ends as soon as everything is said.
    ///   - now: seconds since 1970.
    package init(state: LinkState, wait: Int64, now: Int64) {
        self.state = state
        self.wait = wait
        quietSince = now
        knowsParent = state.peerIncarnation != 0
        var positions = state.sent
        // Unless it was told otherwise, the parent has the charter that this end has.
        positions[.charter] = state.peerCharter ?? state.charter
        outflow = Outflow(from: positions, isHeld: state.compares || state.isWithAStranger)
    }

    package mutating func begin() -> [ExchangeEffect] {
        let speak = [greeting]
        // Who was never met may hold anything: its greeting tells where to begin.
        return knowsParent ? speak + outflow.wake() : speak
    }

    /// A comparison was due, and the parent's program is of before there were any.
    package var needsNewerParent: Bool { state.compares && parentCompares == false }
    /// Batches in which nothing was said, for the parent to answer.
    package var knocks: Int { outflow.knocks }

    private var greeting: ExchangeEffect {
        var hello = state.hello
        hello.wait = UInt32(wait)
        return .send(.hello(hello))
    }

    package mutating func receive(_ frame: Frame, now: Int64) throws(ExchangeProblem) -> [ExchangeEffect] {
        guard !isFinished else { throw .unexpected("frame after the end") }
        switch frame {
        case .hello(let hello):
            guard hello.version == protocolVersion else {
                throw .version(peer: hello.version, own: protocolVersion)
            }
            parentCompares = hello.compares
            return [.greet(hello)]
        case .batch(let batch):
            quietSince = now
            return [.apply(batch)]
        case .ack(let ack): return acknowledged(ack, now: now)
        case .comparison(let comparison):
            guard hasAsked else { throw .unexpected("comparison") }
            quietSince = now
            return [.compare(comparison)]
        case .refusal(let refusal):
            if refusal.code == Self.versionRefusal, let peer = UInt32(refusal.subject) {
                throw .version(peer: peer, own: protocolVersion)
            }
            throw .refused(
                code: ShownText.of(refusal.code), Words(fromOutside: refusal.english, refusal.chinese))
        case .end:
            guard isEnding else { throw .unexpected("end before the child's") }
            isFinished = true
            return [.finish]
        case .heartbeat: throw .unexpected("heartbeat from above")
        }
    }

    /// The code with which either end refuses the other's version; the subject is the refuser's own.
    package static let versionRefusal = "link.version"

    /// The parent's greeting was looked up: it has a new database, or is met for the first time. What was sent to the
    /// old one left out what came from there; the new one takes nothing before it is greeted itself.
    package mutating func greeted(_ state: LinkState, knows: Bool) -> [ExchangeEffect] {
        self.state = state
        knowsParent = true
        guard !isEnding else {
            wantsAnother = true
            return []
        }
        saidHeartbeats = false
        disregarded = outflow.sent
        var positions = state.sent
        positions[.charter] = state.peerCharter ?? state.charter
        hasAsked = false
        if state.compares || state.isWithAStranger { outflow.hold() }
        return [greeting] + outflow.restart(from: positions)
    }

    package mutating func compared(_ reply: WireComparison?, isOver: Bool, restarts: Bool) -> [ExchangeEffect] {
        // Nothing goes after the goodbye; a comparison that it has cut short is made again with the next exchange.
        guard !isEnding, !isFinished else { return [] }
        let speak = reply.map { [ExchangeEffect.send(.comparison($0))] } ?? []
        guard isOver else { return speak }
        return speak + outflow.release(anew: restarts)
    }

    package var wanted: [FeedStart] { isEnding ? [] : outflow.wanted }

    package mutating func read(_ found: FoundBatch?) -> [ExchangeEffect] {
        // What was asked for before the goodbye goes with the next exchange.
        guard !isEnding else { return [] }
        return outflow.read(found) + askToCompare() + finishSpeaking()
    }

    /// Once the charter is said: who sees what hangs on it. With a stranger that is all.
    ///
    /// A parent that compares answers a greeting that asks for it before it answers anything else. An older one answers
    /// batches alone, and would end the exchange at a comparison: it is not asked, and nothing is held back from it.
    private mutating func askToCompare() -> [ExchangeEffect] {
        guard outflow.isHeld, outflow.isDrained, !hasAsked, !isEnding, !isFinished else { return [] }
        guard !state.isWithAStranger else { return end() }
        switch parentCompares {
        case true?:
            hasAsked = true
            return [.send(.comparison(.with { $0.onlyLook = state.onlyLooks }))]
        case false?: return outflow.release(anew: false)
        case nil: return outflow.sent == 0 ? outflow.knock() : []
        }
    }

    package mutating func mayApply() -> Bool { true }

    package mutating func applied() -> [ExchangeEffect] { [] }

    /// The parent's batch did not start where this node stands; the next exchange says where that is.
    package mutating func refused() -> [ExchangeEffect] {
        wantsAnother = true
        return end()
    }

    package mutating func displaced() -> [ExchangeEffect] { end() }

    /// Something was written here, or came from a child.
    package mutating func news(now: Int64) -> [ExchangeEffect] {
        guard knowsParent, !isEnding, !isFinished else { return [] }
        quietSince = now
        saidHeartbeats = false
        return outflow.wake()
    }

    package mutating func tick(now: Int64) -> [ExchangeEffect] {
        // A clock that was set back must not keep the exchange open.
        if now < quietSince { quietSince = now }
        guard wait > 0, knowsParent, outflow.isDrained, !outflow.isHeld, now - quietSince >= wait else { return [] }
        return end()
    }

    /// Says goodbye before anything more is said; what was written meanwhile goes with the next exchange.
    package mutating func end() -> [ExchangeEffect] {
        guard !isEnding, !isFinished else { return [] }
        isEnding = true
        return [.send(.end)]
    }

    private mutating func acknowledged(_ ack: WireAck, now: Int64) -> [ExchangeEffect] {
        quietSince = now
        if state.compares { parentCompares = parentCompares ?? ack.answersNoBatch }
        guard ack.refused > disregarded else {
            return [.keepAcknowledgement(ack, resumes: false)] + askToCompare()
        }
        guard !isEnding else {
            wantsAnother = true
            return [.keepAcknowledgement(ack, resumes: false)]
        }
        disregarded = outflow.sent
        return [.keepAcknowledgement(ack, resumes: true)]
    }

    /// A refusal was kept: goes on from where the parent stands, as far as this end's own journal knows that point.
    package mutating func resumed(from positions: [Feed: WireCursor]) -> [ExchangeEffect] {
        guard !isEnding, !isFinished else { return [] }
        disregarded = outflow.sent
        return outflow.restart(from: positions)
    }

    private mutating func finishSpeaking() -> [ExchangeEffect] {
        guard outflow.isDrained, !outflow.isHeld else { return [] }
        var effects: [ExchangeEffect] = []
        if !saidHeartbeats {
            saidHeartbeats = true
            effects.append(.sendHeartbeats)
        }
        return wait == 0 ? effects + end() : effects
    }
}
