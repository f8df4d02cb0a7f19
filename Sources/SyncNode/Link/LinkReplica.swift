import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// What either end of a link asks of the replica.
struct LinkReplica: Sendable {
    let node: Node
    /// The neighbour, by its certificate.
    let neighbour: NodeName
    /// True at the parent's end.
    let isAbove: Bool

    /// How many bytes a batch may hold before no further run is begun.
    static let usualBudget = 128 * 1024
    var budget = usualBudget
    /// By feed, up to where the neighbour will hold what went before, whatever becomes of the batches between: for
    /// volumes, which come in any order. Nil where batches arrive in their order.
    var relied: [Feed: JournalCursor]?

    var peer: Peer?
    private let mode: LinkMode
    /// At the child's end: a comparison is only to tell how things stand.
    private(set) var onlyLooks = false
    var comparing: LinkComparison?
    /// At the child's end: it has greeted as one whose cursors are not to be relied on.
    private(set) var asksToCompare = false
    /// What a comparison found that the neighbour lacks, by feed, as far as it is not sent yet.
    var differences: [Feed: Difference] = [:]
    /// At the child's end: this database has begun another life since it greeted, for what the parent says of where it
    /// stands, or for what somebody below knows of it.
    private(set) var isRenewed = false
    /// Incarnation of the own database that the neighbour was told, or has right.
    var incarnation: UInt64?
    /// What it was in truth when the neighbour was greeted.
    private var lifeWhenGreeted: UInt64?
    /// Cursors that the neighbour has confirmed.
    var confirmed: [Feed: JournalCursor] = [:]
    var introduced: Set<AuthorID> = []
    /// Feeds of which a batch of the child's was refused for an author whom nobody here knows.
    private var missedOpenings: Set<UInt32> = []
    var toldHeartbeats: Int64 = 0
    var introducedByHeartbeats: [AuthorID] = []
    /// The acknowledgement that both ends know of: at the child's end the one that is held, at the parent's the last
    /// one that was said, or that the child named.
    private var acknowledged: Acknowledged?
    /// Whether the child named one, and so reads what is left out as unchanged.
    private var namesAcknowledged = false

    /// - Parameter mode: at the child's end.
    init(node: Node, neighbour: NodeName, isAbove: Bool, mode: LinkMode = .usual) {
        self.node = node
        self.neighbour = neighbour
        self.isAbove = isAbove
        self.mode = mode
    }

    /// What is known before the neighbour has said anything: for the child, who speaks first.
    mutating func lastKnown() throws -> LinkState {
        try node.replica.read { transaction in
            peer = try transaction.latestPeer(unit: neighbour.unit, node: neighbour.ordinal)
            incarnation = try transaction.identity?.incarnation
            lifeWhenGreeted = incarnation
            let charter = try peer.flatMap { try transaction.charterCursor(toldBy: $0) }
            var state = try state(transaction, charter: charter?.wire(.charter), cursors: nil)
            acknowledged = isAbove ? nil : try heldAcknowledgement(transaction, charter: charter)
            state.acknowledged = acknowledged?.digest ?? 0
            return state
        }
    }

    /// Whether the two stand to each other today as this link has it, and neither is cut. Work goes up to who is above
    /// and down to who is below, and to nobody else; the charter goes to everyone, for that is how either learns where
    /// it stands. So does a node that was only just enrolled.
    func isInPlace() throws -> Bool { try node.replica.read(isInPlace) }

    func isInPlace(_ transaction: Transaction) -> Bool {
        let (upper, lower) = isAbove ? (node.name, neighbour) : (neighbour, node.name)
        let view = transaction.charter.current
        return view.topology.isAbove(upper.unit, lower.unit)
            && ![upper, lower].contains { view.isCutNode(unit: $0.unit, enrollment: $0.ordinal) }
    }

    /// Looks the neighbour up by what it says of itself, and takes its word for how far it has got.
    /// - Returns: also whether it has this database's incarnation right, and whether what it says has begun another
    ///   one.
    /// - Throws: `ExchangeProblem.cutOff` where a child is not believed yet that this database was set back.
    mutating func greet(
        _ hello: WireHello, now: Moment
    ) throws -> (state: LinkState, knows: Bool, isRenewed: Bool) {
        try node.replica.write { transaction in
            let known = try meet(hello, transaction, now: now)
            let cursors = hello.cursorsByFeed
            incarnation = hello.peerIncarnation
            let isRenewed = try renewIfRolledBack(transaction, by: cursors, saidBelow: isAbove ? now : nil)
            lifeWhenGreeted = try transaction.identity?.incarnation
            let knows = lifeWhenGreeted == hello.peerIncarnation
            // Cursors belong to a pair of incarnations.
            var state = try state(transaction, charter: cursors[.charter], cursors: knows ? cursors : [:])
            if isAbove {
                if let charter = cursors[.charter] {
                    try transaction.keep(charter: try JournalCursor(charter), of: known)
                }
                // A child has compared with this life before it relies on its cursors again, and its word for it has
                // to do here: of what it has confirmed in that exchange this end knows little.
                if knows, !hello.compares, isInPlace(transaction), try !transaction.reliesOnCursors(with: known) {
                    try transaction.noteCompared(with: known)
                }
                state.isAcknowledged = try isAcknowledged(hello, by: known, transaction)
            }
            return (state, knows, isRenewed)
        }
    }

    /// Whom the greeting comes from. What this exchange has said before counts for nothing.
    private mutating func meet(_ hello: WireHello, _ transaction: Transaction, now: Moment) throws -> Peer {
        let known = try transaction.meet(
            unit: neighbour.unit, node: neighbour.ordinal, incarnation: hello.incarnation)
        peer = known
        introduced = []
        introducedByHeartbeats = []
        toldHeartbeats = 0
        comparing = nil
        differences = [:]
        try transaction.noteContact(with: known, time: now.seconds)
        if isAbove, hello.compares { try transaction.forgetIntroductions(to: known) }
        return known
    }

    /// Whether the child names the acknowledgement that it would get now.
    private mutating func isAcknowledged(
        _ hello: WireHello, by known: Peer, _ transaction: Transaction
    ) throws -> Bool {
        let current = try standing(transaction, with: known)
        acknowledged = hello.acknowledged == current.digest ? current : nil
        namesAcknowledged = hello.acknowledged != 0
        return acknowledged != nil
    }

    /// Who stands where this journal does not lead has known this database as it was later: it was rolled back, and the
    /// neighbours must not rely on its having what it sent them.
    /// - Parameter saidBelow: when a unit below says so, which is believed once an hour; nil where one above does.
    /// - Returns: whether this database has begun another life.
    /// - Throws: `ExchangeProblem.cutOff` where a unit below is not believed yet. Its cursors are as good in an hour.
    @discardableResult
    func renewIfRolledBack(
        _ transaction: Transaction, by cursors: [Feed: WireCursor], saidBelow: Moment? = nil
    ) throws -> Bool {
        guard let incarnation, try transaction.identity?.incarnation == incarnation else { return false }
        let isRolledBack = try cursors.contains {
            try $0.key != .charter && transaction.isRolledBack(behind: JournalCursor($0.value))
        }
        guard isRolledBack else { return false }
        if let now = saidBelow?.seconds {
            guard try transaction.believesClaims(at: now) else { throw ExchangeProblem.cutOff }
            try transaction.noteClaim(at: now)
        }
        try transaction.renew(incarnation: Node.incarnation(node.entropy))
        try transaction.noteAhead()
        return true
    }

    private mutating func state(
        _ transaction: Transaction, charter: WireCursor?, cursors: [Feed: WireCursor]?
    ) throws -> LinkState {
        guard let identity = try transaction.identity else { throw NodeError.notFounded(node.directory.url.path) }
        let feeds: [Feed] = [.casework, .published]
        var received: [WireCursor] = []
        var sent: [Feed: WireCursor] = [:]
        if let peer {
            for feed in feeds {
                let held = try transaction.cursors(peer, feed)
                received.append(held.received.wire(feed))
                var start = held.sent
                if let cursors {
                    start = try transaction.keep(
                        sent: try cursors[feed].map { try JournalCursor($0) } ?? .start, to: peer, feed)
                }
                confirmed[feed] = start
                sent[feed] = start.wire(feed)
            }
        }
        var state = LinkState(
            incarnation: identity.incarnation, peerIncarnation: peer?.incarnation ?? 0,
            charter: transaction.charterCursor().wire(.charter), peerCharter: charter, received: received, sent: sent)
        state.isWithAStranger = !isAbove && !isInPlace(transaction)
        if let peer, !isAbove, !state.isWithAStranger {
            // Cursors that cannot be relied on are mended, whatever was asked for.
            let relies = try transaction.reliesOnCursors(with: peer)
            state.compares = !relies || mode != .usual
            onlyLooks = relies && mode == .looks
            state.onlyLooks = onlyLooks
            asksToCompare = state.compares
        }
        return state
    }

    /// The first batch in what the exchange has wanted, all of it seen at one moment. What this node has written itself
    /// is sealed first, and the anchor knows of it.
    mutating func read(_ wanted: [FeedStart], now: Moment) throws -> FoundBatch? {
        guard let peer, !wanted.isEmpty else { return nil }
        var addressee = Addressee(peer: peer, isBelow: isAbove, confirmed: confirmed)
        addressee.introduced = introduced
        // Who compares relies on nothing that was said before.
        if comparing != nil { addressee.confirmed = [:] }
        var differences = differences
        var isOutlived = false
        let (found, sealed) = try node.readSealed(now: now) { transaction in
            var found: (feed: Feed, batch: OutgoingBatch)?
            let life = try transaction.identity?.incarnation
            isOutlived = !isAbove && lifeWhenGreeted != nil && life != lifeWhenGreeted
            guard !isOutlived else { return (found, try node.sealed(transaction)) }
            for start in wanted where found == nil {
                let feed = start.feed
                var difference = differences[feed]
                guard feed == .charter || isInPlace(transaction),
                    let batch = try outgoing(start, &difference, to: addressee, transaction)
                else { continue }
                // The last batch of a difference is the one that moves the cursor.
                differences[feed] = batch.end == .start ? difference : nil
                if batch.isWorthSending { found = (feed, batch) }
            }
            return (found, try node.sealed(transaction))
        }
        try node.noteSealed(sealed)
        self.differences = differences
        isRenewed = isOutlived || isRenewed
        guard let (feed, batch) = found else { return nil }
        if !batch.introduced.isEmpty, feed != .charter, batch.end != .start, peer.isMet {
            try node.replica.write {
                try $0.noteIntroductions(of: batch.introduced, to: peer, in: feed, at: batch.end)
            }
        }
        introduced.formUnion(batch.introduced)
        return FoundBatch(feed: feed, batch: batch.batch, hasMore: batch.hasMore)
    }

    private func outgoing(
        _ start: FeedStart, _ difference: inout Difference?, to addressee: Addressee, _ transaction: Transaction
    ) throws -> OutgoingBatch? {
        let feed = start.feed, start = try JournalCursor(start.cursor)
        if feed == .charter { return try transaction.outgoingCharter(to: addressee, after: start, budget: budget) }
        if difference != nil { return try transaction.outgoing(&difference!, to: addressee, budget: budget) }
        return try transaction.outgoing(
            feed, to: addressee, from: start, budget: budget, relyingOn: relied.map { $0[feed] ?? .start })
    }

    /// What a unit that was moved away still sends up, not knowing of it, is refused: an ancestor of yesterday gets
    /// nothing new (RULES, "Visibility"). A child refuses what rests on something that it does not have: another
    /// machine of its disk may have had it, and only a comparison finds what this one lacks. A parent refuses what
    /// rests on an introduction that it never heard, and its child then introduces everybody anew; and whom a unit has
    /// enrolled that its own charter, once that was set back, does not have above them yet.
    /// - Throws: `WireError`, `CertificateProblem`: the batch is not what it claims, and nothing of it is kept.
    mutating func apply(_ batch: WireBatch, now: Moment) throws -> Reception {
        guard let peer else { throw ExchangeProblem.unexpected("no greeting") }
        #if PLANTED
            var batch = batch
            if Planted.present == .cursorOutsideTransaction {
                let isMoved = try node.replica.write { try $0.plantCursor(of: batch, from: peer) }
                if isMoved { batch.start = batch.end }
            }
        #endif
        do {
            return try take(batch, from: peer, now: now)
        } catch WireError.unknownAuthor where isAbove && batch.mayRestOnWhatWentBefore {
            // Once of each feed, whose batches are on their way together: who says it again has no opening to show.
            guard missedOpenings.insert(batch.feed).inserted else { throw WireError.unknownAuthor }
            return .refused(.start)
        } catch let problem as CertificateProblem where isAbove {
            guard case .scope = problem, try node.replica.read({ try lacksCharter(of: peer, $0) }),
                missedOpenings.insert(batch.feed).inserted
            else { throw problem }
            return .refused(.start)
        } catch let error as WireError
            where !isAbove && batch.mayRestOnWhatWentBefore && [.unknownAuthor, .missingContext].contains(error)
        {
            try doubtCursors(with: peer)
            return .refused(.start)
        }
    }

    /// Whether the peer's charter, as it was told, is another.
    func lacksCharter(of peer: Peer, _ transaction: Transaction) throws -> Bool {
        try transaction.charterCursor(toldBy: peer) != transaction.charterCursor()
    }

    private mutating func take(_ batch: WireBatch, from peer: Peer, now: Moment) throws -> Reception {
        var compared = comparing
        defer { comparing = compared }
        return try node.replica.write { transaction in
            if isAbove, batch.feed != Feed.charter.rawValue, !isInPlace(transaction) { return .refused(.start) }
            for join in batch.joins { try node.checkJoin(join) }
            let before = try transaction.journalHead()
            let reception = try transaction.apply(
                batch, from: peer, now: now.seconds,
                check: { try node.check($0, charter: transaction.charter) })
            // Something was taken out meanwhile. From the beginning the child would send all that it has: it is to
            // greet this life of the database instead, and to compare.
            if isAbove, reception == .refused(.start), try transaction.identity?.incarnation != lifeWhenGreeted {
                throw ExchangeProblem.cutOff
            }
            try transaction.noteContact(with: peer, time: now.seconds)
            if case .applied = reception {
                try node.passNumbers(in: batch, arrivedBehind: before.position, transaction)
                compared?.noteReceived(batch)
                try settle(compared, with: peer, transaction)
            }
            return reception
        }
    }

    /// What the parent says of how far it has applied its child's feeds.
    mutating func acknowledgement(refused: UInt64, now: Moment) throws -> WireAck {
        guard let peer else { throw ExchangeProblem.unexpected("no greeting") }
        let current = try node.replica.read { try standing($0, with: peer) }
        var ack = current.wire(after: refused > 0 ? nil : acknowledged)
        ack.time = now.seconds
        ack.refused = refused
        acknowledged = namesAcknowledged ? current : nil
        return ack
    }

    /// Keeps what the parent says; the next seal quotes it.
    /// - Returns: by feed, from where to send on.
    mutating func keep(_ ack: WireAck, now: Moment) throws -> [Feed: WireCursor] {
        guard let peer else { return [:] }
        // A batch that was refused has introduced nobody.
        if ack.refused > 0 { introduced = [] }
        let said = try Acknowledged(ack, after: acknowledged)
        acknowledged = said
        let quoted = try QuotedAcknowledgement(author: said.author, heads: said.applied, time: ack.time)
        // A later word of the same parent has no more to say of it, and takes nothing back.
        let isRenewed = try node.replica.write { transaction in
            let isRenewed = try renewIfRolledBack(transaction, by: ack.cursorsByFeed)
            if ack.refused > 0 { try transaction.forgetIntroductions(to: peer) }
            for feed in [Feed.casework, .published] {
                confirmed[feed] = try transaction.keep(sent: said.cursors[feed] ?? .start, to: peer, feed)
            }
            if let charter = said.cursors[.charter] { try transaction.keep(charter: charter, of: peer) }
            try transaction.keep(quoted, backedUp: said.backedUp, heard: now.seconds)
            try transaction.keep(backedUp: said.backedUpTo, at: peer)
            try transaction.noteContact(with: peer, time: now.seconds)
            try settle(comparing, with: peer, transaction)
            return isRenewed
        }
        self.isRenewed = isRenewed || self.isRenewed
        var positions: [Feed: WireCursor] = [:]
        for (feed, cursor) in confirmed { positions[feed] = cursor.wire(feed) }
        positions[.charter] = said.cursors[.charter]?.wire(.charter)
        return positions
    }

    /// The exchange came to its end: what was said in it was heard.
    func finished(now: Moment) throws {
        if let peer, toldHeartbeats > 0 {
            try node.replica.write {
                try $0.noteHeartbeats(upTo: toldHeartbeats, introducing: introducedByHeartbeats, toldTo: peer)
            }
        }
        try node.leaveGuessing(parentHasTold: !isAbove && !onlyLooks && isInPlace(), now: now)
    }
}

extension OutgoingBatch {
    /// A cursor that only moves over rows that are not sent is worth a message once in a while.
    fileprivate var isWorthSending: Bool { !isEmpty || hasMore || end.position - start.position > 1000 }
}

extension WireBatch {
    /// Whether its runs may leave out what the receiver has had, and it can be compared (PROTOCOL 6).
    fileprivate var mayRestOnWhatWentBefore: Bool { feed != UInt32(Feed.charter.rawValue) && start.position > 0 }
}
