import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// How far one journal of an author is held without a gap.
package struct GaplessHead: Hashable, Sendable {
    /// The author's row.
    package let author: Int64
    package let feed: Int
    package let through: Int64
}

/// How far each author's journals are held without a gap, which is what an acknowledgement and the frontier may say.
extension Transaction {
    /// Of all journals.
    package func allGaplessHeads() throws -> [GaplessHead] {
        try Row.fetchAll(db, sql: "SELECT author, feed, through FROM gapless_head ORDER BY author, feed").map {
            GaplessHead(author: $0[0], feed: $0[1], through: $0[2])
        }
    }

    /// By feed; 0 where nothing is held.
    package func gaplessHeads(of author: AuthorID) throws -> [UInt64] {
        let row = try authorRow(author).id
        return try Feed.allCases.map { UInt64(try gaplessRow(of: row, in: $0).through) }
    }

    /// Moves the head over whole sealed runs that now follow on it, and notes the parent's time that the last of them
    /// quotes whose quote is believed.
    func advanceGaplessHead(of author: Int64, in feed: Feed) throws {
        // Which branch of a fork is whole may change with every arrival, so that its head is found from the beginning.
        let held = try gaplessRow(of: author, in: feed)
        let start = try hasFork(author, in: feed) ? 0 : held.through
        var through = start
        var quoted = start == 0 ? 0 : held.quoted
        let next = try db.cachedStatement(
            sql: """
                SELECT id, count, seal FROM run WHERE author = ? AND feed = ? AND first = ? AND signature IS NOT NULL
                AND count = (SELECT count(*) FROM journal WHERE journal.run = run.id) ORDER BY id LIMIT 1
                """)
        while let row = try Row.fetchOne(next, arguments: [author, feed.rawValue, through + 1]) {
            through += row[1] as Int64
            quoted = try believedQuote(of: row[0], seal: row[2]) ?? quoted
        }
        guard through > start else { return }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO gapless_head (author, feed, through, quoted) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [author, feed.rawValue, through, quoted])
    }

    func advanceAllGaplessHeads() throws {
        for row in try Row.fetchAll(db, sql: "SELECT DISTINCT author, feed FROM run ORDER BY author, feed") {
            guard let feed = Feed(rawValue: UInt8(row[1] as Int)) else { throw ReplicaError.damaged("run.feed") }
            try advanceGaplessHead(of: row[0], in: feed)
        }
    }

    private func gaplessRow(of author: Int64, in feed: Feed) throws -> (through: Int64, quoted: Int64) {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT through, quoted FROM gapless_head WHERE author = ? AND feed = ?"),
            arguments: [author, feed.rawValue]
        ).map { ($0[0], $0[1]) } ?? (0, 0)
    }
}
