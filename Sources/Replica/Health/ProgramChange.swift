import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What a program does with a database that another version of it opened last.
extension Transaction {
    /// The version that opened this database last; nil in a new one.
    static func lastProgram(_ db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT version FROM program")
    }

    /// Reads again what the last program could not read, understand or derive. Whoever was sent past a case that comes
    /// to concern a further unit by it is owed it.
    func takeOver() throws {
        try forgetTraps(ofOthers: true)
        var found: [Feed: Set<Int64>] = [:]
        // Whoever was sent past a change set that belonged to no record may have the rest of it.
        var unread: Set<Int64> = []
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT \(Self.placeColumns), run.pin_digest, record FROM journal JOIN run ON run.id = journal.run
                WHERE journal.feed <> 1
                    AND (record IS NULL OR action LIKE 'unknown.%' OR action IS NOT NULL AND day IS NULL)
                ORDER BY position
                """)
        for row in rows {
            // What the disk has damaged is for a scrub.
            guard case .success(let record?) = try attempt({ try repeatBytes(row) }) else { continue }
            found[try row.feed(2), default: []].insert(record)
            if try row[12] as Int64? == nil { unread.insert(record) }
        }
        let waiting = try Row.fetchAll(
            db,
            sql: """
                SELECT feed, id FROM record WHERE id IN (
                    SELECT record FROM set_aside
                    UNION SELECT record FROM case_status WHERE status IN (?, ?))
                """, arguments: [PendingReason.notUnderstood.rawValue, VoidReason.unknownKind.rawValue])
        for row in waiting { found[try row.feed(0), default: []].insert(try row[1]) }
        records = HeldRecords()
        let head = try journalHead()
        for (feed, records) in found.sorted(by: { $0.key < $1.key }) {
            try afterArrival(of: records.sorted(), in: feed, behind: head)
        }
        for record in unread.sorted() where try creation(of: record).feed == .casework { try oweAgain(record) }
        try db.execute(
            sql: "INSERT INTO program (id, version) VALUES (1, ?) ON CONFLICT DO UPDATE SET version = excluded.version",
            arguments: [program])
    }
}
