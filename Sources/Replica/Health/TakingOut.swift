import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Replica {
    /// Takes what was noted as damaged out of the journal, so that everything else goes on. Each is looked at again;
    /// what is sound stays, and what only repeats something is written again, or derived again.
    ///
    /// The places of what is taken out stay empty. Cursors say that it was received or sent, so that none of them can
    /// be relied on any more: this database must begin another life.
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - isSigned: whether an opening's own certificate signed it.
    ///   - named: tells of a case that is not derived here, by its record.
    ///   - seal: closes what this node has written; called before anything of its own journal is taken out, since what
    ///     is sealed behind a gap of sealed runs stands, and what is open behind one does not.
    ///   - goOn: called when something was taken out, in the same transaction: begins another life of the database, and
    ///     the next author where this one cannot go on.
    /// - Throws: `ReplicaError`, and what the closures throw; then nothing was changed.
    package func takeOut(
        _ notes: Set<DamageNotes.Note>, now: Int64, isSigned: @escaping (SignedOpening) -> Bool,
        named: @escaping (Int64) -> NamedCase? = { _ in nil },
        seal: (Transaction) throws -> Void,
        goOn: (Transaction, TakenOut) throws -> Void
    ) throws -> TakenOut {
        let out = try writeUnread { transaction in
            var taking = TakingOut(transaction, now: now, isSigned: isSigned, named: named)
            try taking.begin(with: notes)
            if taking.touchesOwn {
                // Where even that is not possible, what is open rests with the incarnation that wrote it.
                _ = try transaction.attempt { try seal(transaction) }
            }
            try taking.finish()
            if taking.out.isHeldNoMore { try transaction.forgetReceived() }
            if taking.out.endsLife { try goOn(transaction, taking.out) }
            return taking.out
        }
        damage.remove(notes)
        return out
    }
}

/// Runs on their way out of the journal.
private struct TakingOut {
    let transaction: Transaction
    let now: Int64
    let isSigned: (SignedOpening) -> Bool
    let named: (Int64) -> NamedCase?
    private(set) var out = TakenOut()
    private var runs: [Int64] = []
    private var records: Set<Int64> = []
    /// Of which what is derived is not what the journal gives.
    private var misderived: Set<Int64> = []
    /// Whether all that is derived is made again: something of the charter is gone, and everything hangs on it; or
    /// something derived is damaged that belongs to no record.
    private var rebuilds = false
    private let own: Int64?

    init(
        _ transaction: Transaction, now: Int64, isSigned: @escaping (SignedOpening) -> Bool,
        named: @escaping (Int64) -> NamedCase?
    ) {
        self.transaction = transaction
        self.now = now
        self.isSigned = isSigned
        self.named = named
        own = try? Int64.fetchOne(transaction.db, sql: "SELECT author FROM node")
    }

    private var db: Database { transaction.db }

    /// Whether something of this node's own journal is among it.
    private(set) var touchesOwn = false

    /// Reads the charter without what is damaged of it, mends what can be, and cuts the damaged out of open runs.
    mutating func begin(with notes: Set<DamageNotes.Note>) throws {
        try transaction.readGenesis()
        guard transaction.genesis != nil else { throw ReplicaError.damaged("node.genesis") }
        if notes.contains(.index) {
            out.wasMisled = true
            for table in Schema.tablesOfUnits { try db.execute(sql: "DELETE FROM \(table)") }
        }
        if notes.contains(.derived) || notes.contains(.index) {
            rebuilds = true
            // Nothing is found by an index that is damaged itself.
            try transaction.remakeIndexes()
        }
        if notes.contains(.join) { try removeDamagedJoins() }
        var named: [Int64] = []
        var widenings: [Int64] = []
        for note in notes {
            switch note {
            case .run(let run): named.append(run)
            case .opening(let author): try close(author)
            case .heartbeat(let author):
                try db.execute(sql: "DELETE FROM heartbeat WHERE author = ?", arguments: [author])
            case .record(let record): if try transaction.hasRecord(record) { misderived.insert(record) }
            case .widening(let position): widenings.append(position)
            case .join, .derived, .index: break
            }
        }
        // What is mended and what is sealed is held against the charter, which must be readable first.
        let charter = try named.filter { try isCharter($0) && isDamaged($0) }
        for run in charter { try look(at: run) }
        for run in runs where try isCharter(run) { try takeOut(run, only: nil) }
        try transaction.refresh()
        // What nobody else has is told by who is below whom.
        if notes.contains(.index) { try transaction.writeUnits() }
        for run in named.sorted() where !runs.contains(run) { try look(at: run) }
        for position in widenings.sorted() {
            // It may be a digest that is wrong: what stands around it tells.
            if try transaction.mendOrder(at: position) { out.mended += 1 }
            guard try !transaction.isSound(wideningAt: position) else { continue }
            // Since when its case concerns the unit is derived from it; the disk may have changed which case that is.
            let find = """
                SELECT record FROM widening WHERE position = ?1 AND record IS NOT NULL
                UNION SELECT record FROM audience WHERE since = ?1
                """
            let records = try Int64.fetchAll(db, sql: find, arguments: [position])
            misderived.formUnion(try records.filter(transaction.hasRecord))
            try transaction.dropWidenings("position = ?", [position])
            out.widenings += 1
        }
    }

    private func isDamaged(_ run: Int64) throws -> Bool {
        if case .damaged = try transaction.condition(ofRun: run) { true } else { false }
    }

    /// Takes the rest out, and derives everything again that had a part in it.
    mutating func finish() throws {
        for run in runs where try transaction.hasRun(run) { try takeOut(run, only: nil) }
        transaction.records = HeldRecords()
        transaction.authoredBelow = [:]
        try transaction.refresh()
        out.endsAuthor = try endsAuthor()
        if out.isHeldNoMore || out.mended > 0 {
            // Whose a run was that cannot be read is not known, so that everybody's heads are found again.
            try db.execute(sql: "DELETE FROM gapless_head")
            try transaction.advanceAllGaplessHeads()
        }
        if rebuilds {
            let tables = try transaction.rebuild()
            // Without a part of the charter the units are others, too.
            if !out.isHeldNoMore { out.wasMisled = out.wasMisled || tables.contains(where: \.misled) }
        } else {
            try deriveAgain()
        }
        try transaction.dropWideningsToNobody()
    }

    private mutating func deriveAgain() throws {
        let terms = try misderived.map(transaction.searchTerms)
        let audiences = try misderived.map(audience)
        let forked = try transaction.forkedJournals()
        for feed in [Feed.casework, .published] {
            var touched = try records.union(misderived).filter { try transaction.creation(of: $0).feed == feed }
            // A seal that is gone, or is right again, may lie on the way to what a distance back names.
            for journal in forked where journal.feed == feed {
                touched.formUnion(try transaction.doubledRecords(of: journal.author, in: feed))
            }
            for case let record? in try transaction.separatingTwins(touched.sorted(), in: feed) {
                try transaction.derive(record, arrivedBehind: 0, isAnew: true)
            }
        }
        out.wasMisled = try out.wasMisled || misderived.map(audience) != audiences
        // By a row that the disk has changed, other terms were taken out of the index than stand there.
        if try misderived.map(transaction.searchTerms) != terms { try transaction.remakeSearch() }
    }

    private func audience(of record: Int64) throws -> Digest32 {
        try transaction.content(of: "audience", record: record)
    }

    // MARK: - One by one

    private mutating func look(at run: Int64) throws {
        guard try transaction.hasRun(run) else { return }
        switch try transaction.condition(ofRun: run) {
        case .sound: break
        case .misrepeated:
            let mended = try transaction.mend(run)
            records.formUnion(mended.records)
            out.wasMisled = out.wasMisled || mended.wasMisled
            out.mended += 1
        case .damaged(let offsets):
            let row = try Row.fetchOne(
                db, sql: "SELECT signature IS NULL, author IS ? FROM run WHERE id = ?", arguments: [own, run])
            let isOpen: Bool = try row?[0] ?? false, isByThisAuthor: Bool = try row?[1] ?? false
            if isOpen || isByThisAuthor { touchesOwn = true }
            guard isOpen else {
                runs.append(run)
                return
            }
            try takeOut(run, only: offsets)
            if try transaction.hasRun(run) { try transaction.splitBehindGaps(run) }
        }
    }

    /// An author without its opening is met again like one that was never known.
    private mutating func close(_ author: Int64) throws {
        if let opening = try? transaction.author(id: author).opening, isSigned(opening) { return }
        if let copy = try transaction.secondCopy(ofOpening: author, isSigned), try transaction.mend(copy, in: author) {
            out.mended += 1
            return
        }
        let find = "SELECT name FROM author WHERE id = ?"
        guard let name = try Data.fetchOne(db, sql: find, arguments: [author]).flatMap({ Bytes16($0) }) else {
            throw ReplicaError.damaged("author.name")
        }
        try db.execute(
            sql: """
                UPDATE author SET unit = NULL, enrollment = NULL, depth = NULL, earlier = NULL, opening = NULL
                WHERE id = ?
                """, arguments: [author])
        transaction.forgetAuthors()
        // What is open cannot be sealed any more, and rests.
        runs += try transaction.sealedRuns(of: author)
        out.openings.append(AuthorID(name))
        if author == own { out.endsAuthor = true }
    }

    private func removeDamagedJoins() throws {
        for row in try Row.fetchAll(db, sql: "SELECT digest, signed FROM charter_join") {
            let digest: Data = try row[0]
            if try !Transaction.isJoin(row[1], named: digest) {
                try db.execute(sql: "DELETE FROM charter_join WHERE digest = ?", arguments: [digest])
            }
        }
    }

    private mutating func takeOut(_ run: Int64, only offsets: Set<Int>?) throws {
        if try isCharter(run) { rebuilds = true }
        let find = "SELECT DISTINCT record FROM journal WHERE run = ? AND record IS NOT NULL"
        records.formUnion(try Int64.fetchAll(db, sql: find, arguments: [run]))
        let taken = try transaction.takeOut(run, only: offsets, now: now, named: named)
        out.runs.append(taken)
        // Where even the row is missing, it may have been the creation of a case.
        guard let author = taken.name.author, let feed = taken.name.feed, feed != .charter else { return }
        for said in taken.said where said.action == nil {
            let place = Place(author: author, feed: feed, sequence: said.sequence)
            if let record = try transaction.record(created: place) { records.insert(record) }
        }
    }

    /// Whether a sequence that this node has given is held no more and would be given again, or something is open that
    /// can no longer be sealed.
    private func endsAuthor() throws -> Bool {
        if out.endsAuthor { return true }
        guard touchesOwn, let own else { return false }
        let name = try transaction.author(id: own).name
        for run in out.runs where run.isOpen || run.name.author == name {
            guard let feed = run.name.feed, let last = run.name.sequences?.upperBound, run.name.author == name,
                try transaction.lastOwnRun(of: own, in: feed).map({ UInt64($0.end) >= last }) ?? false
            else { return true }
        }
        return try transaction.hasUnsealed(name)
    }

    /// By any of its rows, since the disk may have changed one.
    private func isCharter(_ run: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM run WHERE id = ?1 AND feed = 1)
                    OR EXISTS (SELECT 1 FROM journal WHERE run = ?1 AND feed = 1)
                """, arguments: [run]) ?? false
    }
}
