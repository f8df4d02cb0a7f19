import ChangeSet
import Foundation
import GRDB
import ServiceModel
import SyncNode

/// A journal as it lies in a database file, read with SQL and nothing of the system's own reading.
package struct HeldJournal {
    package struct Row {
        package let position: Int64
        package let place: Place
        package let leaf: Digest32
        /// Where its record was created; nil in the charter and for an envelope that could not be read.
        package let record: Place?
        package let isSealed: Bool
        /// It is sealed or will be; an earlier incarnation's that is neither is only kept.
        package let counts: Bool
        let bytes: Data
        let pin: EntryDigest
        /// Digest of its run's seal and of the one before; nil while the run is open.
        let seal: Data?
        let previousSeal: Data?
        /// The row of its record, and that of the peer which brought it.
        let recordRow: Int64?
        let source: Int64?
    }

    package internal(set) var rows: [Row]
    /// Which seal goes on after which, by digest: also of runs of which nothing else is held.
    var seals: [Data: Data]
    /// Bodies that lie in the file and are in no row of the journal.
    var strays: [String]
    /// Of what counts.
    package var leaves: Set<Digest32> { Set(rows.filter(\.counts).map(\.leaf)) }
    /// How many of some things the file holds, for the tally.
    package let widenings: Int
    package let forks: Int
    package let waitingForEntry: Int

    /// - Parameter network: the network's id.
    package init(file: URL, network: Digest32) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        defer { try? queue.close() }
        self = try queue.read { try HeldJournal($0, network: network) }
    }

    init(_ db: Database, network: Digest32) throws {
        (rows, strays) = try Row.read(db, network: network)
        let runs = try GRDB.Row.fetchAll(db, sql: "SELECT digest, previous FROM run WHERE digest IS NOT NULL")
        seals = runs.reduce(into: [:]) { $0[$1[0]] = $1[1] as Data }
        func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
        widenings = try count("widening")
        forks = try count("fork")
        waitingForEntry = try count("case_status WHERE status = 'pending.entryUnknown'")
    }

    /// How many rows of a file count, without what they say.
    static func countOfRows(in file: URL) throws -> Int {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        defer { try? queue.close() }
        let sql = """
            SELECT count(*) FROM journal JOIN run ON run.id = journal.run
            WHERE run.signature IS NOT NULL OR run.author = (SELECT author FROM node)
            """
        return try queue.read { try Int.fetchOne($0, sql: sql) ?? 0 }
    }

    /// What SQLite itself finds wrong with the file.
    package static func damage(in file: URL) throws -> [String] {
        let queue = try DatabaseQueue(path: file.path)
        defer { try? queue.close() }
        return try queue.read { db in
            let pages = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let keys = try GRDB.Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { "foreign key \($0)" }
            return pages + keys
        }
    }

    /// How far a file says that it has taken in what a peer sends, by feed.
    package static func received(
        in file: URL, from unit: UnitCode, node: UInt32, incarnation: UInt64
    ) throws -> [Feed: Int64] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { db in
            var out: [Feed: Int64] = [:]
            let rows = try GRDB.Row.fetchAll(
                db,
                sql: """
                    SELECT feed, received_position FROM peer_cursor JOIN peer ON peer.id = peer
                    WHERE unit = ? AND node = ? AND incarnation = ?
                    """, arguments: [unit.text, Int64(node), Int64(bitPattern: incarnation)])
            for row in rows {
                if let feed = Feed(rawValue: UInt8(row[0] as Int)) { out[feed] = row[1] }
            }
            return out
        }
    }
}

extension HeldJournal.Row {
    /// The rows, and what bodies beside them lie in the file.
    fileprivate static func read(
        _ db: Database, network: Digest32
    ) throws -> (rows: [HeldJournal.Row], strays: [String]) {
        let rows = try GRDB.Row.fetchAll(
            db,
            sql: """
                SELECT position, author.name, run.feed, run.first + journal.offset, salt, run.seed, creator.name,
                    record.sequence, run.signature IS NOT NULL, run.id, journal.offset,
                    run.signature IS NOT NULL OR run.author = (SELECT author FROM node), run.pin_digest, run.digest,
                    run.previous, record.id, source
                FROM journal JOIN run ON run.id = journal.run JOIN author ON author.id = run.author
                LEFT JOIN record ON record.id = journal.record LEFT JOIN author AS creator ON creator.id = record.author
                ORDER BY position
                """)
        var bodies: [Int64: [Int: Data]] = [:]
        for row in try GRDB.Row.fetchAll(db, sql: "SELECT id, packed FROM run WHERE packed IS NOT NULL") {
            bodies[row[0]] = try unpack(row[1])
        }
        for row in try GRDB.Row.fetchAll(db, sql: "SELECT run, offset, bytes FROM unpacked") {
            bodies[row[0], default: [:]][row[1]] = row[2] as Data
        }
        let out = rows.compactMap { row -> HeldJournal.Row? in
            guard let bytes = bodies[row[9]]?.removeValue(forKey: row[10]) else { return nil }
            return HeldJournal.Row(row, bytes, network)
        }
        let strays = bodies.flatMap { run, left in left.keys.map { "run \(run), offset \($0)" } }
        return (out, strays.sorted())
    }

    private init?(_ row: GRDB.Row, _ bytes: Data, _ network: Digest32) {
        guard let author = Bytes16(row[1] as Data), let feed = Feed(rawValue: UInt8(row[2] as Int)),
            let pin = Bytes16(row[12] as Data)
        else { return nil }
        let place = Place(author: AuthorID(author), feed: feed, sequence: UInt64(row[3] as Int64))
        let seed: Data? = row[5]
        guard let salt = row[4] as Data? ?? seed.flatMap({ Seed($0) })?.salt(sequence: place.sequence) else {
            return nil
        }
        let creator: Data? = row[6]
        self.init(
            position: row[0], place: place, leaf: Digest32(leafOf: bytes, at: place, salt: salt, network: network),
            record: creator.flatMap { Bytes16($0) }.map {
                Place(author: AuthorID($0), feed: feed, sequence: UInt64(row[7] as Int64))
            }, isSealed: row[8], counts: row[11], bytes: bytes, pin: EntryDigest(pin), seal: row[13],
            previousSeal: row[14], recordRow: row[15], source: row[16])
    }
}

extension HeldJournal.Row {
    /// The change sets of a packed run, by offset: a dictionary's number, then, deflated, offset, length and bytes of
    /// each.
    private static func unpack(_ packed: Data) throws -> [Int: Data] {
        var plain: [UInt8] = []
        try Inflater(dictionary: PresetDictionary.bytes, bound: 1 << 20).read(packed.dropFirst()) { plain += $0 }
        var rest = plain[...]
        func number() -> Int {
            var value = 0, shift = 0
            while let byte = rest.popFirst() {
                value |= Int(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return value
        }
        var out: [Int: Data] = [:]
        while !rest.isEmpty {
            let offset = number(), count = number()
            out[offset] = Data(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return out
    }
}

extension SimulatedNetwork {
    package func journal(of name: String) throws -> HeldJournal {
        try HeldJournal(file: directory(name).replica, network: try node(root).genesis.id)
    }

    /// The one that lies in a backup.
    func journal(in backup: Backup) throws -> HeldJournal {
        try HeldJournal(file: file(of: backup), network: try node(root).genesis.id)
    }

    private func file(of backup: Backup) -> URL {
        backup.folder.appending(path: directory(root).replica.lastPathComponent)
    }

    /// How many more rows a unit's machine counts than one of its backups.
    func countOfRows(missingIn backup: Backup, of name: String) throws -> Int {
        try max(
            0,
            HeldJournal.countOfRows(in: directory(name).replica) - HeldJournal.countOfRows(in: file(of: backup)))
    }
}
