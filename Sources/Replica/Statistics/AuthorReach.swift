import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// How far one author's journals are applied here, and what time of its parent's they quote there.
struct AuthorReach: Hashable, Sendable {
    let row: Int64
    let author: Author
    /// The author that its opening closes.
    let earlier: Int64?
    /// By feed: how far its journals are held without a gap.
    let heads: [Int64]
    /// The last time that its casework quotes, or a heartbeat behind that, but none that this node's clock has not
    /// reached; nil when neither quotes one that can be believed.
    let time: Int64?

    /// - Parameter quoted: the last time that is believed; 0 where there is none.
    init(row: Int64, author: Author, earlier: Int64?, heads: [Int64], quoted: Int64, now: Int64) {
        self.row = row
        self.author = author
        self.earlier = earlier
        self.heads = heads
        time = quoted > 0 && !QuoteBelief.isAhead(quoted, of: now) ? min(quoted, now) : nil
    }
}

extension Transaction {
    /// Of every author whose opening is known.
    func authorReaches(now: Int64) throws -> [AuthorReach] {
        var heads: [Int64: [(feed: Int, through: Int64, quoted: Int64)]] = [:]
        for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT author, feed, through, quoted FROM gapless_head")) {
            try heads[row[0], default: []].append((row[1], row[2], row[3]))
        }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT author.id, author.name, author.unit, enrollment, depth, earlier, heartbeat.message
                    FROM author
                    LEFT JOIN heartbeat ON heartbeat.author = author.id AND NOT doubted AND NOT time > ?
                    WHERE author.unit IS NOT NULL ORDER BY author.id
                    """), arguments: [now + QuoteBelief.tolerance])
        let belief = quoteBelief
        return try rows.map { row in
            let author: Int64 = try row[0]
            guard let unit = UnitCode(try row[2]) else { throw ReplicaError.damaged("author \(author)") }
            let held = heads[author] ?? []
            let through = Feed.allCases.map { feed in held.first { $0.feed == Int(feed.rawValue) }?.through ?? 0 }
            let message: Data? = try row[6]
            let heartbeat = try message.flatMap(SignedHeartbeat.init(stored:)).flatMap {
                try belief.isPlausible($0.quoted.time) && isLatest($0, of: author, heldThrough: through) ? $0 : nil
            }
            let sealed = held.first { $0.feed == Int(Feed.casework.rawValue) }?.quoted ?? 0
            return AuthorReach(
                row: author,
                author: Author(
                    id: AuthorID(try row.bytes16(1)), unit: unit,
                    enrollment: UInt32(truncatingIfNeeded: try row[3] as Int64),
                    depth: UInt32(truncatingIfNeeded: try row[4] as Int64)),
                earlier: try row[5], heads: through, quoted: heartbeat?.quoted.time ?? sealed, now: now)
        }
    }

    /// Whether all that a heartbeat names is here, and no casework sealed behind it quotes a time that is believed.
    /// What it says stays true whatever else is sealed; but who quotes anew may do so by a clock that was set right.
    private func isLatest(_ heartbeat: SignedHeartbeat, of author: Int64, heldThrough heads: [Int64]) throws -> Bool {
        guard zip(heartbeat.heads, heads).allSatisfy({ $0 <= UInt64(clamping: $1) }) else { return false }
        let end = heads[Int(Feed.casework.rawValue) - 1]
        var at = Int64(heartbeat.heads.head(of: .casework))
        while at < end {
            guard let run = try wholeRun(of: author, in: .casework, from: at + 1), run.quoted == nil else {
                return false
            }
            at += run.count
        }
        return at == end
    }

    /// Whether an author's casework is held up to a sequence, but for what a cut states as lost.
    func holds(_ reach: AuthorReach, through: UInt64, lost: [ClosedRange<UInt64>]) throws -> Bool {
        var at = UInt64(clamping: reach.heads[Int(Feed.casework.rawValue) - 1])
        while at < through {
            if let gap = lost.first(where: { $0.contains(at + 1) }) {
                at = gap.upperBound
                continue
            }
            guard let run = try wholeRun(of: reach.row, in: .casework, from: Int64(at) + 1) else { return false }
            at += UInt64(run.count)
        }
        return true
    }
}
