import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// The change sets of retired cases, by run. They are not here; they were, and a unit above has them in a backup.
extension Transaction {
    /// Change sets of a retired case in one run.
    struct RetiredRun: Sendable {
        let author: Int64
        let first: Int64
        /// That the run covers.
        let count: Int
        /// Of its seal.
        let digest: Digest32
        let record: Int64
        let present: Presence
        /// Number of the charter entry that the run pins.
        let pin: Int64
        /// The parent's time that its seal quotes; 0 where it is not believed.
        let quoted: Int64
    }

    func insert(_ run: RetiredRun) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO retired (author, first, count, digest, record, offsets, change_sets, pin, quoted)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            run.author, run.first, run.count, run.digest.data, run.record, run.present.wire,
            run.present.offsets(below: run.count).count, run.pin, run.quoted,
        ])
    }

    /// Of one record.
    func retiredRuns(of record: Int64) throws -> [RetiredRun] {
        let find = try db.cachedStatement(
            sql: """
                SELECT author, first, count, digest, record, offsets, pin, quoted FROM retired WHERE record = ?
                ORDER BY author, first, digest
                """)
        return try Row.fetchAll(find, arguments: [record]).map { try RetiredRun($0) }
    }

    /// The part of an arrived run that is not retired here; nil when that is nothing.
    func withoutRetired(_ run: SealedRun, digest: Digest32, of author: Int64) throws -> SealedRun? {
        guard try hasStubs else { return run }
        let retired = try retired(ofRun: digest, from: run.seal.from, of: author, onlyKept: true)
        guard !retired.isEmpty else { return run }
        let first = run.seal.from
        let new = Set(run.present.map(\.place.sequence).filter { !retired.contains(Int($0 - first)) })
        guard new.count < run.present.count else { return run }
        return new.isEmpty ? nil : run.pruned(to: new)
    }

    /// What was wished for and has come is retired no more.
    func forgetRetired(_ offsets: Presence, ofRun digest: Digest32, from first: UInt64, of author: Int64) throws {
        guard try hasStubs else { return }
        let find = try db.cachedStatement(
            sql: "SELECT id, offsets, count FROM retired WHERE author = ? AND first = ? AND digest = ?")
        for row in try Row.fetchAll(find, arguments: [author, Int64(first), digest.data]) {
            let held = try Presence(retired: row, 1)
            let rest = held.subtracting(offsets)
            guard rest != held else { continue }
            let count = try rest.offsets(below: row[2]).count
            if count == 0 {
                try db.cachedStatement(sql: "DELETE FROM retired WHERE id = ?").execute(arguments: [try row[0] as Int64]
                )
            } else {
                try db.cachedStatement(sql: "UPDATE retired SET offsets = ?, change_sets = ? WHERE id = ?").execute(
                    arguments: [rest.wire, count, try row[0] as Int64])
            }
        }
    }

    /// - Parameter onlyKept: without what was wished for.
    func retired(
        ofRun digest: Digest32, from first: UInt64, of author: Int64, onlyKept: Bool = false
    ) throws -> Presence {
        let find = try db.cachedStatement(
            sql: """
                SELECT offsets FROM retired JOIN stub USING (record)
                WHERE author = ? AND first = ? AND retired.digest = ? AND (wished IS NULL OR NOT ?)
                """)
        return try Row.fetchAll(find, arguments: [author, Int64(first), digest.data, onlyKept])
            .reduce(Presence()) { try $0.union(Presence(retired: $1, 0)) }
    }

    /// The cases of which something is retired that another seal covers than this run's: one of two machines under one
    /// name has written it, and to prove it both are needed.
    func retiredRecords(contradictedBy run: SealedRun, digest: Digest32, of author: Int64) throws -> [Int64] {
        guard try hasStubs else { return [] }
        let find = try db.cachedStatement(
            sql: """
                SELECT DISTINCT record FROM retired WHERE author = ?1 AND digest <> ?2
                AND first BETWEEN ?3 - \(Limits.changeSetsPerRun) AND ?4 AND first + count > ?3
                """)
        return try Int64.fetchAll(
            find, arguments: [author, digest.data, Int64(run.seal.from), Int64(run.seal.to)])
    }

    /// Seals and possible pins of retired runs that end where one begins: senders leave out what this node has had.
    func retiredPrecursors(of first: Int64, by author: Int64) throws -> [(seal: Digest32, pin: EntryDigest)] {
        guard try hasStubs else { return [] }
        let find = try db.cachedStatement(
            sql: """
                SELECT DISTINCT digest, pin FROM retired
                WHERE author = ?1 AND first BETWEEN ?2 - \(Limits.changeSetsPerRun) AND ?2 - 1 AND first + count = ?2
                """)
        return try Row.fetchAll(find, arguments: [author, first]).flatMap { row in
            let digest = try row.digest(0), number = try row.count(1)
            // On two branches of the charter one number names two entries: the seal tells.
            return memory.entryDigests.keys.filter { charter.entry($0)?.number == number }.sorted()
                .map { (digest, $0) }
        }
    }

    /// A run of which all change sets are held, or were until they were retired, and the parent's time that it quotes,
    /// if that is believed, or was when they were.
    /// - Throws: `ReplicaError.damagedRun`.
    func wholeRun(of author: Int64, in feed: Feed, from first: Int64) throws -> (count: Int64, quoted: Int64?)? {
        let find = try db.cachedStatement(
            sql: """
                SELECT id, count, seal, (SELECT max(quoted) FROM retired WHERE feed = 2
                    AND retired.author = run.author AND retired.first = run.first AND retired.digest = run.digest)
                FROM run WHERE author = ? AND feed = ? AND first = ? AND signature IS NOT NULL
                AND count = (SELECT count(*) FROM journal WHERE journal.run = run.id) + iif(feed = 2, (
                    SELECT coalesce(sum(change_sets), 0) FROM retired WHERE retired.author = run.author
                    AND retired.first = run.first AND retired.digest = run.digest), 0)
                ORDER BY id LIMIT 1
                """)
        if let row = try Row.fetchOne(find, arguments: [author, feed.rawValue, first]) {
            let run: Int64 = try row[0]
            guard let count: Int64 = try? row[1], (1...Int64(Limits.changeSetsPerRun)).contains(count),
                let seal: Data = try? row[2]
            else { throw noteDamage(ofRun: run) }
            let told: Int64? = try row[3]
            return (count, try believedQuote(of: run, seal: seal) ?? told.flatMap { $0 == 0 ? nil : $0 })
        }
        guard feed == .casework else { return nil }
        let gone = try db.cachedStatement(
            sql: """
                SELECT count, max(quoted) FROM retired WHERE author = ? AND first = ?
                GROUP BY digest HAVING sum(change_sets) = count ORDER BY digest LIMIT 1
                """)
        return try Row.fetchOne(gone, arguments: [author, first]).flatMap { row -> (count: Int64, quoted: Int64?)? in
            let count: Int64 = try row[0], quoted: Int64 = try row[1]
            return count > 0 ? (count, quoted == 0 ? nil : quoted) : nil
        }
    }
}

extension Transaction.RetiredRun {
    /// - Parameter row: author, first, count, digest, record, offsets, pin, quoted.
    /// - Throws: `ReplicaError.damaged` for what no run has.
    init(_ row: Row) throws {
        guard Limits.firstOfRun.contains(try row.count(1)),
            (1...UInt64(Limits.changeSetsPerRun)).contains(try row.count(2))
        else { throw ReplicaError.damaged("retired") }
        _ = try row.count(6)
        self.init(
            author: try row[0], first: try row[1], count: try row[2], digest: try row.digest(3), record: try row[4],
            present: try Presence(retired: row, 5), pin: try row[6], quoted: try row[7])
    }
}

extension Presence {
    /// From a column of `retired`.
    init(retired row: Row, _ index: Int) throws {
        guard let presence = try? Presence(wire: row[index]) else { throw ReplicaError.damaged("retired.offsets") }
        self = presence
    }
}
