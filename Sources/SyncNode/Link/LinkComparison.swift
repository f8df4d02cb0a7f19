import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol

/// A comparison in an exchange.
struct LinkComparison: Sendable {
    /// What is held against the other end, run by run, and how far that has come.
    struct Search: Sendable {
        let common: CommonHoldings
        fileprivate(set) var comparison: Comparison
    }

    /// What came of it.
    fileprivate struct Outcome {
        let lackingThere: Int
        let lackingHere: Int
        /// The digest of all that both hold, and of how many runs; nil while it is not known that they hold the same.
        let equal: (digest: Digest32, runs: Int)?
    }

    /// Nil once it is over: that is much where many runs are held, and the exchange stays open for news.
    private(set) var search: Search?
    /// Nil until then.
    fileprivate private(set) var found: Outcome?
    /// Up to where the journal was looked at.
    private let head: JournalCursor
    /// That both should hold.
    fileprivate let changeSets: Int
    /// Of this database when it began.
    let incarnation: UInt64?
    let onlyLooks: Bool
    private(set) var rounds = 0
    /// Messages that came when it was over.
    private var late = 0
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
        search = Search(common: common, comparison: Comparison(common.holdings))
        head = common.head
        changeSets = common.changeSets
        self.incarnation = incarnation
        self.onlyLooks = onlyLooks
    }

    /// - Returns: nil where the other end expects no answer, or all has been said.
    fileprivate mutating func answer(_ message: WireComparison) throws -> WireComparison? {
        guard search != nil else {
            late += 1
            guard late <= Limits.comparisonRounds else { throw WireError.tooLarge("comparison") }
            return nil
        }
        rounds += 1
        return try search?.comparison.answer(message)
    }

    /// All has been said and done; what came of it stays.
    fileprivate mutating func close() {
        found = outcome
        search = nil
    }

    /// Both ends have said all that there is to say.
    var isOver: Bool { search?.comparison.isOver ?? true }

    private var outcome: Outcome? { search.map { Outcome($0.comparison) } ?? found }

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
        let outcome = outcome
        return ComparisonReport(
            rounds: rounds, isOver: isOver, lackingThere: outcome?.lackingThere ?? 0,
            lackingHere: outcome?.lackingHere ?? 0, isProven: isProven)
    }

    mutating func noteReceived(_ batch: WireBatch) {
        guard isOver, batch.start.position == 0, batch.end.position > 0,
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
                received.contains($0) && (confirmed[$0]?.position ?? 0) >= head.position
            }
    }
}

extension LinkComparison.Outcome {
    fileprivate init(_ comparison: Comparison) {
        lackingThere = comparison.lacking.count
        lackingHere = comparison.wanted
        equal = comparison.isEqual ? (comparison.digest, comparison.runs) : nil
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
            return isAbove ? (begun.search?.comparison.opening, false) : try compare(message, now: now)
        }
        defer { comparing = current }
        let wasOver = current.isOver
        if isAbove { try current.hear(message.wished) }
        var reply = try current.answer(message)
        if !isAbove, !current.hasSaidWishes, var answer = reply {
            current.say(try node.replica.read { try $0.wishedCases() }, in: &answer)
            reply = answer
        }
        let isOver = current.isOver && !wasOver
        if isOver, let search = current.search {
            try conclude(current, search, with: peer, now: now)
            current.close()
        }
        if let equal = current.found?.equal, current.own == nil, isAbove ? message.hasEquality : isOver {
            let own = try node.replica.read { try equality(current, equal, to: peer, $0, now: now) }
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

    private mutating func conclude(
        _ current: LinkComparison, _ search: LinkComparison.Search, with peer: Peer, now: Moment
    ) throws {
        let report = current.report
        let lacking = search.comparison.lacking
        differences = try node.replica.write { transaction in
            try transaction.keep(
                ComparisonOutcome(
                    unit: neighbour.unit, node: neighbour.ordinal, time: now.seconds,
                    lackingThere: report.lackingThere, lackingHere: report.lackingHere,
                    isSent: isAbove && !current.onlyLooks,
                    gone: isAbove ? 0 : search.common.retired(among: lacking)))
            guard !current.onlyLooks else { return [:] }
            // Below, what has left here comes back for whom needs it; above, they have it.
            let stubs =
                isAbove
                ? try transaction.settleRetired(search.common, lacking: lacking, wished: current.wished) : []
            var out: [Feed: Difference] = [:]
            for feed in [Feed.casework, .published] {
                out[feed] = try transaction.difference(
                    search.common, lacking: lacking, stubs: stubs, in: feed)
            }
            return out
        }
    }

    /// What a parent sends rests on what this database never had: the next exchange compares. Where this one was to and
    /// has not, the parent is of before there were comparisons, and is asked from the beginning instead.
    func doubtCursors(with peer: Peer) throws {
        try node.replica.write { transaction in
            try transaction.doubtCursors(with: peer)
            if asksToCompare, comparing == nil { try transaction.forgetReceived(from: peer) }
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
        _ current: LinkComparison, _ equal: (digest: Digest32, runs: Int), to peer: Peer, _ transaction: Transaction,
        now: Moment
    ) throws -> WireEquality {
        let author = try node.author(transaction)
        let signed = try SignedEquality(
            author: author, to: neighbour.unit, neighbour.ordinal, digest: equal.digest, runs: equal.runs,
            changeSets: current.changeSets,
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
        guard let equal = current.found?.equal, said.digest == equal.digest, said.runs == UInt64(equal.runs) else {
            throw WireError.malformed("equality")
        }
        guard said.changeSets == UInt64(current.changeSets) else { return false }
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
                    runs: equal.runs, changeSets: current.changeSets),
                own: try own.serializedBytes(), theirs: try theirs.serializedBytes())
        }
        return true
    }
}
