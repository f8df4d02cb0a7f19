import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Which quoted times of a parent's clock the frontier goes by (RULES, "Frontier"). A time that this node's clock had
/// not reached when it came is not believed later either: when the clock gets there, what was booked meanwhile may not
/// be here.
package struct QuoteBelief {
    /// How far ahead of this node's clock a quoted time is believed, in seconds.
    static let tolerance: Int64 = 3600
    /// How long before the founding of the network one is, for clocks that were behind the founder's.
    private static let slack: Int64 = 86_400

    private let earliest: Int64

    init(_ genesis: SignedGenesis) { earliest = genesis.founded > Self.slack ? genesis.founded - Self.slack : 1 }

    /// Whether a clock can have shown that at all: one that woke in 1970 quotes nothing.
    func isPlausible(_ time: Int64) -> Bool { time >= earliest }

    /// Whether this node's clock has not reached it, by more than clocks differ.
    package static func isAhead(_ time: Int64, of now: Int64) -> Bool { time > now + tolerance }
}

extension Schema {
    /// Runs and heartbeats whose quoted time this node's clock had not reached.
    static let doubtedQuotes = """
        CREATE TABLE doubted_quote (
            run INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE
        ) STRICT;
        ALTER TABLE heartbeat ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0 CHECK (doubted IN (0, 1));
        """
}

extension Transaction {
    var quoteBelief: QuoteBelief {
        guard let genesis else { preconditionFailure("a node has its network from the start") }
        return QuoteBelief(genesis)
    }

    /// Doubts for good what is held and quotes a time that this node's clock has not reached: after the clock was found
    /// to be set back, what it had believed until then.
    /// - Parameter now: seconds since 1970.
    package func doubtQuotes(now: Int64) throws {
        let limit = now + QuoteBelief.tolerance
        try db.execute(sql: "UPDATE heartbeat SET doubted = 1 WHERE doubted = 0 AND time > ?", arguments: [limit])
        try db.execute(sql: "UPDATE retired SET quoted = 0 WHERE quoted > ?", arguments: [limit])
        let ahead = try Row.fetchAll(
            db, sql: "SELECT author, feed FROM gapless_head WHERE quoted > ? ORDER BY author, feed", arguments: [limit])
        for row in ahead {
            try doubtRuns(of: row[0], in: row.feed(1), now: now)
        }
    }

    /// Notes that what a run quotes is not believed.
    func doubt(run: Int64) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO doubted_quote (run) VALUES (?)").execute(arguments: [run])
    }

    /// Doubts for good what a node's runs quote that came behind one: it was cut, and a thief may have sealed them.
    /// - Parameter run: as `lastRun` was before they came.
    package func doubtQuotes(of unit: UnitCode, node: UInt32, behind run: Int64) throws {
        let came = try Row.fetchAll(
            db,
            sql: """
                SELECT run.id, run.author, feed FROM run JOIN author ON author.id = run.author
                WHERE run.id > ? AND unit = ? AND enrollment = ? ORDER BY run.id
                """, arguments: [run, unit.text, Int64(node)])
        for row in came { try doubt(run: row[0]) }
        for journal in try Set(came.map { try ForkedJournal(author: $0[1], feed: $0.feed(2)) }) {
            try findGaplessHead(of: journal.author, in: journal.feed)
        }
    }

    /// The last run that came, 0 where none has.
    package func lastRun() throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM run")) ?? 0
    }

    /// The time that a run quotes; nil when it is none that is believed.
    func believedQuote(of run: Int64, seal: Data) throws -> Int64? {
        guard let body = try? WireSealBody(serializedBytes: seal) else { throw noteDamage(ofRun: run) }
        #if PLANTED
            let time = Planted.present == .frontierByAuthorsClock ? body.time : body.ackTime
        #else
            let time = body.ackTime
        #endif
        guard quoteBelief.isPlausible(time) else { return nil }
        let isDoubted = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM doubted_quote WHERE run = ?)"), arguments: [run])
        return isDoubted == true ? nil : time
    }

    /// From the end of a journal back to the first run whose quote this node's clock has reached.
    private func doubtRuns(of author: Int64, in feed: Feed, now: Int64) throws {
        let runs = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, seal FROM run WHERE author = ? AND feed = ? AND signature IS NOT NULL ORDER BY first DESC
                """, arguments: [author, feed.rawValue])
        var ahead: [Int64] = []
        while let row = try runs.next() {
            guard let time = try believedQuote(of: row[0], seal: row[1]) else { continue }
            guard QuoteBelief.isAhead(time, of: now) else { break }
            ahead.append(try row[0])
        }
        for run in ahead { try doubt(run: run) }
        try findGaplessHead(of: author, in: feed)
    }
}
