import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A record that this program could not derive. Its change sets are held and passed on; what was derived of it before
/// stays as it was, but for its audience, where that can be told. It is tried again whenever more of it comes, by
/// another version of the program, and by a rebuild; where the process has ended in it, by the last two.
package struct SetAsideRecord: Hashable, Sendable {
    /// Where it was created, or where a change set stands that is not even read.
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
        let records = try rows.map { row in
            SetAsideRecord(
                creation: try creation(of: row[0]), receipt: try row[5], code: try row[1],
                words: Words(try row[2], try row[3]), program: try row[4])
        }
        // What is not even read belongs to no record.
        let unread = try unreadPlaces().prefix(limit - records.count).map { place in
            let error = ReplicaError.trapped(place)
            return SetAsideRecord(
                creation: place, receipt: nil, code: error.code, words: error.words, program: program)
        }
        return records + unread
    }

    package func countOfSetAsideRecords() throws -> Int {
        let records = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM set_aside")) ?? 0
        return try records + unreadPlaces().count
    }

    /// The rows of all of them, and whether the audience of each is what its change sets give; read once in a
    /// transaction.
    private var asideRows: [Int64: Bool] {
        get throws {
            if let asideKnown { return asideKnown }
            let rows = try Row.fetchAll(db, sql: "SELECT record, told FROM set_aside")
            let known = Dictionary(try rows.map { (try $0[0] as Int64, (try? $0[1] as Bool) ?? false) }) { one, _ in one
            }
            asideKnown = known
            return known
        }
    }

    /// Whether it is set aside with the audience that it had before.
    func isUntold(_ record: Int64) throws -> Bool { try asideRows[record] == false }

    /// Does what is derived of one record. When its own content makes that impossible, nothing of it stays but its
    /// audience, the record is set aside, and everything else goes on.
    /// - Parameters:
    ///   - isOwn: it was written here just now, and fails instead.
    ///   - audience: what of `body` relaying waits for; done alone where the whole fails.
    /// - Throws: what the database throws, and anything where it `isOwn`.
    func deriving(_ record: Int64, isOwn: Bool, audience: () throws -> Void, _ body: () throws -> Void) throws {
        let failure = try failure(isOwn: isOwn) {
            // Of what is written here and now the person is told.
            try isOwn ? body() : noting(.deriving, creation(of: record), body)
        }
        if let failure {
            let isTold =
                try self.failure(isOwn: false) { try noting(.deriving, creation(of: record), audience) } == nil
            try setAside(record, for: failure, isTold: isTold)
        } else if try asideRows[record] != nil {
            try db.execute(sql: "DELETE FROM set_aside WHERE record = ?", arguments: [record])
            asideKnown?[record] = nil
        }
    }

    /// - Returns: what in the content was in the way; then nothing of `body` stays.
    private func failure(isOwn: Bool, _ body: () throws -> Void) throws -> (any Error)? {
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
        if failure != nil {
            // What was noted since the savepoint names rows that are gone.
            records = HeldRecords()
            forgetAuthors()
            trapsKnown = nil
        }
        return failure
    }

    /// Whether the record at hand is at fault, and not the disk or the file.
    private static func isOfContent(_ error: any Error) -> Bool {
        switch error {
        case let error as DatabaseError:
            [.SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH].contains(error.resultCode)
        case ReplicaError.damaged, ReplicaError.damagedRun, ReplicaError.damagedOpening, ReplicaError.trapped: true
        case is ReplicaError: false
        default: true
        }
    }

    private func setAside(_ record: Int64, for failure: any Error, isTold: Bool) throws {
        let known = failure as? any CodedError
        let words = known?.words ?? Words("\(failure)", "\(failure)")
        try db.execute(
            sql: """
                INSERT INTO set_aside (record, code, english, chinese, program, position, told)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (record) DO UPDATE SET code = excluded.code, english = excluded.english,
                    chinese = excluded.chinese, program = excluded.program, told = excluded.told
                """,
            arguments: [
                record, known?.code ?? "derive.failed", words[.english], words[.chinese], program,
                try journalHead().position, isTold,
            ])
        asideKnown?[record] = isTold
    }
}
