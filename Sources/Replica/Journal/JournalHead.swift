import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A point in the order of arrival: how far a peer has got. The rolling digest tells whether both mean the same rows.
package struct JournalCursor: Hashable, Sendable {
    package var position: Int64
    /// How far inside a widening at the next position: the last one that was sent of what it owes.
    package var offset: Int64
    /// First 8 bytes of the rolling digest up to `position`.
    package var rolling: UInt64

    /// Before the first row.
    package static let start = JournalCursor(position: 0, offset: 0, rolling: 0)

    package init(position: Int64, offset: Int64, rolling: UInt64) {
        self.position = position
        self.offset = offset
        self.rolling = rolling
    }
}

extension Transaction {
    /// The last row of the order of arrival.
    package func journalHead() throws -> JournalCursor { try journalHead(before: .max) }

    /// The last row before what this node has written and not sealed yet: up to there a peer can be brought.
    func sealedHead() throws -> JournalCursor {
        let find = """
            SELECT min(position) FROM run JOIN journal ON journal.run = run.id
            WHERE run.author = (SELECT author FROM node) AND run.signature IS NULL
            """
        return try journalHead(before: try Int64.fetchOne(db.cachedStatement(sql: find)) ?? .max)
    }

    /// The last row before a position.
    func journalHead(before end: Int64) throws -> JournalCursor {
        let find = try db.cachedStatement(
            sql: """
                SELECT position, rolling FROM (
                    SELECT * FROM (
                        SELECT position, rolling FROM journal WHERE position < ?1 ORDER BY position DESC LIMIT 1)
                    UNION ALL
                    SELECT * FROM (
                        SELECT position, rolling FROM widening WHERE position < ?1 ORDER BY position DESC LIMIT 1)
                    UNION ALL
                    SELECT * FROM (
                        SELECT position, rolling FROM vacated WHERE position < ?1 ORDER BY position DESC LIMIT 1)
                ) ORDER BY position DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(find, arguments: [end]) else { return .start }
        // One that cannot be read holds nothing up, and is not recognized afterwards.
        let rolling = (try? row[1] as Int64) ?? 0
        return JournalCursor(position: try row[0], offset: 0, rolling: UInt64(bitPattern: rolling))
    }

    /// SQL that tells a digest from what the disk may have made of its cell.
    static let hasDigest = "typeof(rolling) = 'integer'"

    /// The rolling digest at a position; nil when there is no such row, or no number in its cell.
    func rolling(at position: Int64) throws -> UInt64? {
        if position == 0 { return 0 }
        let find = try db.cachedStatement(
            sql: """
                SELECT rolling FROM journal WHERE position = ?1 AND \(Self.hasDigest)
                UNION ALL SELECT rolling FROM widening WHERE position = ?1 AND \(Self.hasDigest)
                UNION ALL SELECT rolling FROM vacated WHERE position = ?1 AND \(Self.hasDigest)
                """)
        return try Int64.fetchOne(find, arguments: [position]).map(UInt64.init(bitPattern:))
    }

    /// Whether a cursor that was given out under this database's incarnation names rows that it does not have, or has
    /// otherwise: then this database is an older copy of itself. Programs before the table `vacated` left gaps.
    package func isRolledBack(behind cursor: JournalCursor) throws -> Bool {
        // One without a digest was given while the disk had lost it, and may have it again by now.
        if let held = try rolling(at: cursor.position) { return cursor.rolling != 0 && held != cursor.rolling }
        return try cursor.position > journalHead().position
    }

    /// Takes a row out of the journal, whose place nothing else takes: who stands there is still recognized. Where its
    /// digest cannot be read there is nothing to recognize, nor to hold against what comes behind it.
    func vacate(_ position: Int64) throws {
        let keep = try db.cachedStatement(
            sql: """
                INSERT INTO vacated (position, rolling)
                SELECT position, rolling FROM journal WHERE position = ? AND \(Self.hasDigest)
                """)
        try keep.execute(arguments: [position])
        for table in ["case_status", "journal"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) WHERE position = ?").execute(arguments: [position])
        }
    }

    /// Whether a cursor names a row of this very journal.
    package func recognizes(_ cursor: JournalCursor) throws -> Bool {
        try rolling(at: cursor.position) == cursor.rolling
    }
}

extension JournalCursor {
    /// The cursor one row further, whose content has this digest.
    func next(_ content: Digest32) -> JournalCursor {
        JournalCursor(position: position + 1, offset: 0, rolling: content.rolling(behind: rolling))
    }
}
