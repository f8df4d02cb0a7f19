import ChangeSet
import GRDB
import ServiceModel

/// How far each author's journals are held without a gap, which is what an acknowledgement and the frontier may say.
extension Transaction {
    /// By feed; 0 where nothing is held.
    package func gaplessHeads(of author: AuthorID) throws -> [UInt64] {
        let row = try authorRow(author).id
        return try Feed.allCases.map { UInt64(try gaplessHead(of: row, in: $0)) }
    }

    /// Moves the head over whole sealed runs that now follow on it.
    func advanceGaplessHead(of author: Int64, in feed: Feed) throws {
        let start = try gaplessHead(of: author, in: feed)
        var through = start
        let next = try db.cachedStatement(
            sql: """
                SELECT count FROM run WHERE author = ? AND feed = ? AND first = ? AND signature IS NOT NULL
                AND count = (SELECT count(*) FROM journal WHERE journal.run = run.id) LIMIT 1
                """)
        while let count = try Int64.fetchOne(next, arguments: [author, feed.rawValue, through + 1]) { through += count }
        guard through > start else { return }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO gapless_head (author, feed, through) VALUES (?, ?, ?)"
        ).execute(arguments: [author, feed.rawValue, through])
    }

    func advanceAllGaplessHeads() throws {
        for row in try Row.fetchAll(db, sql: "SELECT DISTINCT author, feed FROM run ORDER BY author, feed") {
            guard let feed = Feed(rawValue: UInt8(row[1] as Int)) else { throw ReplicaError.damaged("run.feed") }
            try advanceGaplessHead(of: row[0], in: feed)
        }
    }

    private func gaplessHead(of author: Int64, in feed: Feed) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT through FROM gapless_head WHERE author = ? AND feed = ?"),
            arguments: [author, feed.rawValue]) ?? 0
    }
}
