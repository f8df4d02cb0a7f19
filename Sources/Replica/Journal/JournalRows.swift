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
        func read() throws -> (RecordHistory.Entry?, Int64?, SaidOfCase?) {
            let entry = try self.entry(placed, pin: run.pin, seals: run.seals)
            return (entry, try entry.map { try recordRow(creation(of: $0)) }, entry.flatMap(SaidOfCase.init))
        }
        // What was written here itself fails where a person sees it.
        let (entry, record, said) = try source == nil ? read() : noting(.reading, placed.place, read)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO journal
                    (position, run, offset, feed, record, source, rolling, size, salt, action, actor, day)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
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

    /// The row of the record of what this node wrote there itself. Where a fork gave two cases that number it is the
    /// own one, whichever came first.
    package func record(writtenAt place: Place) throws -> Int64? {
        guard let author = try knownAuthor(place.author) else { return nil }
        let find = try db.cachedStatement(
            sql: """
                SELECT record FROM run JOIN journal ON journal.run = run.id
                WHERE run.author = ?1 AND run.feed = ?2 AND first BETWEEN ?3 - \(Limits.changeSetsPerRun) AND ?3
                AND first + journal.offset = ?3 AND source IS NULL ORDER BY position DESC LIMIT 1
                """)
        return try Int64.fetchOne(find, arguments: [author.id, place.feed.rawValue, Int64(place.sequence)])
    }

    /// Where a record was created.
    package func creation(of record: Int64) throws -> Place { try identity(of: record).creation }

    /// Where a record was created, and whether another one was here first under that number.
    func identity(of record: Int64) throws -> (creation: Place, isTwin: Bool) {
        if let held = records[record] { return (held.creation, held.isTwin) }
        let find = try db.cachedStatement(sql: "SELECT author, feed, sequence, twin > 0 FROM record WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [record]) else {
            throw ReplicaError.damaged("record \(record)")
        }
        let creation = Place(author: try author(id: row[0]).name, feed: try row.feed(1), sequence: try row.count(2))
        return (creation, try row[3])
    }

    /// What `placed` reads of a journal row that is joined with its run.
    static let placeColumns = """
        run.id, run.author, run.feed, run.first, run.seed, run.size, run.packed IS NULL, journal.offset, journal.salt,
        journal.position, journal.rolling
        """

    /// A change set from a row that begins with `placeColumns`: what its author sealed, or what this node wrote.
    /// - Throws: `ReplicaError.damagedRun`, `.damagedOpening`.
    func placed(_ row: Row) throws -> PlacedChangeSet {
        let run: Int64 = try row[0]
        guard try row[6] as Bool else { return try packed(row[7], inRun: run, size: row[5]) }
        do { return try unpacked(row) } catch ReplicaError.damaged { throw noteDamage(ofRun: run) }
    }

    private func unpacked(_ row: Row) throws -> PlacedChangeSet {
        let find = try db.cachedStatement(sql: "SELECT bytes FROM unpacked WHERE run = ? AND offset = ?")
        let offset: Int64 = try row[7]
        guard (0..<Int64(Limits.changeSetsPerRun)).contains(offset), Limits.firstOfRun.contains(try row.count(3)) else {
            throw ReplicaError.damaged("journal.offset")
        }
        guard let bytes = try Data.fetchOne(find, arguments: [try row[0] as Int64, offset]) else {
            throw ReplicaError.damaged("unpacked.bytes")
        }
        let place = Place(
            author: try author(id: row[1]).name, feed: try row.feed(2),
            sequence: try row.count(3) &+ UInt64(truncatingIfNeeded: offset))
        let own: Data? = try row[8]
        let seed = try (row[4] as Data?).flatMap(Seed.init)
        guard let salt = own ?? seed?.salt(sequence: place.sequence) else { throw ReplicaError.damaged("journal.salt") }
        let placed = PlacedChangeSet(place: place, salt: salt, bytes: bytes, network: network)
        guard try stands(placed.leaf, at: row[9], rolling: row[10]) else {
            throw ReplicaError.damaged("unpacked.bytes")
        }
        return placed
    }
}
