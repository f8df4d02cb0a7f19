import ChangeSet
import GRDB
import ServiceModel

/// The end of an own journal, which `run_place` tells: SQLite answers from that index, and reads no row that would
/// contradict it. The gapless head is a second copy of what was sealed, in another table. A sequence is given twice by
/// nobody who holds the two against each other.
extension Transaction {
    /// The last run on which an author goes on here, with its last sequence.
    /// - Throws: `ReplicaError.damagedRun` for an end that no run has.
    func lastOwnRun(of author: Int64, in feed: Feed) throws -> (run: Int64, end: Int64)? {
        let find = try db.cachedStatement(
            sql: """
                SELECT id, first + count - 1 FROM run
                WHERE author = ? AND feed = ? AND \(try ownBranch(of: author, in: feed))
                ORDER BY first DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(find, arguments: [author, feed.rawValue]) else { return nil }
        let run: Int64 = try row[0]
        // Where the numbers come to more than SQLite's integers hold they are none any more.
        guard let end: Int64 = try? row[1], (0..<Int64(Limits.firstOfRun.upperBound)).contains(end) else {
            throw noteDamage(ofRun: run)
        }
        return (run, end)
    }

    /// SQL of the runs on which this author goes on here: all, unless another machine has written under its name; then
    /// those of which something was written here.
    func ownBranch(of author: Int64, in feed: Feed) throws -> String {
        try hasFork(author, in: feed) ? Self.isWrittenHere : "true"
    }

    /// The last run ends where its own row says, and what was sealed does not end behind it.
    /// - Throws: `ReplicaError.damagedRun`, `.index`.
    func demandEnd(_ last: (run: Int64, end: Int64)?, of author: Int64, in feed: Feed) throws {
        if let last {
            let find = "SELECT first + count - 1 FROM run WHERE id = ?"
            let end = try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [last.run])
            guard end == last.end else { throw try damagedEnd(run: last.run) }
        }
        let held = try sealedEnd(of: author, in: feed)
        guard held > last?.end ?? 0, try held > retiredEnd(of: author, in: feed) else { return }
        throw try damagedEnd(run: last?.run)
    }

    /// What lies beyond a gap can no longer be sealed by its author. Where all before it is held there is none, and the
    /// seal before it is not found for another reason: nothing more would ever go up.
    /// - Throws: `ReplicaError.damagedRun`, `.index`.
    func demandGap(before first: Int64, of author: Int64, in feed: Feed) throws {
        guard try sealedEnd(of: author, in: feed) == first - 1 else { return }
        throw try damagedEnd(run: nil)
    }

    /// How far an unforked journal is sealed by its gapless head. In a forked one that may be the other machine's line.
    private func sealedEnd(of author: Int64, in feed: Feed) throws -> Int64 {
        guard try !hasFork(author, in: feed) else { return 0 }
        let find = "SELECT through FROM gapless_head WHERE author = ? AND feed = ?"
        return try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [author, feed.rawValue]) ?? 0
    }

    /// Of a retired run there is no row, and the head passes over it.
    private func retiredEnd(of author: Int64, in feed: Feed) throws -> Int64 {
        guard feed == .casework, try hasStubs else { return 0 }
        let find = "SELECT first + count - 1 FROM retired WHERE author = ? ORDER BY first DESC LIMIT 1"
        return try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [author]) ?? 0
    }

    /// Whether it is the run, the index or the head that is wrong, who takes it out finds: it looks at the first and
    /// makes the others again.
    private func damagedEnd(run: Int64?) throws -> ReplicaError {
        damage.add(.index)
        if let run, try condition(ofRun: run) != .sound { return noteDamage(ofRun: run) }
        return .index("run_place")
    }
}
