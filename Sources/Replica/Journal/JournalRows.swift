import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Writes one change set at the next position.
    /// - Returns: its record's row.
    func insert(
        _ placed: PlacedChangeSet, run: Int64, offset: Int, keepsSalt: Bool, source: Int64?, at head: JournalCursor
    ) throws -> Int64? {
        let record = try recordRow(for: placed)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO journal (position, run, offset, feed, record, source, rolling, salt, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            head.position, run, offset, placed.place.feed.rawValue, record, source,
            Int64(bitPattern: head.rolling), keepsSalt ? placed.salt : nil, placed.bytes,
        ])
        return record
    }

    /// The record that a change set belongs to, made when it is the first that is known of it. Nil in the charter, and
    /// for an envelope that this version cannot read: it is kept and relayed all the same.
    private func recordRow(for placed: PlacedChangeSet) throws -> Int64? {
        let place = placed.place
        guard place.feed != .charter, let changeSet = try? ChangeSet(bytes: placed.bytes, sequence: place.sequence)
        else { return nil }
        switch changeSet.record {
        case .created: return try recordRow(place)
        case .back(let distance):
            return try recordRow(
                Place(author: place.author, feed: place.feed, sequence: place.sequence - distance))
        case .foreign(let author, let sequence):
            return try recordRow(Place(author: author, feed: place.feed, sequence: sequence))
        }
    }

    /// The row of the record that was created there, made if nobody has named it before.
    func recordRow(_ creation: Place) throws -> Int64 {
        if let found = try record(created: creation) { return found }
        let insert = try db.cachedStatement(sql: "INSERT INTO record (author, feed, sequence) VALUES (?, ?, ?)")
        try insert.execute(arguments: [
            try authorRow(creation.author).id, creation.feed.rawValue, Int64(creation.sequence),
        ])
        return db.lastInsertedRowID
    }

    /// The row of the record that was created there.
    package func record(created creation: Place) throws -> Int64? {
        guard let author = try knownAuthor(creation.author) else { return nil }
        let find = try db.cachedStatement(
            sql: "SELECT id FROM record WHERE author = ? AND feed = ? AND sequence = ?")
        return try Int64.fetchOne(
            find, arguments: [author.id, creation.feed.rawValue, Int64(creation.sequence)])
    }

    /// Where a record was created.
    package func creation(of record: Int64) throws -> Place {
        let find = try db.cachedStatement(sql: "SELECT author, feed, sequence FROM record WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [record]), let feed = Feed(rawValue: UInt8(row[1] as Int))
        else { throw ReplicaError.damaged("record \(record)") }
        return Place(
            author: try author(id: row[0]).name, feed: feed, sequence: UInt64(row[2] as Int64))
    }

    /// The held change sets of a run, in order.
    func placed(inRun run: Int64) throws -> [PlacedChangeSet] {
        let rows = try db.cachedStatement(
            sql: """
                SELECT run.author, run.feed, run.first, run.seed, journal.offset, journal.salt, journal.bytes
                FROM run JOIN journal ON journal.run = run.id WHERE run.id = ? ORDER BY journal.offset
                """)
        return try Row.fetchAll(rows, arguments: [run]).map { row in
            try placed(
                author: row[0], feed: row[1], first: row[2], seed: row[3], offset: row[4], salt: row[5], bytes: row[6])
        }
    }

    func placed(
        author: Int64, feed: Int, first: Int64, seed: Data?, offset: Int, salt: Data?, bytes: Data
    ) throws -> PlacedChangeSet {
        guard let feed = Feed(rawValue: UInt8(feed)) else { throw ReplicaError.damaged("feed \(feed)") }
        let place = Place(
            author: try self.author(id: author).name, feed: feed, sequence: UInt64(first) + UInt64(offset))
        guard let salt = salt ?? seed.flatMap({ Seed($0) })?.salt(sequence: place.sequence) else {
            throw ReplicaError.damaged("salt of \(place)")
        }
        return PlacedChangeSet(place: place, salt: salt, bytes: bytes, network: network)
    }

    /// A sealed run with what is held of it; nil while it is open.
    func sealedRun(_ id: Int64) throws -> SealedRun? {
        let find = try db.cachedStatement(
            sql: "SELECT author, feed, first, count, seal, signature, previous, pin_digest, seed FROM run WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [id]), let signature: Data = row[5] else { return nil }
        let present = try placed(inRun: id)
        var pruned: [MerkleTree.Node: Digest32] = [:]
        for hash in try Row.fetchAll(db, sql: "SELECT start, count, hash FROM run_hash WHERE run = ?", arguments: [id])
        {
            pruned[MerkleTree.Node(start: hash[0], count: hash[1])] = Digest32(hash[2] as Data)
        }
        let count: Int = row[3]
        var tree = MerkleTree(count: count)
        let first = UInt64(row[2] as Int64)
        for (node, hash) in pruned { tree.set(hash, of: node) }
        for changeSet in present { tree.set(changeSet.leaf, at: Int(changeSet.place.sequence - first)) }
        guard let root = tree.root, let previous = Digest32(row[6] as Data), let pin = Bytes16(row[7] as Data),
            let feed = Feed(rawValue: UInt8(row[1] as Int))
        else { throw ReplicaError.damaged("run \(id)") }
        let seal = Seal(
            author: try author(id: row[0]).name, feed: feed, from: first, to: first + UInt64(count - 1), root: root,
            previous: previous, pin: EntryDigest(pin), body: row[4])
        return SealedRun(
            seal: seal, signature: signature, seed: (row[8] as Data?).flatMap { Seed($0) }, present: present,
            pruned: pruned)
    }
}
