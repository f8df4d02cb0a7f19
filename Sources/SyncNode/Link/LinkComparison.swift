import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol

/// A comparison in an exchange, with the holdings that it is about.
struct LinkComparison: Sendable {
    let common: CommonHoldings
    /// Of this database when it began.
    let incarnation: UInt64?
    let onlyLooks: Bool
    fileprivate(set) var comparison: Comparison
    private(set) var rounds = 0
    /// This node's statement that both hold the same, once it is made.
    fileprivate var own: WireEquality?
    fileprivate(set) var isProven = false
    /// At the parent's end: retired cases that the child wants back, by their creation.
    fileprivate var wished: Set<Place> = []
    /// At the child's end.
    fileprivate private(set) var hasSaidWishes = false
    /// Feeds whose difference came from the neighbour whole.
    private var received: Set<Feed> = []

    fileprivate init(_ common: CommonHoldings, incarnation: UInt64?, onlyLooks: Bool) {
        self.common = common
        self.incarnation = incarnation
        self.onlyLooks = onlyLooks
        comparison = Comparison(common.holdings)
    }

    fileprivate mutating func answer(_ message: WireComparison) throws -> WireComparison? {
        rounds += 1
        return try comparison.answer(message)
    }

    /// Puts what the child wants back into its first answer.
    fileprivate mutating func say(_ wishes: [Place], in answer: inout WireComparison) {
        hasSaidWishes = true
        answer.wished = wishes.map { place in
            .with {
                $0.author = place.author.value.data
                $0.sequence = place.sequence
            }
        }
    }

    /// - Throws: `WireError`.
    fileprivate mutating func hear(_ wishes: [WireRecordName]) throws {
        guard wished.count + wishes.count <= Limits.wishesPerComparison else { throw WireError.tooLarge("comparison") }
        for wish in wishes {
            guard wish.author.count == 16, let author = Bytes16(wish.author) else { throw WireError.malformed("wish") }
            wished.insert(Place(author: AuthorID(author), feed: .casework, sequence: wish.sequence))
        }
    }

    var report: ComparisonReport {
        ComparisonReport(
            rounds: rounds, isOver: comparison.isOver, lackingThere: comparison.lacking.count,
            lackingHere: comparison.wanted, isProven: isProven)
    }

    mutating func noteReceived(_ batch: WireBatch) {
        guard comparison.isOver, batch.start.position == 0, batch.end.position > 0,
            let feed = UInt8(exactly: batch.feed).flatMap(Feed.init)
        else { return }
        received.insert(feed)
    }

    /// Whether both differences are where they belong, so that cursors can be relied on.
    /// - Parameter confirmed: how far the neighbour has applied what is sent from here.
    func isSettled(_ confirmed: [Feed: JournalCursor]) -> Bool {
        let feeds: [Feed] = [.casework, .published]
        return !onlyLooks
            && feeds.allSatisfy {
                received.contains($0) && (confirmed[$0]?.position ?? 0) >= common.head.position
            }
    }
}

extension LinkReplica {
    /// Holds what the neighbour says that it holds against what is held here.
    /// - Returns: the answer, and whether the comparison has just come to its end.
    /// - Throws: `WireError`, `ReplicaError`.
    mutating func compare(
        _ message: WireComparison, now: Moment
    ) throws -> (reply: WireComparison?, isOver: Bool) {
        guard let peer else { throw ExchangeProblem.unexpected("no greeting") }
        guard var current = comparing else {
            try node.seal(now: now)
            let looks = isAbove ? message.onlyLook : onlyLooks
            let begun = try node.replica.read {
                LinkComparison(
                    try $0.commonHoldings(with: peer, isBelow: isAbove), incarnation: try $0.identity?.incarnation,
                    onlyLooks: looks)
            }
            comparing = begun
            // The child asks; the parent, whose charter is then at the child, has the first word.
            return isAbove ? (begun.comparison.opening, false) : try compare(message, now: now)
        }
        defer { comparing = current }
        let wasOver = current.comparison.isOver
        if isAbove { try current.hear(message.wished) }
        var reply = wasOver ? nil : try current.answer(message)
        if !isAbove, !current.hasSaidWishes, var answer = reply {
            current.say(try node.replica.read { try $0.wishedCases() }, in: &answer)
            reply = answer
        }
        let isOver = current.comparison.isOver && !wasOver
        if isOver { try conclude(current, with: peer, now: now) }
        if current.comparison.isEqual, current.own == nil, isAbove ? message.hasEquality : isOver {
            let own = try node.replica.read { try equality(current, to: peer, $0, now: now) }
            current.own = own
            var signed = reply ?? WireComparison()
            signed.equality = own
            reply = signed
        }
        if message.hasEquality, let own = current.own {
            current.isProven = try keep(message.equality, beside: own, current, now: now)
        }
        return (reply, isOver)
    }

    private mutating func conclude(_ current: LinkComparison, with peer: Peer, now: Moment) throws {
        let report = current.report
        let lacking = current.comparison.lacking
        differences = try node.replica.write { transaction in
            try transaction.keep(
                ComparisonOutcome(
                    unit: neighbour.unit, node: neighbour.ordinal, time: now.seconds,
                    lackingThere: report.lackingThere, lackingHere: report.lackingHere,
                    isSent: isAbove && !current.onlyLooks,
                    gone: isAbove ? 0 : current.common.retired(among: lacking)))
            guard !current.onlyLooks else { return [:] }
            // Below, what has left here comes back for whom needs it; above, they have it.
            let stubs =
                isAbove
                ? try transaction.settleRetired(current.common, lacking: lacking, wished: current.wished) : []
            var out: [Feed: Difference] = [:]
            for feed in [Feed.casework, .published] {
                out[feed] = try transaction.difference(
                    current.common, lacking: lacking, stubs: stubs, in: feed)
            }
            return out
        }
    }

    /// Once both differences are where they belong, cursors are relied on again; not by a database that has begun
    /// another life meanwhile.
    func settle(_ comparing: LinkComparison?, with peer: Peer, _ transaction: Transaction) throws {
        guard let comparing, comparing.isSettled(confirmed),
            try transaction.identity?.incarnation == comparing.incarnation
        else { return }
        try transaction.noteCompared(with: peer)
    }

    /// This node's statement that both hold the same.
    private func equality(
        _ current: LinkComparison, to peer: Peer, _ transaction: Transaction, now: Moment
    ) throws -> WireEquality {
        let author = try node.author(transaction)
        let signed = try SignedEquality(
            author: author, to: neighbour.unit, neighbour.ordinal, digest: current.comparison.digest,
            runs: current.comparison.runs, changeSets: current.common.changeSets,
            charter: transaction.charterCursor().wire(.charter), time: now.seconds, network: node.genesis.id,
            key: node.sealKey.key)
        var wire = signed.wire
        var addressee = Addressee(peer: peer, isBelow: isAbove, confirmed: confirmed)
        addressee.introduced = introduced
        if try transaction.isUnknown(author, to: addressee), let opening = try transaction.opening(of: author) {
            wire.opening = try opening.bytes
        }
        return wire
    }

    /// Keeps the neighbour's statement beside this node's own.
    /// - Returns: false where it counts other change sets in the same holdings, as who has searched for two seals that
    ///   begin alike can bring about. Nothing is proven then, and all goes on.
    /// - Throws: `WireError` when it says something else, or when the neighbour did not sign it.
    private func keep(
        _ theirs: WireEquality, beside own: WireEquality, _ current: LinkComparison, now: Moment
    ) throws -> Bool {
        let said = try SignedEquality(wire: theirs, to: node.name.unit, node.name.ordinal)
        let opening = theirs.opening.isEmpty ? nil : try SignedOpening(bytes: theirs.opening)
        guard said.digest == current.comparison.digest, said.runs == UInt64(current.comparison.runs) else {
            throw WireError.malformed("equality")
        }
        guard said.changeSets == UInt64(current.common.changeSets) else { return false }
        try node.replica.write { transaction in
            if let opening, try transaction.opening(of: opening.author.id) == nil {
                try node.check(opening, charter: transaction.charter)
                try transaction.introduce(opening)
            }
            guard try transaction.isSigned(said, by: neighbour.unit, neighbour.ordinal) else {
                throw WireError.signature
            }
            try transaction.keep(
                ProvenEquality(
                    unit: neighbour.unit, node: neighbour.ordinal, time: now.seconds,
                    runs: current.comparison.runs, changeSets: current.common.changeSets),
                own: try own.serializedBytes(), theirs: try theirs.serializedBytes())
        }
        return true
    }
}
