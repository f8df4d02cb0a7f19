import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A journal of which two seals are held that contradict each other.
struct ForkedJournal: Hashable {
    let author: Int64
    let feed: Feed
}

extension Transaction {
    /// Whether two seals of this journal are held that contradict each other.
    func hasFork(_ author: Int64, in feed: Feed) throws -> Bool {
        try forkedJournals().contains(ForkedJournal(author: author, feed: feed))
    }

    func forkedJournals() throws -> Set<ForkedJournal> {
        if let forks { return forks }
        let rows = try Row.fetchAll(db, sql: "SELECT DISTINCT author, feed FROM fork")
        let found = Set(
            rows.compactMap { row in
                Feed(rawValue: UInt8(row[1] as Int)).map { ForkedJournal(author: row[0], feed: $0) }
            })
        forks = found
        return found
    }

    /// What is known of forks is read again, and with it what of a record hangs on the order of seals.
    func noteFork() {
        forks = nil
        records = HeldRecords()
    }

    /// Which seal goes on after which, in the forked journals that have a part in a record.
    func sealChains(ofRecord record: Int64) throws -> [Digest32: Digest32] {
        guard try !forkedJournals().isEmpty else { return [:] }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT digest, previous FROM run
                WHERE digest IS NOT NULL AND (author, feed) IN (
                    SELECT run.author, run.feed FROM journal JOIN run ON run.id = journal.run
                    WHERE journal.record = ? INTERSECT SELECT author, feed FROM fork)
                """, arguments: [record])
        var out: [Digest32: Digest32] = [:]
        for row in rows {
            guard let seal = Digest32(row[0] as Data), let previous = Digest32(row[1] as Data) else {
                throw ReplicaError.damaged("run.previous")
            }
            out[seal] = previous
        }
        return out
    }
}
