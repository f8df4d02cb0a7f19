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
    /// By what it had, something may have been kept from whom it concerns.
    var misled: Bool { Schema.tablesOfAudiences.contains(name) && !isSame }
}

extension Replica {
    /// Throws the derived tables away and makes them again from the journal.
    /// - Parameters:
    ///   - keeping: false only compares: the tables stay as they were found.
    ///   - goOn: of a node that lives: called in the same transaction. What this version has ended in is tried again
    ///     after that; where it ends once more, the tables stand.
    /// - Throws: `ReplicaError`, and what `goOn` throws.
    package func rebuild(keeping: Bool, goOn: ((Transaction) throws -> Void)? = nil) throws -> [RebuiltTable] {
        struct Undo: Error {
            let tables: [RebuiltTable]
        }
        do {
            let tables = try write { transaction in
                if keeping { try transaction.remakeIndexes() }
                let tables = try transaction.rebuild()
                guard keeping else { throw Undo(tables: tables) }
                try goOn?(transaction)
                return tables
            }
            guard goOn != nil else { return tables }
            try write { transaction in
                try transaction.forgetTraps()
                try transaction.takeOver()
            }
            return tables
        } catch let undo as Undo {
            return undo.tables
        }
    }
}

extension Transaction {
    /// Makes every index of the tables again.
    /// - Throws: `ReplicaError`.
    func remakeIndexes() throws {
        do { try db.execute(sql: "REINDEX") } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CONSTRAINT
        {
            // Two rows have one key, which no index can mend.
            throw ReplicaError.unreadable(error.message ?? "REINDEX")
        }
    }

    /// Throws the derived tables away and makes them again from the journal. Of records that are set aside, and still
    /// cannot be derived, what was there stays.
    @discardableResult
    func rebuild() throws -> [RebuiltTable] {
        let names = ["journal", "author"] + Schema.derivedTables + SearchIndex.allCases.map(\.rawValue)
        let before = try contents
        for index in SearchIndex.allCases { try index.removeAll(db) }
        for table in Schema.derivedTables { try empty(table) }
        for record in try Int64.fetchAll(db, sql: "SELECT record FROM set_aside") { try indexAgain(record) }
        try repeatBytes()
        try repeatOpenings()
        try advanceAllGaplessHeads()
        try writeUnits()
        for record in try Int64.fetchAll(db, sql: "SELECT id FROM record ORDER BY id") {
            // Others have been sent past what was told to nobody.
            try derive(record, arrivedBehind: isUntold(record) ? .max : 0)
        }
        let after = try contents
        return zip(names, zip(before, after)).map { name, both in
            let (before, after) = both
            return RebuiltTable(name: name, rows: after.rows, before: before.digest, after: after.digest)
        }
    }

    /// Empties a derived table but for what is set aside.
    /// - Throws: `ReplicaError.unreadable`: the disk has put its rows out of order, so that some are not found.
    private func empty(_ table: String) throws {
        let others =
            Schema.tablesOfRecords.contains(table) ? "WHERE record NOT IN (SELECT record FROM set_aside)" : ""
        try db.execute(sql: "DELETE FROM \(table) \(others)")
        guard try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM \(table) \(others))") == true else {
            throw ReplicaError.unreadable(table)
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
                        SELECT \(Self.placeColumns), run.pin_digest, record
                        FROM journal JOIN run ON run.id = journal.run
                        WHERE position > ? ORDER BY position LIMIT \(Self.rowsPerScan)
                        """), arguments: [done])
            guard let last = rows.last else { break }
            for row in rows { try repeatBytes(row) }
            done = try last[9]
        }
        records = HeldRecords()
        try separateAllTwins()
    }

    /// What the rows of authors repeat of their openings.
    private func repeatOpenings() throws {
        for row in try Int64.fetchAll(db, sql: "SELECT id FROM author WHERE opening IS NOT NULL ORDER BY id") {
            if let opening = try author(id: row).opening { try write(opening, to: row) }
        }
    }

    /// Puts what is derived of a record back into the search indexes.
    private func indexAgain(_ record: Int64) throws {
        try SearchIndex.cases.replace([], by: CaseTerms(db, record: record)?.terms ?? [], of: record, in: db)
        try SearchIndex.catalog.replace([], by: catalogTerms(of: record), of: record, in: db)
    }

    /// Makes the search indexes again from the derived rows.
    func remakeSearch() throws {
        for index in SearchIndex.allCases { try index.removeAll(db) }
        for record in try Int64.fetchAll(db, sql: "SELECT id FROM record ORDER BY id") { try indexAgain(record) }
    }

    /// What a record is found by, as its derived rows have it.
    func searchTerms(of record: Int64) throws -> Data {
        let terms = try (CaseTerms(db, record: record)?.terms ?? []) + catalogTerms(of: record)
        return Data(terms.joined(separator: " ").utf8)
    }

    /// - Parameter row: begins with `placeColumns`, then the digest of the run's pin and the record as it stands there.
    /// - Returns: the record's row.
    @discardableResult
    func repeatBytes(_ row: Row) throws -> Int64? {
        let pin = EntryDigest(try row.bytes16(11))
        let placed = try placed(row)
        let (record, said) = try noting(.reading, placed.place) {
            let entry = try self.entry(placed, pin: pin)
            let record = try entry.map { try recordRow(creation(of: $0), standing: row[12]) }
            return (record, entry.flatMap(SaidOfCase.init))
        }
        try db.cachedStatement(
            sql: "UPDATE journal SET record = ?, size = ?, action = ?, actor = ?, day = ? WHERE position = ?"
        ).execute(arguments: [
            record, placed.bytes.count, said?.action, said?.actor, said?.day, try row[9] as Int64,
        ])
        return record
    }

    /// Of several records with one number the one that stands there: which of them has which row is no matter of bytes,
    /// and what is local to this node names them by it.
    private func recordRow(_ creation: Place, standing: Int64?) throws -> Int64 {
        guard let standing, let author = try knownAuthor(creation.author) else { return try recordRow(creation) }
        let isOne = try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT author = ?2 AND feed = ?3 AND sequence = ?4 FROM record WHERE id = ?1"),
            arguments: [standing, author.id, creation.feed.rawValue, Int64(creation.sequence)])
        return try isOne == true ? standing : recordRow(creation)
    }

    private var contents: [(rows: Int, digest: Digest32)] {
        get throws {
            let journal = try content(of: "journal", columns: ["position", "record", "size", "action", "actor", "day"])
            let author = try content(of: "author", columns: ["id", "unit", "enrollment", "depth", "earlier"])
            let derived = try Schema.derivedTables.map { try content(of: $0) } + SearchIndex.allCases.map(content)
            return [journal, author] + derived
        }
    }

    /// What a table has of one record.
    func content(of table: String, record: Int64) throws -> Digest32 {
        try content(of: table, columns: nil, where: "record = \(record)").digest
    }

    /// Every cell of a table, in the order of its key.
    private func content(
        of table: String, columns: [String]? = nil, where condition: String = "true"
    ) throws -> (rows: Int, digest: Digest32) {
        let columns = try columns ?? Schema.columns(of: table, db)
        let key = try Schema.key(of: table, db).joined(separator: ", ")
        let cells = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ',' || ")
        var rows = 0
        var digest = Digest32(hashing: Data(table.utf8))
        let cursor = try String.fetchCursor(db, sql: "SELECT \(cells) FROM \(table) WHERE \(condition) ORDER BY \(key)")
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
