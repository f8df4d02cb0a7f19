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
    static let batchBudget = 128 * 1024

    private(set) var peer: Peer?
    /// Incarnation of the own database that the neighbour was told, or has right.
    private var incarnation: UInt64?
    /// Cursors that the neighbour has confirmed.
    private var confirmed: [Feed: JournalCursor] = [:]
    private var introduced: Set<AuthorID> = []
    private var toldHeartbeats: Int64 = 0
    private var introducedByHeartbeats: [AuthorID] = []
    /// The acknowledgement that both ends know of: at the child's end the one that is held, at the parent's the last
    /// one that was said, or that the child named.
    private var acknowledged: Acknowledged?
    /// Whether the child named one, and so reads what is left out as unchanged.
    private var namesAcknowledged = false

    init(node: Node, neighbour: NodeName, isAbove: Bool) {
        self.node = node
        self.neighbour = neighbour
        self.isAbove = isAbove
    }

    /// What is known before the neighbour has said anything: for the child, who speaks first.
    mutating func lastKnown() throws -> LinkState {
        try node.replica.read { transaction in
            peer = try transaction.latestPeer(unit: neighbour.unit, node: neighbour.ordinal)
            incarnation = try transaction.identity?.incarnation
            let charter = try peer.flatMap { try transaction.charterCursor(toldBy: $0) }
            var state = try state(transaction, charter: charter?.wire(.charter), cursors: nil)
            acknowledged = try heldAcknowledgement(transaction, charter: charter)
            state.acknowledged = acknowledged?.digest ?? 0
            return state
        }
    }

    /// Looks the neighbour up by what it says of itself, and takes its word for how far it has got.
    /// - Returns: also whether it has this database's incarnation right.
    mutating func greet(_ hello: WireHello, now: Moment) throws -> (state: LinkState, knows: Bool) {
        try node.replica.write { transaction in
            let known = try transaction.meet(
                unit: neighbour.unit, node: neighbour.ordinal, incarnation: hello.incarnation)
            peer = known
            introduced = []
            introducedByHeartbeats = []
            toldHeartbeats = 0
            try transaction.noteContact(with: known, time: now.seconds)
            incarnation = hello.peerIncarnation
            try renewIfRolledBack(transaction, by: hello.cursorsByFeed)
            let knows = try transaction.identity?.incarnation == hello.peerIncarnation
            let cursors = hello.cursorsByFeed
            // Cursors belong to a pair of incarnations.
            let state = try state(transaction, charter: cursors[.charter], cursors: knows ? cursors : [:])
            if isAbove {
                let current = try standing(transaction, with: known)
                acknowledged = hello.acknowledged == current.digest ? current : nil
                namesAcknowledged = hello.acknowledged != 0
            }
            return (state, knows)
        }
    }

    /// What this child has kept of its parent's last acknowledgement.
    private func heldAcknowledgement(_ transaction: Transaction, charter: JournalCursor?) throws -> Acknowledged? {
        guard peer != nil else { return nil }
        let quoted = try transaction.quotedAcknowledgement()
        guard let author = quoted.author else { return nil }
        var cursors = confirmed
        cursors[.charter] = charter
        return Acknowledged(
            cursors: cursors, author: author.value.data, applied: quoted.heads,
            backedUp: try transaction.backedUpAbove())
    }

    /// How far this parent has applied what its child sends.
    private func standing(_ transaction: Transaction, with peer: Peer) throws -> Acknowledged {
        var cursors: [Feed: JournalCursor] = [.charter: transaction.charterCursor()]
        for feed in [Feed.casework, .published] { cursors[feed] = try transaction.cursors(peer, feed).received }
        let child = try transaction.author(writingAt: neighbour.unit, enrollment: neighbour.ordinal)
        return Acknowledged(
            cursors: cursors, author: try node.author(transaction).value.data,
            applied: try child.map { try transaction.gaplessHeads(of: $0) } ?? [],
            backedUp: try child.map { try transaction.backedUpHeads(of: $0) } ?? [])
    }

    /// Who stands where this journal does not lead has known this database as it was later: it was rolled back, and the
    /// neighbours must not rely on its having what it sent them.
    private func renewIfRolledBack(_ transaction: Transaction, by cursors: [Feed: WireCursor]) throws {
        guard let incarnation, try transaction.identity?.incarnation == incarnation else { return }
        let isRolledBack = try cursors.contains {
            try $0.key != .charter && transaction.isRolledBack(behind: JournalCursor($0.value))
        }
        if isRolledBack { try transaction.renew(incarnation: Node.incarnation(node.entropy)) }
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
        return LinkState(
            incarnation: identity.incarnation, peerIncarnation: peer?.incarnation ?? 0,
            charter: transaction.charterCursor().wire(.charter), peerCharter: charter, received: received, sent: sent)
    }

    /// The next batch of a feed. What this node has written itself is sealed first, and the anchor knows of it.
    mutating func read(_ feed: Feed, from cursor: WireCursor, now: Moment) throws -> OutgoingBatch? {
        guard let peer else { return nil }
        try node.seal(now: now)
        let start = try JournalCursor(cursor)
        var addressee = Addressee(peer: peer, isBelow: isAbove, confirmed: confirmed)
        addressee.introduced = introduced
        let (batch, sealed) = try node.replica.read { transaction in
            let batch =
                feed == .charter
                ? try transaction.outgoingCharter(to: addressee, after: start, budget: Self.batchBudget)
                : try transaction.outgoing(feed, to: addressee, from: start, budget: Self.batchBudget)
            return (batch, try node.sealed(transaction))
        }
        try node.noteSealed(sealed)
        guard let batch else { return nil }
        if !batch.introduced.isEmpty, feed != .charter {
            try node.replica.write {
                try $0.noteIntroductions(of: batch.introduced, to: peer, in: feed, at: batch.end)
            }
        }
        introduced.formUnion(batch.introduced)
        return batch
    }

    /// - Throws: `WireError`, `CertificateProblem`: the batch is not what it claims, and nothing of it is kept.
    func apply(_ batch: WireBatch, now: Moment) throws -> Reception {
        guard let peer else { throw ExchangeProblem.unexpected("no greeting") }
        return try node.replica.write { transaction in
            for join in batch.joins { try node.checkJoin(join) }
            let before = try transaction.journalHead()
            let reception = try transaction.apply(
                batch, from: peer,
                check: { try node.check($0, charter: transaction.charter) })
            try node.passNumbers(in: batch, arrivedBehind: before.position, transaction)
            try transaction.noteContact(with: peer, time: now.seconds)
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
        try node.replica.write { transaction in
            try renewIfRolledBack(transaction, by: ack.cursorsByFeed)
            for feed in [Feed.casework, .published] {
                confirmed[feed] = try transaction.keep(sent: said.cursors[feed] ?? .start, to: peer, feed)
            }
            if let charter = said.cursors[.charter] { try transaction.keep(charter: charter, of: peer) }
            try transaction.keep(quoted, backedUp: said.backedUp)
            try transaction.noteContact(with: peer, time: now.seconds)
        }
        var positions: [Feed: WireCursor] = [:]
        for (feed, cursor) in confirmed { positions[feed] = cursor.wire(feed) }
        positions[.charter] = said.cursors[.charter]?.wire(.charter)
        return positions
    }

    /// The heartbeats that the parent was not told yet.
    mutating func heartbeats() throws -> [WireHeartbeat] {
        guard let peer, !isAbove else { return [] }
        var parent = Addressee(peer: peer, isBelow: false, confirmed: confirmed)
        parent.introduced = introduced
        let tell = try node.replica.read { try $0.heartbeats(to: parent, after: toldHeartbeats) }
        toldHeartbeats = tell.serial
        introducedByHeartbeats += tell.introduced
        introduced.formUnion(tell.introduced)
        return tell.messages
    }

    /// The exchange came to its end: what was said in it was heard.
    func finished(now: Moment) throws {
        if let peer, toldHeartbeats > 0 {
            try node.replica.write {
                try $0.noteHeartbeats(upTo: toldHeartbeats, introducing: introducedByHeartbeats, toldTo: peer)
            }
        }
        try node.leaveGuessing(parentHasTold: !isAbove, now: now)
    }

    /// Keeps a heartbeat that came up, with the opening of an author that is met by it.
    /// - Throws: `WireError`, `CertificateProblem`.
    func keep(_ heartbeat: WireHeartbeat, now: Moment) throws {
        let read = try SignedHeartbeat(wire: heartbeat)
        let opening = heartbeat.opening.isEmpty ? nil : try SignedOpening(bytes: heartbeat.opening)
        try node.replica.write { transaction in
            if let opening, try transaction.opening(of: opening.author.id) == nil {
                try node.check(opening, charter: transaction.charter)
                try transaction.introduce(opening)
            }
            // A time that this clock, whose own it is, has not reached says nothing. What a heartbeat from further
            // down quotes was judged by its own parent.
            if let author = try transaction.opening(of: read.author)?.author, author.unit == neighbour.unit,
                author.enrollment == neighbour.ordinal, read.quoted.time > now.seconds
            {
                return
            }
            try transaction.keep(read, from: peer, now: now.seconds)
        }
    }
}
