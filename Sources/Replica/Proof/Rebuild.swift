import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What a rebuild of one derived table found.
package struct RebuiltTable: Hashable, Sendable {
    package let name: String
    package let rows: Int
    /// Digests of its content before and after.
    package let before: Digest32
    package let after: Digest32

    package var isSame: Bool { before == after }
}

extension Replica {
    /// Throws the derived tables away and makes them again from the journal.
    /// - Parameter keeping: false only compares: the tables stay as they were found.
    package func rebuild(keeping: Bool) throws -> [RebuiltTable] {
        struct Undo: Error {
            let tables: [RebuiltTable]
        }
        do {
            return try write { transaction in
                let tables = try transaction.rebuild()
                guard keeping else { throw Undo(tables: tables) }
                return tables
            }
        } catch let undo as Undo {
            return undo.tables
        }
    }
}

extension Transaction {
    /// Throws the derived tables away and makes them again from the journal.
    @discardableResult
    func rebuild() throws -> [RebuiltTable] {
        let names = ["journal"] + Schema.derivedTables + SearchIndex.allCases.map(\.rawValue)
        let before = try contents
        for index in SearchIndex.allCases { try index.removeAll(db) }
        for table in Schema.derivedTables { try db.execute(sql: "DELETE FROM \(table)") }
        try repeatBytes()
        try advanceAllGaplessHeads()
        try writeUnits()
        for record in try Int64.fetchAll(db, sql: "SELECT id FROM record ORDER BY id") {
            try derive(record, arrivedBehind: 0)
        }
        let after = try contents
        return zip(names, zip(before, after)).map { name, both in
            let (before, after) = both
            return RebuiltTable(name: name, rows: after.rows, before: before.digest, after: after.digest)
        }
    }

    /// What the rows of the journal repeat of their change sets' bytes, written again from those.
    private func repeatBytes() throws {
        records = HeldRecords()
        var done: Int64 = 0
        while true {
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(Self.placeColumns), run.pin_digest, position
                        FROM journal JOIN run ON run.id = journal.run
                        WHERE position > ? ORDER BY position LIMIT \(Self.rowsPerScan)
                        """), arguments: [done])
            guard let last = rows.last else { break }
            for row in rows { try repeatBytes(row) }
            done = last[10]
        }
        records = HeldRecords()
        try separateAllTwins()
    }

    private func repeatBytes(_ row: Row) throws {
        guard let pin = Bytes16(row[9] as Data) else { throw ReplicaError.damaged("run.pin_digest") }
        let placed = try placed(row)
        let entry =
            placed.place.feed == .charter ? nil : try? RecordHistory.Entry(placed, pin: EntryDigest(pin), run: nil)
        let said = entry.flatMap(SaidOfCase.init)
        try db.cachedStatement(
            sql: "UPDATE journal SET record = ?, size = ?, action = ?, actor = ?, day = ? WHERE position = ?"
        ).execute(arguments: [
            try entry.map { try recordRow(creation(of: $0)) }, placed.bytes.count, said?.action, said?.actor,
            said?.day, row[10] as Int64,
        ])
    }

    private var contents: [(rows: Int, digest: Digest32)] {
        get throws {
            let journal = try content(of: "journal", columns: ["position", "record", "size", "action", "actor", "day"])
            return try [journal] + Schema.derivedTables.map { try content(of: $0) } + SearchIndex.allCases.map(content)
        }
    }

    /// Every cell of a table, in the order of its key.
    private func content(of table: String, columns: [String]? = nil) throws -> (rows: Int, digest: Digest32) {
        let columns = try columns ?? db.columns(in: table).map(\.name)
        let key = try db.primaryKey(table).columns.joined(separator: ", ")
        let cells = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ',' || ")
        var rows = 0
        var digest = Digest32(hashing: Data(table.utf8))
        let cursor = try String.fetchCursor(db, sql: "SELECT \(cells) FROM \(table) ORDER BY \(key)")
        while let row = try cursor.next() {
            rows += 1
            digest = Digest32(hashing: digest.data, Data(row.utf8))
        }
        return (rows, digest)
    }

    /// Every term of an index with every record that has it. What cannot be read is no content at all.
    private func content(of index: SearchIndex) throws -> (rows: Int, digest: Digest32) {
        var rows = 0
        var digest = Digest32(hashing: Data(index.rawValue.utf8))
        do {
            let cursor = try String.fetchCursor(
                db, sql: "SELECT quote(term) || doc FROM \(index.rawValue)_term ORDER BY term, doc")
            while let row = try cursor.next() {
                rows += 1
                digest = Digest32(hashing: digest.data, Data(row.utf8))
            }
            return (rows, digest)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return (0, Digest32(hashing: Data("damaged".utf8)))
        }
    }
}
