import ChangeSet
import Crypto
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Where the next change set of this author will stand.
    /// - Throws: `ReplicaError.damagedRun`, `.index` where a sequence that it has given might be given again.
    package func nextPlace(of author: AuthorID, in feed: Feed) throws -> Place {
        try end(of: author, in: feed).next
    }

    /// The last run of an author, if there is any, and the place behind it.
    private func end(of author: AuthorID, in feed: Feed) throws -> (run: Int64?, next: Place) {
        let row = try authorRow(author).id
        let last = try lastOwnRun(of: row, in: feed)
        try demandEnd(last, of: row, in: feed)
        return (last?.run, Place(author: author, feed: feed, sequence: UInt64(last?.end ?? 0) + 1))
    }

    /// SQL of the runs of which something was written here.
    static let isWrittenHere = "EXISTS (SELECT 1 FROM journal WHERE journal.run = run.id AND source IS NULL)"

    /// Writes a group of this node's own change sets into its open run, or begins the next one where they do not fit.
    /// - Parameters:
    ///   - bytes: encoded for the places from `nextPlace` on.
    ///   - seed: for a run that begins with them.
    /// - Throws: `WireError.tooLarge` when the group is larger than a run.
    package func append(_ bytes: [Data], by author: AuthorID, in feed: Feed, seed: Seed) throws -> [PlacedChangeSet] {
        let size = bytes.reduce(0) { $0 + $1.count }
        guard !bytes.isEmpty, bytes.count <= Limits.groupSize, size <= Limits.bytesPerRun else {
            throw WireError.tooLarge("group")
        }
        let (last, place) = try end(of: author, in: feed)
        let run = try openRun(behind: last, for: place, count: bytes.count, size: size, seed: seed)
        var out: [PlacedChangeSet] = []
        var records: [Int64?] = []
        let before = try journalHead()
        var head = before
        for (index, bytes) in bytes.enumerated() {
            let place = Place(author: author, feed: feed, sequence: place.sequence + UInt64(index))
            let placed = PlacedChangeSet(
                place: place, salt: run.seed.salt(sequence: place.sequence), bytes: bytes, network: network)
            head = head.next(placed.leaf)
            records.append(
                try insert(
                    placed, run: JournalRun(id: run.id, pin: run.pin, seals: nil), offset: run.count + index,
                    keepsSalt: false, source: nil, at: head))
            try db.cachedStatement(sql: "INSERT INTO unpacked (run, offset, bytes) VALUES (?, ?, ?)")
                .execute(arguments: [run.id, run.count + index, bytes])
            out.append(placed)
        }
        try db.cachedStatement(sql: "UPDATE run SET count = count + ?, size = size + ? WHERE id = ?")
            .execute(arguments: [bytes.count, size, run.id])
        try afterArrival(of: records, in: feed, behind: before, isOwn: true)
        return out
    }

    /// The run that the author's next change sets go into.
    /// - Parameter last: the author's last one.
    private func openRun(
        behind last: Int64?, for place: Place, count: Int, size: Int, seed: Seed
    ) throws -> (id: Int64, count: Int, seed: Seed, pin: EntryDigest) {
        let author = try authorRow(place.author).id
        let pin = self.pin
        let find = try db.cachedStatement(
            sql: "SELECT id, count, size, seed, pin_digest, signature IS NULL FROM run WHERE id = ?")
        if let last = try Row.fetchOne(find, arguments: [last]), try last[5] as Bool,
            let held = Seed(try last[3]), let pinned = Bytes16(try last[4] as Data),
            // A charter entry moves the pin by being written; its own run keeps the one that it began with.
            place.feed == .charter || EntryDigest(pinned) == pin.digest,
            try last[1] + count <= Limits.changeSetsPerRun, try last[2] + size <= Limits.bytesPerRun
        {
            return (try last[0], try last[1], held, EntryDigest(pinned))
        }
        try packOpenRuns(of: author, in: place.feed)
        try db.cachedStatement(
            sql: """
                INSERT INTO run (author, feed, first, count, size, pin,
                    pin_digest, seed) VALUES (?, ?, ?, 0, 0, ?, ?, ?)
                """
        ).execute(arguments: [
            author, place.feed.rawValue, Int64(place.sequence), Int64(pin.number), pin.digest.value.data, seed.data,
        ])
        return (db.lastInsertedRowID, 0, seed, pin.digest)
    }

    /// The charter entry that a change set written now pins: the end of the log as it is read here.
    package var pin: (number: UInt64, digest: EntryDigest) {
        guard let tip = charter.tips.last, let entry = charter.entry(tip) else {
            preconditionFailure("a node has its charter from the start")
        }
        return (entry.number, tip)
    }

    /// Whether this author has written anything that is not sealed.
    package func hasUnsealed(_ author: AuthorID) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM run WHERE author = ? AND signature IS NULL)"),
            arguments: [try authorRow(author).id]) ?? false
    }

    /// How many change sets of this author are not sealed.
    package func unsealedCount(of author: AuthorID) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(sql: "SELECT coalesce(sum(count), 0) FROM run WHERE author = ? AND signature IS NULL"),
            arguments: [try authorRow(author).id]) ?? 0
    }

    /// Closes everything that this author has written and not sealed.
    package func seal(
        _ author: AuthorID, key: Curve25519.Signing.PrivateKey, quoted: QuotedAcknowledgement, time: Int64
    ) throws {
        let row = try authorRow(author)
        guard let opening = row.opening else { throw ReplicaError.damaged("author \(author)") }
        let runs = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, feed, first, pin, pin_digest, seed, count FROM run
                    WHERE author = ? AND signature IS NULL ORDER BY feed, first
                    """), arguments: [row.id])
        for run in runs {
            let id: Int64 = try run[0], first: Int64 = try run[2]
            let feed = try run.feed(1), pin = EntryDigest(try run.bytes16(4)), number = try run.count(3)
            let changeSets = try placed(inRun: id)
            guard let seed = Seed(try run[5]), charter.entry(pin)?.number == number, try run[6] == changeSets.count,
                zip(first..., changeSets).allSatisfy({ $0 == Int64($1.place.sequence) }), !changeSets.isEmpty
            else { throw noteDamage(ofRun: id) }
            // What lies beyond a gap can no longer be sealed by its author.
            guard
                let previous = first == 1 ? opening.digest : try sealDigest(before: first, of: row.id, feed: feed)
            else {
                try demandGap(before: first, of: row.id, in: feed)
                continue
            }
            try pack(id)
            let sealed = try SealedRun(
                sealing: changeSets, seed: seed, previous: previous, pin: pin,
                body: .with {
                    $0.pin = number
                    $0.ackAuthor = quoted.author?.value.data ?? Data()
                    $0.ackHeads = quoted.heads
                    $0.ackTime = quoted.time
                    $0.time = time
                }, network: network, key: key)
            try db.cachedStatement(sql: "UPDATE run SET seal = ?, signature = ?, previous = ?, digest = ? WHERE id = ?")
                .execute(arguments: [
                    sealed.seal.body, sealed.signature, previous.data, sealed.seal.digest(network: network).data, id,
                ])
            if try hasFork(row.id, in: feed) { noteSeal() }
            try advanceGaplessHead(of: row.id, in: feed)
        }
    }

    /// Nothing more will be written to them: a run that is full, or whose pin was passed.
    private func packOpenRuns(of author: Int64, in feed: Feed) throws {
        let find = try db.cachedStatement(
            sql: "SELECT id FROM run WHERE author = ? AND feed = ? AND signature IS NULL AND packed IS NULL ORDER BY id"
        )
        for run in try Int64.fetchAll(find, arguments: [author, feed.rawValue]) { try pack(run) }
    }

    /// Deflates the change sets of a run together, unless that was done.
    private func pack(_ run: Int64) throws {
        let find = try db.cachedStatement(
            sql: "SELECT offset, bytes FROM unpacked WHERE run = ? ORDER BY offset")
        let rows = try Row.fetchAll(find, arguments: [run])
        guard !rows.isEmpty else { return }
        let packed = PackedRun(changeSets: try rows.map { (offset: try $0[0], bytes: try $0[1]) })
        try db.cachedStatement(sql: "UPDATE run SET packed = ? WHERE id = ?").execute(arguments: [packed.data, run])
        try db.cachedStatement(sql: "DELETE FROM unpacked WHERE run = ?").execute(arguments: [run])
    }

    /// Digest of the seal whose run ends before this sequence. In a forked journal that is the own line's; where
    /// nothing there was written here, what was written behind it followed on what the other machine had sealed, before
    /// any of it was known to be another line.
    func sealDigest(before first: Int64, of author: Int64, feed: Feed) throws -> Digest32? {
        try Data.fetchOne(
            db,
            sql: """
                SELECT digest FROM run
                WHERE author = ? AND feed = ? AND first BETWEEN ?3 - \(Limits.changeSetsPerRun) AND ?3 - 1
                AND first + count = ?3 AND digest IS NOT NULL
                ORDER BY \(try ownBranch(of: author, in: feed)) DESC, id LIMIT 1
                """, arguments: [author, feed.rawValue, first]
        ).flatMap { Digest32($0) }
    }

    /// The heads of an author's journals as far as they are held here, with their leaves: what a new incarnation
    /// closes.
    package func knownHeads(of author: AuthorID) throws -> [Opening.Head] {
        let row = try authorRow(author).id
        return try Feed.allCases.compactMap { feed in
            let run = try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT id FROM run WHERE author = ? AND feed = ? AND count > 0
                        AND EXISTS (SELECT 1 FROM journal WHERE journal.run = run.id) ORDER BY first DESC LIMIT 1
                        """), arguments: [row, feed.rawValue])
            guard let last = try run.flatMap({ try placed(inRun: $0).last }) else { return nil }
            return Opening.Head(feed: feed, sequence: last.place.sequence, leaf: last.leaf)
        }
    }

    /// How many change sets of an author's casework are held here at these sequences, those of all lines of a fork.
    package func caseworkHeld(of author: AuthorID, in range: Range<UInt64>) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(*) FROM journal JOIN run ON run.id = journal.run
                    WHERE run.author = ? AND run.feed = ?
                        AND run.first + journal.offset >= ? AND run.first + journal.offset < ?
                    """),
            arguments: [
                authorRow(author).id, Feed.casework.rawValue, Int64(clamping: range.lowerBound),
                Int64(clamping: range.upperBound),
            ]) ?? 0
    }
}
