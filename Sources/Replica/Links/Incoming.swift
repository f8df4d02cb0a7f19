import ChangeSet
import Crypto
import Foundation
import GRDB
import ServiceModel

/// What became of a batch. A batch is taken whole or not at all.
package enum Reception: Equatable, Sendable {
    /// So many change sets were new; so many runs contradicted what is held (their proof is kept).
    case applied(new: Int, forks: Int)
    /// The batch does not begin where this replica stands with that peer.
    case refused(JournalCursor)
}

extension Transaction {
    /// Takes a batch in, with its cursor.
    /// - Parameters:
    ///   - now: seconds since 1970, by this node's clock: a run that quotes a later time is taken, and its quote not
    ///     believed.
    ///   - isOfCut: it was made by a machine that was cut: where something of an author stands by its sequence alone,
    ///     nothing new is taken.
    ///   - check: throws when an opening's certificates or signature are not good.
    /// - Throws: `WireError` for bytes that are not what they claim, and what `check` throws; then nothing is kept.
    package func apply(
        _ batch: WireBatch, from peer: Peer, isOfCut: Bool = false, now: Int64, check: (SignedOpening) throws -> Void
    ) throws -> Reception {
        guard batch.feed <= 255, let feed = Feed(rawValue: UInt8(batch.feed)) else { throw WireError.malformed("feed") }
        guard batch.runs.count <= Limits.runsPerBatch, batch.openings.count <= Limits.openingsPerBatch,
            batch.joins.count <= Limits.openingsPerBatch, batch.stubs.count <= Limits.stubsPerBatch
        else { throw WireError.tooLarge("batch") }
        let end = try JournalCursor(batch.end)
        if feed != .charter {
            let start = try JournalCursor(batch.start)
            let held = try cursors(peer, feed).received
            guard start == held || start == .start else { return .refused(held) }
        }
        for bytes in batch.openings {
            let opening = try SignedOpening(bytes: bytes)
            if try self.opening(of: opening.author.id) == nil {
                try check(opening)
                try introduce(opening)
            }
        }
        let before = try journalHead()
        var intake = try Intake(self, feed: feed, peer: peer, isOfCut: isOfCut, now: now)
        for wire in batch.runs { try intake.take(wire) }
        try intake.advanceGaplessHeads()
        if feed == .charter {
            for join in batch.joins { try take(join: join) }
        }
        for stub in batch.stubs { try take(stub, in: feed, from: peer, now: now) }
        // In a forked journal a distance back leads along the chain of seals: what was folded without a link of it is
        // folded again.
        let linked = try intake.linked()
        let doubled = try linked.sorted().flatMap { try doubledRecords(of: $0, in: feed) }
        try afterArrival(of: intake.records + doubled, in: feed, behind: before)
        for author in intake.forked.union(intake.grown).union(linked).sorted() where feed != .charter {
            let isLinked = linked.contains(author)
            try retell(isLinked ? nil : Set(intake.records.compactMap(\.self)), readBySealsOf: author, in: feed)
        }
        // What a comparison found moves no cursor before all of it has come.
        if feed != .charter, end != .start {
            try keep(received: try carriedReach(from: end, of: peer, feed), from: peer, feed)
        }
        return .applied(new: intake.records.count, forks: intake.forks)
    }

    /// Takes a join in that this node has made itself, under the authority's signature.
    package func enter(join signed: Data) throws {
        let before = try journalHead()
        try take(join: signed)
        try afterArrival(of: [], in: .charter, behind: before)
    }

    /// A join was checked against the authority by who handed it in.
    private func take(join signed: Data) throws {
        guard let wire = try? WireSigned(serializedBytes: signed) else { throw WireError.malformed("join") }
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO charter_join (digest, signed) VALUES (?, ?)").execute(
            arguments: [Digest32(hashing: wire.content).data, signed])
    }
}

/// The runs of one batch on their way into the journal.
private struct Intake {
    let transaction: Transaction
    let feed: Feed
    let peer: Peer
    let isOfCut: Bool
    let now: Int64
    private(set) var records: [Int64?] = []
    private(set) var forks = 0
    /// Whose seals contradict each other.
    private(set) var forked: Set<Int64> = []
    /// Of whose forked journals more came of a run that was held.
    private(set) var grown: Set<Int64> = []
    /// Seals that came, by author, and the last run that was held before them.
    private var seals: [Int64: Set<Digest32>] = [:]
    private let last: Int64
    /// By author, where the first run begins of which something came that was not held; the end where all of it was.
    private var reached: [Int64: Int64] = [:]
    private var author: AuthorRow?
    /// Of runs that were passed over, by author and the sequence behind them: who goes on after one names it by that.
    private var passed: [Int64: [UInt64: (seal: Digest32, pin: EntryDigest)]] = [:]

    init(_ transaction: Transaction, feed: Feed, peer: Peer, isOfCut: Bool, now: Int64) throws {
        self.transaction = transaction
        self.feed = feed
        self.peer = peer
        self.isOfCut = isOfCut
        self.now = now
        last = try transaction.lastRun()
    }

    /// Of whose forked journals a run came that one goes on after which was held.
    func linked() throws -> Set<Int64> {
        guard feed != .charter else { return [] }
        return try Set(
            seals.filter { author, seals in
                try transaction.hasFork(author, in: feed)
                    && transaction.isAnyFollowed(seals, of: author, in: feed, through: last)
            }.keys)
    }

    mutating func take(_ wire: WireRun) throws {
        if !wire.author.isEmpty {
            guard wire.author.count == 16, let name = Bytes16(wire.author) else { throw WireError.malformed("author") }
            author = try transaction.knownAuthor(AuthorID(name))
        }
        guard let author, let key = author.sealKey, let unit = author.author?.unit else {
            throw WireError.unknownAuthor
        }
        // Only the root writes the charter.
        guard feed != .charter || unit == transaction.genesis?.root else { throw WireError.malformed("charter author") }
        let run = try read(wire, of: author, key: key)
        guard let body = try? WireSealBody(serializedBytes: run.seal.body), body.pin <= UInt64(Int64.max) else {
            throw WireError.malformed("seal body")
        }
        let digest = run.seal.digest(network: transaction.network)
        guard try !isPassedOver(run, digest: digest, of: author) else {
            passed[author.id, default: [:]][run.seal.from + UInt64(run.count)] = (digest, run.seal.pin)
            return
        }
        // Of retired cases nothing comes back that was not wished for.
        let new = feed == .casework ? try transaction.withoutRetired(run, digest: digest, of: author.id) : run
        let known = records.count
        if let new {
            if let held = try heldRun(digest, from: run.seal.from, of: author) {
                try merge(new, of: author, into: held)
            } else {
                try insert(new, of: author, digest: digest, body)
            }
        }
        // Seals alone fill no gap.
        guard !run.present.isEmpty else { return }
        let first = feed == .casework && records.count > known ? Int64(run.seal.from) : .max
        reached[author.id] = min(reached[author.id] ?? .max, first)
    }

    /// A cut lets stand by its sequence what lies before it, whichever seal it is under: whoever has the keys of a
    /// machine that was cut could put other work there. What its author had written there the root has.
    private func isPassedOver(_ run: SealedRun, digest: Digest32, of author: AuthorRow) throws -> Bool {
        guard isOfCut, feed == .casework, let known = author.author,
            run.seal.from <= transaction.charter.current.standingBySequence(of: known)
        else { return false }
        return try heldRun(digest, from: run.seal.from, of: author) == nil
    }

    /// Once for a batch: of a forked journal the whole of it is walked.
    func advanceGaplessHeads() throws {
        for (author, first) in reached.sorted(by: { $0.key < $1.key }) {
            try transaction.advanceGaplessHead(of: author, in: feed, cameTo: first)
        }
    }

    /// How many branches of a fork are tried for a run that does not say which of them it goes on.
    private static let branches = 16

    /// Who knows of one branch alone leaves out what stands before a run; the seal tells which one that is.
    private func read(
        _ wire: WireRun, of author: AuthorRow, key: Curve25519.Signing.PublicKey
    ) throws -> SealedRun {
        func read(after before: (seal: Digest32, pin: EntryDigest)?) throws -> SealedRun {
            try SealedRun(
                wire: wire, author: author.name, feed: feed, before: before, network: transaction.network, key: key)
        }
        var candidates = try before(wire, of: author)
        guard let last = candidates.popLast() else { return try read(after: nil) }
        for candidate in candidates {
            do { return try read(after: candidate) } catch WireError.seal {}
        }
        return try read(after: last)
    }

    private func before(_ wire: WireRun, of author: AuthorRow) throws -> [(seal: Digest32, pin: EntryDigest)] {
        guard wire.previous.isEmpty || wire.pinDigest.isEmpty, wire.from > 1, wire.from <= UInt64(Int64.max) else {
            return []
        }
        let find = try transaction.db.cachedStatement(
            sql: """
                SELECT digest, pin_digest FROM run
                WHERE author = ? AND feed = ? AND first BETWEEN ?3 - \(Limits.changeSetsPerRun) AND ?3 - 1
                AND first + count = ?3 AND digest IS NOT NULL ORDER BY id DESC LIMIT ?4
                """)
        let rows = try Row.fetchAll(find, arguments: [author.id, feed.rawValue, Int64(wire.from), Self.branches])
        var held = try rows.map { row in (seal: try row.digest(0), pin: EntryDigest(try row.bytes16(1))) }
        if let passed = passed[author.id]?[wire.from] { held.append(passed) }
        guard feed == .casework else { return held }
        let retired = try transaction.retiredPrecursors(of: Int64(wire.from), by: author.id)
        return Array((retired + held).suffix(Self.branches))
    }

    private func heldRun(_ digest: Digest32, from first: UInt64, of author: AuthorRow) throws -> Int64? {
        let find = try transaction.db.cachedStatement(
            sql: "SELECT id FROM run WHERE author = ? AND feed = ? AND first = ? AND digest = ?")
        return try Int64.fetchOne(find, arguments: [author.id, feed.rawValue, Int64(first), digest.data])
    }

    private mutating func insert(
        _ run: SealedRun, of author: AuthorRow, digest: Digest32, _ body: WireSealBody
    ) throws {
        let db = transaction.db
        let packed = PackedRun(run)
        try db.cachedStatement(
            sql: """
                INSERT INTO run (author, feed, first, count, size, pin,
                    pin_digest, seed, seal, signature, previous, digest, packed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            author.id, feed.rawValue, Int64(run.seal.from), run.count, packed.size, Int64(body.pin),
            run.seal.pin.value.data, run.seed?.data, run.seal.body, run.signature, run.seal.previous.data, digest.data,
            packed.data,
        ])
        let id = db.lastInsertedRowID
        keep(run, as: id)
        if QuoteBelief.isAhead(body.ackTime, of: now) { try transaction.doubt(run: id) }
        // Two different seals that cover one sequence prove a fork; both are kept.
        let journal = ForkedJournal(author: author.id, feed: feed)
        if try transaction.noteContradiction(of: id) {
            forks += 1
            forked.insert(author.id)
            if try transaction.startOfFork(journal) ?? .max > Int64(run.seal.from) { transaction.noteFork() }
        }
        if try transaction.hasFork(author.id, in: feed) { transaction.noteSeal() }
        seals[author.id, default: []].insert(digest)
        if feed == .casework {
            let others = try transaction.retiredRecords(contradictedBy: run, digest: digest, of: author.id)
            for record in others { try transaction.wishBack(record) }
        }
        try insert(run.present, of: run, by: author, as: id, digest: digest)
        try transaction.writeHashes(of: run, as: id)
    }

    /// What came before of this run and what comes now become one; coarse hashes give way to finer ones.
    private mutating func merge(_ run: SealedRun, of author: AuthorRow, into id: Int64) throws {
        guard let held = try transaction.sealedRun(id) else { throw ReplicaError.damaged("run \(id)") }
        let known = Set(held.present.map(\.place.sequence))
        let new = run.present.filter { !known.contains($0.place.sequence) }
        guard !new.isEmpty else { return }
        let merged = held.merged(with: run)
        let packed = PackedRun(merged)
        // Each part may be within the bound that the run is not. Then the run's author has sealed too much; who brings
        // a part of it has done nothing wrong, and what comes behind it is to be taken.
        guard packed.size <= Limits.bytesPerRun else { return }
        if try transaction.hasFork(author.id, in: feed) { grown.insert(author.id) }
        let db = transaction.db
        try db.cachedStatement(sql: "UPDATE run SET seed = ?, size = ?, packed = ? WHERE id = ?").execute(arguments: [
            merged.seed?.data, packed.size, packed.data, id,
        ])
        keep(merged, as: id)
        try db.cachedStatement(sql: "DELETE FROM run_hash WHERE run = ?").execute(arguments: [id])
        try insert(new, of: merged, by: author, as: id, digest: merged.seal.digest(network: transaction.network))
        try transaction.writeHashes(of: merged, as: id)
    }

    private mutating func insert(
        _ changeSets: [PlacedChangeSet], of run: SealedRun, by author: AuthorRow, as id: Int64, digest: Digest32
    ) throws {
        let row = JournalRun(id: id, pin: run.seal.pin, seals: (digest, run.seal.previous))
        var head = try transaction.journalHead()
        let mayBeHeld = try transaction.hasUncounted(author.id)
        for changeSet in changeSets {
            if mayBeHeld { try transaction.removeUnsealed(changeSet, of: author.id) }
            head = head.next(changeSet.leaf)
            records.append(
                try transaction.insert(
                    changeSet, run: row, offset: Int(changeSet.place.sequence - run.seal.from),
                    keepsSalt: run.seed == nil, source: peer.row, at: head))
        }
        guard feed == .casework else { return }
        var come = Presence()
        for changeSet in changeSets { come.insert(Int(changeSet.place.sequence - run.seal.from)) }
        try transaction.forgetRetired(come, ofRun: digest, from: run.seal.from, of: author.id)
    }

    /// It was checked when it came.
    private func keep(_ run: SealedRun, as id: Int64) {
        let changeSets = run.present.map { (Int($0.place.sequence - run.seal.from), $0) }
        transaction.memory.runs.keep(Dictionary(changeSets, uniquingKeysWith: { one, _ in one }), of: id)
    }
}

extension Transaction {
    func writeHashes(of run: SealedRun, as id: Int64) throws {
        for (node, hash) in run.pruned {
            try db.cachedStatement(
                sql: "INSERT INTO run_hash (run, start, count, hash) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [id, node.start, node.count, hash.data])
        }
    }
}

#if PLANTED
    extension Transaction {
        /// Moves the cursor over a batch before it is taken in.
        package func plantCursor(of batch: WireBatch, from peer: Peer) throws -> Bool {
            guard let feed = Feed(rawValue: UInt8(clamping: batch.feed)), feed != .charter,
                try JournalCursor(batch.start) == cursors(peer, feed).received
            else { return false }
            let end = try JournalCursor(batch.end)
            if end != .start { try keep(received: end, from: peer, feed) }
            return true
        }
    }
#endif
