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
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT author, feed, through FROM gapless_head ORDER BY author, feed")
        ).map {
            try GaplessHead(author: $0[0], feed: $0[1], through: $0[2])
        }
    }

    /// By feed; 0 where nothing is held.
    package func gaplessHeads(of author: AuthorID) throws -> [UInt64] {
        let row = try authorRow(author).id
        return try Feed.allCases.map { UInt64(clamping: try gaplessRow(of: row, in: $0).through) }
    }

    /// Moves the head over whole sealed runs that now follow on it, and notes the parent's time that the last of them
    /// quotes whose quote is believed.
    func advanceGaplessHead(of author: Int64, in feed: Feed) throws {
        // Which branch of a fork is whole may change with every arrival, so that its head is found from the beginning.
        let held = try gaplessRow(of: author, in: feed)
        let start = try hasFork(author, in: feed) ? (0, 0) : held
        guard let whole = try wholeRuns(of: author, in: feed, behind: start) else { return }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO gapless_head (author, feed, through, quoted) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [author, feed.rawValue, whole.through, whole.quoted])
    }

    /// As the other one, where something came to a place that may lie behind the head: what is there now may quote a
    /// time that is believed, where what had left was not.
    /// - Parameter first: where the run begins.
    func advanceGaplessHead(of author: Int64, in feed: Feed, cameTo first: Int64) throws {
        if try hasStubs, try gaplessRow(of: author, in: feed).through >= first {
            return try findGaplessHead(of: author, in: feed)
        }
        try advanceGaplessHead(of: author, in: feed)
    }

    /// From the beginning of the journal.
    func findGaplessHead(of author: Int64, in feed: Feed) throws {
        try db.cachedStatement(sql: "DELETE FROM gapless_head WHERE author = ? AND feed = ?").execute(arguments: [
            author, feed.rawValue,
        ])
        try advanceGaplessHead(of: author, in: feed)
    }

    /// How far whole sealed runs follow on a sequence, those of retired cases too, and the parent's time that the last
    /// of them quotes whose quote is believed; nil where none does.
    /// - Throws: `ReplicaError.damagedRun`.
    func wholeRuns(
        of author: Int64, in feed: Feed, behind start: (through: Int64, quoted: Int64)
    ) throws -> (through: Int64, quoted: Int64)? {
        var (through, quoted) = start.through == 0 ? (0, 0) : start
        while let run = try wholeRun(of: author, in: feed, from: through + 1) {
            through += run.count
            quoted = run.quoted ?? quoted
        }
        return through > start.through ? (through, quoted) : nil
    }

    func advanceAllGaplessHeads() throws {
        let find = """
            SELECT run.author, feed FROM run JOIN author ON author.id = run.author
            UNION SELECT author, \(Feed.casework.rawValue) FROM retired ORDER BY 1, 2
            """
        for row in try Row.fetchAll(db.cachedStatement(sql: find)) {
            // A run whose place cannot be read is damaged, and found as such.
            guard let feed = try? row.feed(1), let author: Int64 = try? row[0] else { continue }
            try advanceGaplessHead(of: author, in: feed)
        }
    }

    private func gaplessRow(of author: Int64, in feed: Feed) throws -> (through: Int64, quoted: Int64) {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT through, quoted FROM gapless_head WHERE author = ? AND feed = ?"),
            arguments: [author, feed.rawValue]
        ).map { (try $0[0], try $0[1]) } ?? (0, 0)
    }
}
