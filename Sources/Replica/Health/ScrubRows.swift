import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What the last scrub that came to its end has found.
package struct ScrubReport: Hashable, Sendable {
    /// Seconds since 1970.
    package let finished: Int64
    /// Runs that were recomputed.
    package let checked: Int
    package let damaged: Int
    /// What SQLite finds wrong with its own file.
    package let structure: String?

    package init(finished: Int64, checked: Int = 0, damaged: Int = 0, structure: String? = nil) {
        self.finished = finished
        self.checked = checked
        self.damaged = damaged
        self.structure = structure
    }
}

extension Transaction {
    /// nil when none was ever finished.
    package func lastScrub() throws -> ScrubReport? {
        let find = """
            SELECT finished, checked, damaged, structure FROM scrub WHERE finished IS NOT NULL ORDER BY id DESC LIMIT 1
            """
        return try Row.fetchOne(db, sql: find).map { row in
            try ScrubReport(finished: row.time(0), checked: row[1], damaged: row[2], structure: row[3])
        }
    }

    /// One that goes on where it was left; nil also where this program does not know where that is.
    package func scrubUnderWay() throws -> Scrub? {
        let find = "SELECT began, phase, after, checked, damaged, structure FROM scrub WHERE finished IS NULL LIMIT 1"
        let scrub = try Row.fetchOne(db, sql: find).map { try Scrub($0) }
        return scrub.flatMap { $0.isFinished ? nil : $0 }
    }

    fileprivate func keep(_ scrub: Scrub, now: Int64) throws {
        try db.execute(sql: "DELETE FROM scrub WHERE finished IS NULL")
        if scrub.isFinished {
            try db.execute(sql: "DELETE FROM scrub")
            try forgetWhatIsBack()
        }
        try db.execute(
            sql: """
                INSERT INTO scrub (began, phase, after, checked, damaged, structure, finished)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, arguments: StatementArguments(scrub.cells + [scrub.isFinished ? now : nil]))
    }
}

extension Replica {
    /// Keeps how far a scrub has got, with what its steps have found; also in a file from which nothing is served any
    /// more.
    /// - Parameter now: seconds since 1970.
    /// - Throws: `ReplicaError`.
    package func keep(_ scrub: Scrub, now: Int64) throws {
        try Self.translating(at: path) {
            try pool.writeWithoutTransaction { db in
                let transaction = Transaction(db: db, memory: ReplicaMemory(), rules: rules)
                try db.inTransaction(.immediate) {
                    try transaction.keep(scrub, now: now)
                    return .commit
                }
            }
        }
    }
}
