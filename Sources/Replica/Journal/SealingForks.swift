import ChangeSet
import Crypto
import Foundation
import GRDB
import ServiceModel

/// In a forked journal a change set names others along the chain of its seals, and belongs to none of two cases under
/// one number before it is sealed itself.
extension Transaction {
    /// As `seal`, and derives again what hangs on the seals that were made.
    /// - Throws: `ReplicaError`.
    package func sealAndDerive(
        _ author: AuthorID, key: Curve25519.Signing.PrivateKey, quoted: QuotedAcknowledgement, time: Int64
    ) throws {
        let row = try authorRow(author).id
        let open = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM run WHERE author = ? AND signature IS NULL"), arguments: [row])
        try seal(author, key: key, quoted: quoted, time: time)
        for feed in [Feed.casework, .published] where try hasFork(row, in: feed) {
            let doubled = try doubledRecords(inRuns: open, of: row, in: feed)
            for record in try Set(separatingTwins(doubled, in: feed).compactMap(\.self)).sorted() {
                try derive(record)
            }
        }
    }

    /// Those of `doubledRecords` that have a change set in one of these runs.
    private func doubledRecords(inRuns runs: [Int64], of author: Int64, in feed: Feed) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT DISTINCT one.id FROM journal JOIN record AS one ON one.id = journal.record
                    WHERE journal.run IN (SELECT value FROM json_each(?1)) AND journal.feed = ?2 AND (
                        EXISTS (SELECT 1 FROM record AS other WHERE other.author = one.author
                            AND other.feed = one.feed AND other.sequence = one.sequence AND other.id <> one.id)
                        OR EXISTS (
                            SELECT 1 FROM journal AS held JOIN run ON run.id = held.run
                            WHERE held.record = one.id AND run.author = ?3
                            GROUP BY run.first + held.offset HAVING count(*) > 1))
                    ORDER BY 1
                    """), arguments: [try JSONText.value(runs), feed.rawValue, author])
    }
}
