import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A record that this program could not derive. Its change sets are held and passed on; what was derived of it before
/// stays as it was. It is tried again whenever more of it comes, by another version of the program, and by a rebuild.
package struct SetAsideRecord: Hashable, Sendable {
    package let creation: Place
    /// Number on the paper of the case, where one is known.
    package let receipt: String?
    /// Stable code of the reason.
    package let code: String
    package let words: Words
    /// Version of the program that could not.
    package let program: String

    package init(
        creation: Place, receipt: String?, code: String, words: Words, program: String
    ) {
        self.creation = creation
        self.receipt = receipt
        self.code = code
        self.words = words
        self.program = program
    }
}

extension Transaction {
    /// The oldest first.
    /// - Throws: `ReplicaError.damaged`.
    package func setAsideRecords(limit: Int = 100) throws -> [SetAsideRecord] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT record, code, english, chinese, program, receipt FROM set_aside
                LEFT JOIN service_case USING (record) ORDER BY position, record LIMIT ?
                """, arguments: [limit])
        return try rows.map { row in
            SetAsideRecord(
                creation: try creation(of: row[0]), receipt: try row[5], code: try row[1],
                words: Words(try row[2], try row[3]), program: try row[4])
        }
    }

    package func countOfSetAsideRecords() throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM set_aside")) ?? 0
    }

    /// The rows of all of them, read once in a transaction.
    private var asideRows: Set<Int64> {
        get throws {
            if let asideKnown { return asideKnown }
            let rows = try Int64.fetchSet(db, sql: "SELECT record FROM set_aside")
            asideKnown = rows
            return rows
        }
    }

    func isSetAside(_ record: Int64) throws -> Bool { try asideRows.contains(record) }

    /// Does what is derived of one record. When its own content makes that impossible, nothing of it stays, the record
    /// is set aside, and everything else goes on.
    /// - Parameter isOwn: it was written here just now, and fails instead.
    /// - Throws: what the database throws, and anything where it `isOwn`.
    func deriving(_ record: Int64, isOwn: Bool, _ body: () throws -> Void) throws {
        var failure: (any Error)?
        try db.inSavepoint {
            do {
                try body()
                return .commit
            } catch  where !isOwn && Self.isOfContent(error) {
                failure = error
                return .rollback
            }
        }
        if let failure {
            // What was noted since the savepoint names rows that are gone.
            records = HeldRecords()
            forgetAuthors()
            try setAside(record, for: failure)
        } else if try asideRows.contains(record) {
            try db.execute(sql: "DELETE FROM set_aside WHERE record = ?", arguments: [record])
            asideKnown?.remove(record)
        }
    }

    /// Whether the record at hand is at fault, and not the disk or the file.
    private static func isOfContent(_ error: any Error) -> Bool {
        switch error {
        case let error as DatabaseError:
            [.SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH].contains(error.resultCode)
        case ReplicaError.damaged, ReplicaError.damagedRun, ReplicaError.damagedOpening: true
        case is ReplicaError: false
        default: true
        }
    }

    private func setAside(_ record: Int64, for failure: any Error) throws {
        let known = failure as? any CodedError
        let words = known?.words ?? Words("\(failure)", "\(failure)")
        try db.execute(
            sql: """
                INSERT INTO set_aside (record, code, english, chinese, program, position) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (record) DO UPDATE SET code = excluded.code, english = excluded.english,
                    chinese = excluded.chinese, program = excluded.program
                """,
            arguments: [
                record, known?.code ?? "derive.failed", words[.english], words[.chinese], program,
                try journalHead().position,
            ])
        asideKnown?.insert(record)
    }
}
