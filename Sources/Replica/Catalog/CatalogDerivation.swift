import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Folds a published record again and writes what it comes to.
    func deriveCatalog(_ row: Int64) throws {
        let record = try catalogRecord(row)
        let before = try catalogTerms(of: row)
        var after: [String] = []
        if let line = record?.item {
            let item = try CatalogItemRow(line, record: row, tiers: genesis?.tiers ?? [])
            try item.write(db)
            after = item.terms
        } else {
            try db.cachedStatement(sql: "DELETE FROM catalog_item WHERE record = ?").execute(arguments: [row])
        }
        try SearchIndex.catalog.replace(before, by: after, of: row, in: db)
        if let line = record?.override {
            try write(line, of: row)
        } else {
            try db.cachedStatement(sql: "DELETE FROM catalog_override WHERE record = ?").execute(arguments: [row])
        }
    }

    /// An act counts once the entry that it pins is known; nothing that becomes known later changes that.
    func deriveCatalog(waitingSince known: Charter) throws {
        let pins = try Data.fetchAll(db, sql: "SELECT DISTINCT pin_digest FROM run WHERE feed = 3 ORDER BY pin_digest")
        for pin in pins {
            guard let digest = Bytes16(pin).map(EntryDigest.init), !known.contains(digest), charter.contains(digest)
            else { continue }
            let records = try Int64.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT record FROM journal JOIN run ON run.id = journal.run
                    WHERE run.feed = 3 AND pin_digest = ? AND record IS NOT NULL ORDER BY record
                    """, arguments: [pin])
            for record in records { try derive(record) }
        }
    }

    /// The terms by which the stored row is found; none where there is no row, or where the disk has changed it: then a
    /// rebuild makes the index again.
    func catalogTerms(of record: Int64) throws -> [String] {
        let find = try db.cachedStatement(
            sql: "SELECT name, department, code, aliases, tags, life_events FROM catalog_item WHERE record = ?")
        guard let row = try Row.fetchOne(find, arguments: [record]) else { return [] }
        do {
            var texts: [String] = try [row[0], row[1], row[2]]
            for column in 3...5 { texts += try JSONText.strings(row[column]) }
            return SearchText.terms(of: texts)
        } catch ReplicaError.damaged {
            return []
        }
    }

    private func write(_ line: OverrideLine, of record: Int64) throws {
        // An item that has not come yet has its row from the first that names it.
        let item = try recordRow(Place(line.item))
        let place = line.current.place
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO catalog_override (record, item, unit, window, phone, hours, promised,
                    retired_from, retired_reason, without_effect)
                VALUES (?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record, item, line.owner.text, place.window, place.phone, place.hours, line.current.promised?.text,
            line.retirement?.from, line.retirement?.reason, line.voids.count,
        ])
    }
}
