import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// The run to which a row of the journal belongs.
struct JournalRun {
    let id: Int64
    let pin: EntryDigest
    /// Digest of its seal and of the one before; nil while it is open.
    let seals: (seal: Digest32, previous: Digest32)?
}

/// What a journal row repeats of its change set's bytes, for whoever reads the table; nil outside of casework.
struct SaidOfCase: Hashable {
    let action: String
    let actor: String
    /// Civil days since 1970; nil where the body cannot be read.
    let day: Int32?

    init?(_ entry: RecordHistory.Entry) {
        guard entry.placed.place.feed == .casework else { return nil }
        let kind = entry.changeSet.kind
        action = CaseAction(kind: kind)?.name ?? "unknown.\(kind.rawValue)"
        actor = entry.changeSet.actor
        day = entry.body?.day
    }
}

extension Transaction {
    /// Writes a row for one change set at the next position. Its bytes are kept by its run.
    /// - Returns: its record's row.
    func insert(
        _ placed: PlacedChangeSet, run: JournalRun, offset: Int, keepsSalt: Bool, source: Int64?,
        at head: JournalCursor
    ) throws -> Int64? {
        // An envelope that this version cannot read belongs to no record; it is kept and relayed all the same.
        let entry =
            placed.place.feed == .charter
            ? nil : try? RecordHistory.Entry(placed, pin: run.pin, run: run.seals)
        let record = try entry.map { try recordRow(creation(of: $0)) }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO journal
                    (position, run, offset, feed, record, source, rolling, size, salt, action, actor, day)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let said = entry.flatMap(SaidOfCase.init)
        try statement.execute(arguments: [
            head.position, run.id, offset, placed.place.feed.rawValue, record, source,
            Int64(bitPattern: head.rolling), placed.bytes.count, keepsSalt ? placed.salt : nil,
            said?.action, said?.actor, said?.day,
        ])
        if let entry, let record { records.note(entry, of: record, at: head.position) }
        return record
    }

    /// Where the record of a change set was created.
    func creation(of entry: RecordHistory.Entry) -> Place {
        let place = entry.placed.place
        return switch entry.changeSet.record {
        case .created: place
        case .back(let distance):
            Place(author: place.author, feed: place.feed, sequence: place.sequence - distance)
        case .foreign(let author, let sequence): Place(author: author, feed: place.feed, sequence: sequence)
        }
    }

    /// The row of the record that was created there, made if nobody has named it before.
    func recordRow(_ creation: Place) throws -> Int64 {
        if let found = try record(created: creation) { return found }
        let insert = try db.cachedStatement(sql: "INSERT INTO record (author, feed, sequence) VALUES (?, ?, ?)")
        try insert.execute(arguments: [
            try authorRow(creation.author).id, creation.feed.rawValue, Int64(creation.sequence),
        ])
        let row = db.lastInsertedRowID
        records.keep(HeldRecord(creation: creation, isNew: true), as: row)
        return row
    }

    /// The row of the record that was created there; of those to which a fork gave one number, the one that came first.
    package func record(created creation: Place) throws -> Int64? {
        if let row = records.row(of: creation) { return row }
        guard let author = try knownAuthor(creation.author) else { return nil }
        let find = try db.cachedStatement(
            sql: "SELECT id FROM record WHERE author = ? AND feed = ? AND sequence = ? AND twin = 0")
        return try Int64.fetchOne(
            find, arguments: [author.id, creation.feed.rawValue, Int64(creation.sequence)])
    }

    /// Where a record was created.
    package func creation(of record: Int64) throws -> Place { try identity(of: record).creation }

    /// Where a record was created, and whether another one was here first under that number.
    func identity(of record: Int64) throws -> (creation: Place, isTwin: Bool) {
        if let held = records[record] { return (held.creation, held.isTwin) }
        let find = try db.cachedStatement(sql: "SELECT author, feed, sequence, twin > 0 FROM record WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [record]), let feed = Feed(rawValue: UInt8(row[1] as Int))
        else { throw ReplicaError.damaged("record \(record)") }
        let creation = Place(author: try author(id: row[0]).name, feed: feed, sequence: UInt64(row[2] as Int64))
        return (creation, row[3])
    }

    /// The held change sets of a run, in order.
    func placed(inRun run: Int64) throws -> [PlacedChangeSet] {
        let rows = try db.cachedStatement(
            sql: """
                SELECT \(Self.placeColumns) FROM run JOIN journal ON journal.run = run.id
                WHERE run.id = ? ORDER BY journal.offset
                """)
        var salting: Salting?
        return try Row.fetchAll(rows, arguments: [run]).map { row in
            if salting == nil { salting = (row[4] as Data?).flatMap { Seed($0) }.map(Salting.init) }
            return try placed(row, salting: salting)
        }
    }

    /// What `placed` reads of a journal row that is joined with its run.
    static let placeColumns = """
        run.id, run.author, run.feed, run.first, run.seed, run.size, run.packed IS NULL, journal.offset, journal.salt
        """

    /// A change set from a row that begins with `placeColumns`.
    /// - Parameter salting: of the row's run, where it was made already.
    /// - Throws: `ReplicaError.damaged`.
    func placed(_ row: Row, salting: Salting? = nil) throws -> PlacedChangeSet {
        guard let feed = Feed(rawValue: UInt8(row[2] as Int)) else { throw ReplicaError.damaged("run.feed") }
        let offset: Int = row[7]
        let place = Place(
            author: try author(id: row[1]).name, feed: feed, sequence: UInt64(row[3] as Int64) + UInt64(offset))
        let salting = salting ?? (row[4] as Data?).flatMap { Seed($0) }.map(Salting.init)
        guard let salt = row[8] as Data? ?? salting?.salt(sequence: place.sequence) else {
            throw ReplicaError.damaged("salt of \(place)")
        }
        let bytes = try bytes(ofRun: row[0], size: row[5], isPacked: !(row[6] as Bool), at: offset)
        return PlacedChangeSet(place: place, salt: salt, bytes: bytes, network: network)
    }

    /// The bytes of the change set at an offset of a run.
    private func bytes(ofRun run: Int64, size: Int, isPacked: Bool, at offset: Int) throws -> Data {
        guard isPacked else {
            let find = try db.cachedStatement(sql: "SELECT bytes FROM unpacked WHERE run = ? AND offset = ?")
            guard let bytes = try Data.fetchOne(find, arguments: [run, offset]) else {
                throw ReplicaError.damaged("run \(run)")
            }
            return bytes
        }
        guard let bytes = try packed(run, size: size).changeSets[offset] else {
            throw ReplicaError.damaged("run \(run)")
        }
        return bytes
    }

    private func packed(_ run: Int64, size: Int) throws -> PackedRun {
        if let held = memory.runs.run(run, size: size) { return held }
        let find = try db.cachedStatement(sql: "SELECT packed FROM run WHERE id = ?")
        guard let data = try Data.fetchOne(find, arguments: [run]) else { throw ReplicaError.damaged("run \(run)") }
        let packed = try PackedRun(data)
        memory.runs.keep(packed, of: run)
        return packed
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
