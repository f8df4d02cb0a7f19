import ChangeSet
import Foundation
import GRDB
import ServiceModel

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
    }

    package let rows: [Row]
    /// Of what counts.
    package let leaves: Set<Digest32>
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
        (rows, widenings, forks, waitingForEntry) = try queue.read { db in
            let rows = try Row.read(db, network: network)
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
            return (
                rows, try count("widening"), try count("fork"),
                try count("case_status WHERE status = 'pending.entryUnknown'")
            )
        }
        leaves = Set(rows.filter(\.counts).map(\.leaf))
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
    fileprivate static func read(_ db: Database, network: Digest32) throws -> [HeldJournal.Row] {
        let rows = try GRDB.Row.fetchAll(
            db,
            sql: """
                SELECT position, author.name, run.feed, run.first + journal.offset, salt, run.seed, unpacked.bytes,
                    creator.name, record.sequence, run.signature IS NOT NULL, run.packed, journal.offset,
                    run.signature IS NOT NULL OR run.author = (SELECT author FROM node)
                FROM journal JOIN run ON run.id = journal.run JOIN author ON author.id = run.author
                LEFT JOIN unpacked ON unpacked.run = run.id AND unpacked.offset = journal.offset
                LEFT JOIN record ON record.id = journal.record LEFT JOIN author AS creator ON creator.id = record.author
                ORDER BY position
                """)
        var runs: [Data: [Int: Data]] = [:]
        return try rows.compactMap { row in
            guard let author = Bytes16(row[1] as Data), let feed = Feed(rawValue: UInt8(row[2] as Int)) else {
                return nil
            }
            let place = Place(author: AuthorID(author), feed: feed, sequence: UInt64(row[3] as Int64))
            let seed: Data? = row[5]
            guard let salt = row[4] as Data? ?? seed.flatMap({ Seed($0) })?.salt(sequence: place.sequence) else {
                return nil
            }
            var bytes: Data? = row[6]
            if let packed: Data = row[10] {
                if runs[packed] == nil { runs[packed] = try unpack(packed) }
                bytes = runs[packed]?[row[11]]
            }
            guard let bytes else { return nil }
            let creator: Data? = row[7]
            let record = creator.flatMap { Bytes16($0) }.map {
                Place(author: AuthorID($0), feed: feed, sequence: UInt64(row[8] as Int64))
            }
            return HeldJournal.Row(
                position: row[0], place: place,
                leaf: Digest32(leafOf: bytes, at: place, salt: salt, network: network), record: record,
                isSealed: row[9], counts: row[12])
        }
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
        try HeldJournal(file: directory(name).replica, network: self[root].genesis.id)
    }
}
