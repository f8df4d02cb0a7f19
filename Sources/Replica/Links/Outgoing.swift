import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What is to be sent to a peer next.
package struct OutgoingBatch: Sendable {
    package let batch: WireBatch
    package let start: JournalCursor
    package let end: JournalCursor
    /// Authors that this batch introduces.
    package let introduced: [AuthorID]
    /// Whether rows lie beyond its end.
    package let hasMore: Bool

    /// Whether it carries anything but the movement of the cursor.
    package var isEmpty: Bool { batch.runs.isEmpty && batch.joins.isEmpty }
}

/// Who a batch is for, and what was said to them in this exchange already.
package struct Addressee: Sendable {
    package let peer: Peer
    /// True towards a child: only what its subtree may see. False towards the parent: all that was authored below.
    package let isBelow: Bool
    /// Cursor of each feed that the peer has confirmed.
    package var confirmed: [Feed: JournalCursor]
    /// Authors that were introduced in this exchange.
    package var introduced: Set<AuthorID> = []

    package init(peer: Peer, isBelow: Bool, confirmed: [Feed: JournalCursor]) {
        self.peer = peer
        self.isBelow = isBelow
        self.confirmed = confirmed
    }
}

extension Transaction {
    /// Rows looked at for one batch; the cursor moves over those that are not sent.
    static let rowsPerScan = 2048

    /// The next batch of casework or published items from a cursor; nil when nothing lies beyond it.
    /// - Parameters:
    ///   - budget: bytes after which no further run is begun.
    ///   - relied: up to where the addressee will hold what went before, whatever becomes of the batches between; nil
    ///     where batches arrive in their order.
    package func outgoing(
        _ feed: Feed, to addressee: Addressee, from start: JournalCursor, budget: Int,
        relyingOn relied: JournalCursor? = nil
    ) throws -> OutgoingBatch? {
        precondition(feed != .charter)
        var scan = try Scan(self, feed: feed, addressee: addressee, start: start)
        let chosen = try scan.run(budget: budget)
        guard scan.end != start else { return nil }
        var batch = WireBatch()
        batch.feed = UInt32(feed.rawValue)
        batch.start = start.wire(feed)
        batch.end = scan.end.wire(feed)
        let introduced = try fill(&batch, with: chosen, for: addressee, from: relied ?? start)
        return OutgoingBatch(
            batch: batch, start: start, end: scan.end, introduced: introduced, hasMore: scan.hasMore)
    }

    /// Runs in order of first appearance, each with the sequences of it that go.
    func fill(
        _ batch: inout WireBatch, with chosen: [(run: Int64, sequences: Set<UInt64>)], for addressee: Addressee,
        from start: JournalCursor
    ) throws -> [AuthorID] {
        var introduced: [AuthorID] = []
        var before: SealedRun?
        for (id, sequences) in chosen {
            guard let whole = try sealedRun(id) else { throw ReplicaError.damaged("run \(id)") }
            guard UInt32(whole.seal.feed.rawValue) == batch.feed else { throw noteDamage(ofRun: id) }
            let run = whole.pruned(to: sequences)
            try introduce(run.seal.author, in: &batch, to: addressee, noting: &introduced)
            let precursor = try pinOfPrecursor(of: run, id, behind: before, to: addressee, under: start)
            batch.runs.append(
                run.wire(
                    author: before?.seal.author != run.seal.author, previous: precursor == nil,
                    pin: precursor != run.seal.pin))
            before = run
        }
        return introduced
    }

    /// Puts the opening of an author, and before it those of the incarnations that it closes, into the batch.
    func introduce(
        _ author: AuthorID, in batch: inout WireBatch, to addressee: Addressee, noting introduced: inout [AuthorID]
    ) throws {
        let known = Dictionary(introduced.map { ($0, Data()) }, uniquingKeysWith: { a, _ in a })
        for opening in try openings(leadingTo: author, unknownTo: addressee, beside: known) {
            introduced.append(opening.author)
            batch.openings.append(opening.bytes)
        }
    }

    /// The openings without which an addressee cannot read an author's runs, the earliest incarnation first.
    /// - Parameter known: by author, those that go with the batch already.
    package func openings(
        leadingTo author: AuthorID, unknownTo addressee: Addressee, beside known: [AuthorID: Data] = [:]
    ) throws -> [(author: AuthorID, bytes: Data)] {
        var out: [(author: AuthorID, bytes: Data)] = []
        var next: AuthorID? = author
        var size = 0
        // Who has lost more databases than that says so by what the earlier ones wrote.
        while out.count < Limits.openingsPerBatch, let author = next, known[author] == nil,
            try isUnknown(author, to: addressee), let opening = try knownAuthor(author)?.opening
        {
            let bytes = try opening.bytes
            size += bytes.count
            guard size <= Limits.bytesOfOpenings else { break }
            out.append((author, bytes))
            next = opening.opening.earlier
        }
        return out.reversed()
    }

    /// Whose a run is, and how long the body of its seal.
    func authorAndSeal(ofRun run: Int64) throws -> (author: AuthorID, seal: Int) {
        let find = try db.cachedStatement(sql: "SELECT author, coalesce(length(seal), 0) FROM run WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [run]) else { throw ReplicaError.damaged("run \(run)") }
        return (try author(id: row[0]).name, try row[1])
    }

    /// Whether an author must be introduced before anything of its is said.
    package func isUnknown(_ author: AuthorID, to addressee: Addressee) throws -> Bool {
        try !addressee.introduced.contains(author) && !isIntroduced(author, to: addressee)
    }

    private func isIntroduced(_ author: AuthorID, to addressee: Addressee) throws -> Bool {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT feed, position FROM peer_author WHERE peer = ? AND author = ?"),
                arguments: [addressee.peer.row, try authorRow(author).id]),
            let confirmed = addressee.confirmed[try row.feed(0)]
        else { return false }
        return try confirmed.position >= row[1] as Int64
    }

    /// Writes down that these authors were introduced by a batch that ends there; it counts once that is confirmed, or,
    /// of a batch that ends inside a widening, once the receiver is beyond that.
    package func noteIntroductions(of authors: [AuthorID], to peer: Peer, in feed: Feed, at end: JournalCursor) throws {
        for author in authors {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO peer_author (peer, author, feed, position) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [
                peer.row, try authorRow(author).id, feed.rawValue, end.position + (end.offset > 0 ? 1 : 0),
            ])
        }
    }

    /// Pin of the run before, when the receiver can be relied on to find that one by itself. Where a journal forks it
    /// might take the other branch's.
    private func pinOfPrecursor(
        of run: SealedRun, _ id: Int64, behind before: SealedRun?, to addressee: Addressee, under start: JournalCursor
    ) throws -> EntryDigest? {
        guard try !hasFork(authorRow(run.seal.author).id, in: run.seal.feed) else { return nil }
        if let before, before.seal.author == run.seal.author,
            before.seal.digest(network: network) == run.seal.previous
        {
            return before.seal.pin
        }
        return try pinOfRun(before: id, heldBy: addressee, under: start)
    }

    /// Pin of the run that ends where this one begins, when it went over this link under the present cursor; nil when
    /// the receiver cannot be relied on to hold it. What goes is judged when the cursor passes it, so that today's
    /// judgement tells only of rows that arrived under today's topology.
    private func pinOfRun(
        before run: Int64, heldBy addressee: Addressee, under start: JournalCursor
    ) throws -> EntryDigest? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT before.id, before.pin_digest FROM run
                    JOIN run AS before ON before.digest = run.previous AND before.author = run.author
                        AND before.feed = run.feed
                        AND before.first BETWEEN run.first - \(Limits.changeSetsPerRun) AND run.first - 1
                    WHERE run.id = ?
                    """), arguments: [run])
        guard let row else { return nil }
        let went = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT position, record, source FROM journal WHERE run = ? AND position <= ?"),
            arguments: [try row[0] as Int64, start.position]
        ).contains { held in
            if try held[2] as Int64? == addressee.peer.row { return true }
            return try held[0] > topologySince
                && mayGo(position: held[0], record: held[1], run: row[0], source: held[2], to: addressee)
        }
        return went ? EntryDigest(try row.bytes16(1)) : nil
    }
}
