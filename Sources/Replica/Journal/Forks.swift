import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A journal of which two seals are held that contradict each other.
struct ForkedJournal: Hashable {
    let author: Int64
    let feed: Feed
}

extension Schema {
    /// The columns of a key without a rowid come first: where they do not, the integrity check of SQLite 3.40 reads the
    /// wrong ones, and finds every row of a sound table damaged.
    static let forksInOrder = """
        CREATE TABLE forked (
            one INTEGER NOT NULL REFERENCES run (id),
            two INTEGER NOT NULL REFERENCES run (id),
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL,
            PRIMARY KEY (one, two)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO forked (one, two, author, feed) SELECT one, two, author, feed FROM fork;
        DROP TABLE fork;
        ALTER TABLE forked RENAME TO fork;
        """

    /// Asked of every arrival, and hardly ever there.
    static let twins = "CREATE INDEX record_twin ON record (author, feed, sequence) WHERE twin <> 0;"
}

extension Transaction {
    /// Whether two seals of this journal are held that contradict each other.
    func hasFork(_ author: Int64, in feed: Feed) throws -> Bool {
        try forkedJournals().contains(ForkedJournal(author: author, feed: feed))
    }

    func forkedJournals() throws -> Set<ForkedJournal> {
        if let forks { return forks }
        let rows = try Row.fetchAll(db.cachedStatement(sql: "SELECT DISTINCT author, feed FROM fork"))
        let found = Set(try rows.map { ForkedJournal(author: try $0[0], feed: try $0.feed(1)) })
        forks = found
        return found
    }

    /// The first sequence at which the lines differ; nil where there is only one line.
    func startOfFork(_ journal: ForkedJournal) throws -> Int64? {
        guard try forkedJournals().contains(journal) else { return nil }
        if let start = startsOfForks[journal] { return start }
        let find = try db.cachedStatement(
            sql: """
                SELECT min(max(one.first, two.first)) FROM fork
                JOIN run AS one ON one.id = fork.one JOIN run AS two ON two.id = fork.two
                WHERE fork.author = ? AND fork.feed = ?
                """)
        let start = try Int64.fetchOne(find, arguments: [journal.author, journal.feed.rawValue])
        startsOfForks[journal] = start
        return start
    }

    /// Writes down the first run of the same journal that covers a sequence of this one under another seal; the own
    /// open run will have one. One proof is enough, so that they are never more than runs, and the first one begins
    /// where the lines differ.
    /// - Returns: whether there is any.
    func noteContradiction(of run: Int64) throws -> Bool {
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO fork (author, feed, one, two)
                SELECT run.author, run.feed, run.id, this.id FROM run AS this
                JOIN run ON run.author = this.author AND run.feed = this.feed
                    AND run.first BETWEEN this.first - \(Limits.changeSetsPerRun) AND this.first + this.count - 1
                    AND run.first + run.count > this.first AND run.id <> this.id AND \(Self.counts)
                WHERE this.id = ? ORDER BY run.first, run.id LIMIT 1
                """
        ).execute(arguments: [run])
        return db.changesCount > 0
    }

    /// Whether anything is held of a run.
    func isHeld(_ run: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM journal WHERE run = ?)"), arguments: [run]) ?? false
    }

    /// Takes the row of a run away that holds nothing any more, and what it proved. What else contradicts the others is
    /// written down.
    func removeRun(_ run: Int64) throws {
        let others = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT two FROM fork WHERE one = ?1 UNION SELECT one FROM fork WHERE two = ?1"),
            arguments: [run])
        try db.cachedStatement(sql: "DELETE FROM fork WHERE one = ?1 OR two = ?1").execute(arguments: [run])
        try db.cachedStatement(sql: "DELETE FROM run WHERE id = ?").execute(arguments: [run])
        for other in others { _ = try noteContradiction(of: other) }
        noteFork()
    }

    /// Who has a forked journal.
    package func forkedAuthors() throws -> [Author] {
        try Set(forkedJournals().map(\.author)).sorted().compactMap { try author(id: $0).author }
    }

    /// When another machine has sealed last in the forked journals of an author, in seconds since 1970 as it claims;
    /// nil where none has among the last runs to arrive. Every page may ask.
    package func lastSealElsewhere(of author: AuthorID) throws -> Int64? {
        guard let id = try knownAuthor(author)?.id else { return nil }
        // The last to arrive: a machine that has written less since the fork has lower numbers than this one.
        let find = try db.cachedStatement(
            sql: """
                SELECT seal FROM (
                    SELECT id, seal FROM run WHERE author = ? AND feed = ? AND signature IS NOT NULL
                        AND first + count > ? ORDER BY id DESC LIMIT 4096
                ) AS run
                WHERE NOT \(Self.isWrittenHere) ORDER BY id DESC LIMIT 1
                """)
        let times = try forkedJournals().filter { $0.author == id }.compactMap { journal -> Int64? in
            guard let from = try startOfFork(journal) else { return nil }
            return try Row.fetchOne(find, arguments: [id, journal.feed.rawValue, from])?.sealBody(0).time
        }
        return times.max().map(ClockContact.sane)
    }

    /// What is known of forks is read again.
    func noteFork() {
        (forks, startsOfForks) = (nil, [:])
        noteSeal()
    }

    /// A seal of a forked journal has come or gone: what of a record hangs on the order of seals is read again.
    func noteSeal() {
        chains = nil
        records = HeldRecords()
    }

    /// Which seal goes on after which in the forked journals, where one of them has a part in a record.
    func sealChains(ofRecord record: Int64) throws -> [Digest32: Digest32] {
        guard try !forkedJournals().isEmpty else { return [:] }
        let partners = try db.cachedStatement(
            sql: """
                SELECT DISTINCT run.author, run.feed FROM journal JOIN run ON run.id = journal.run WHERE record = ?
                """)
        let hasPart = try Row.fetchAll(partners, arguments: [record]).contains {
            try forkedJournals().contains(ForkedJournal(author: try $0[0], feed: try $0.feed(1)))
        }
        guard hasPart else { return [:] }
        if let chains { return chains }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT digest, previous FROM run
                    WHERE digest IS NOT NULL AND (author, feed) IN (SELECT author, feed FROM fork)
                    """))
        var found: [Digest32: Digest32] = [:]
        for row in rows { found[try row.digest(0)] = try row.digest(1) }
        chains = found
        return found
    }

    /// Whether a run goes on after one of these seals.
    /// - Parameter last: the last run that is asked.
    func isAnyFollowed(_ seals: Set<Digest32>, of author: Int64, in feed: Feed, through last: Int64) throws -> Bool {
        let find = try db.cachedStatement(
            sql: "SELECT previous FROM run WHERE author = ? AND feed = ? AND id <= ? AND previous IS NOT NULL")
        let rows = try Row.fetchCursor(find, arguments: [author, feed.rawValue, last])
        while let row = try rows.next() { if seals.contains(try row.digest(0)) { return true } }
        return false
    }

    /// The records of which a journal has two change sets at one place, or that are one of several under their number
    /// and have one of it: there alone the order of seals tells what a distance back names.
    func doubledRecords(of author: Int64, in feed: Feed) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT journal.record FROM journal JOIN run ON run.id = journal.run
                    WHERE run.author = ?1 AND run.feed = ?2 AND journal.record IS NOT NULL
                    GROUP BY journal.record, run.first + journal.offset HAVING count(*) > 1
                    UNION SELECT one.id FROM journal JOIN run ON run.id = journal.run
                    JOIN record AS one ON one.id = journal.record
                    JOIN record AS other ON other.author = one.author AND other.feed = one.feed
                        AND other.sequence = one.sequence AND other.id <> one.id
                    WHERE run.author = ?1 AND run.feed = ?2 ORDER BY 1
                    """), arguments: [author, feed.rawValue])
    }
}

/// One line of a forked journal, from where the lines differ to its end as it is held here.
package struct ForkBranch: Hashable, Sendable {
    /// One change set of it.
    package struct Link: Hashable, Sendable {
        package let sequence: UInt64
        package let leaf: Leaf
    }

    /// First 8 bytes of the digest of its first seal that no other line has, in hexadecimal: how people name it, also
    /// by telephone while its machine works on.
    package let name: String
    /// When its first and its last run were sealed, in seconds since 1970 as claimed.
    package let sealed: ClosedRange<Int64>
    package let through: UInt64
    /// What is held from where the lines differ through the end, in order.
    package let links: [Link]
    /// Whether this node has written it.
    package let isOwn: Bool

    package var changeSets: Int { links.count }
}

/// The proof that two machines have written under one name.
package struct ForkEvidence: Hashable, Sendable {
    package let author: Author
    package let feed: Feed
    /// The first sequence at which the lines differ.
    package let from: UInt64
    /// By name.
    package let branches: [ForkBranch]
}

extension Transaction {
    /// All that is held, by author and feed.
    /// - Throws: `ReplicaError.damaged`.
    package func forkEvidence() throws -> [ForkEvidence] {
        let journals = try forkedJournals().sorted { ($0.author, $0.feed) < ($1.author, $1.feed) }
        return try journals.compactMap(evidence)
    }

    private func evidence(of journal: ForkedJournal) throws -> ForkEvidence? {
        guard let author = try author(id: journal.author).author, let from = try startOfFork(journal) else {
            return nil
        }
        let arguments: StatementArguments = [journal.author, journal.feed.rawValue]
        let runs = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, first, count, digest, previous, seal, \(Self.isWrittenHere) FROM run
                    WHERE author = ? AND feed = ? AND signature IS NOT NULL AND first + count > ?
                    ORDER BY first, digest
                    """), arguments: arguments + [from])
        let followed = Set(try runs.map { try $0[4] as Data })
        let byDigest = Dictionary(try runs.map { (try $0[3] as Data, $0) }) { one, _ in one }
        let lines = try runs.filter { !followed.contains(try $0[3]) }.map { last in
            var line = [last]
            while let before = byDigest[try line[line.count - 1][4]] { line.append(before) }
            return Array(line.reversed())
        }
        // Lines that have parted again share their first seals, which name none of them; the last is each one's own.
        let bearers = Dictionary(try lines.joined().map { (try $0[3] as Data, 1) }, uniquingKeysWith: +)
        let branches = try lines.compactMap { line in
            try line.first { bearers[try $0[3]] == 1 }.map { own in
                try branch(line, named: own, from: UInt64(clamping: from))
            }
        }
        return ForkEvidence(
            author: author, feed: journal.feed, from: UInt64(clamping: from),
            branches: branches.sorted { $0.name < $1.name })
    }

    private func branch(_ line: [Row], named own: Row, from: UInt64) throws -> ForkBranch {
        guard let last = line.last else { throw ReplicaError.damaged("run") }
        let times = try line.map { try $0.sealBody(5).time }
        let links = try line.flatMap { try placed(inRun: $0[0]) }.filter { $0.place.sequence >= from }.map {
            ForkBranch.Link(sequence: $0.place.sequence, leaf: $0.leaf.leaf)
        }
        return ForkBranch(
            name: String(try own.digest(3).description.prefix(16)), sealed: (times.min() ?? 0)...(times.max() ?? 0),
            through: try last.count(1) &+ last.count(2) &- 1, links: links,
            isOwn: try line.contains { try $0[6] })
    }
}
