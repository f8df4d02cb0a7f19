import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Two machines under one name give two cases one number. Each creation begins a record of its own, its leaf telling
/// them apart, and every other change set belongs to the creation among its ancestors (RULES.md, "Fold").
extension Transaction {
    /// Gives each of the twins among these records what is its own.
    /// - Returns: these records, and those that were told apart from them.
    func separatingTwins(_ found: [Int64?], in feed: Feed) throws -> [Int64?] {
        let forked = try forkedJournals().filter { $0.feed == feed }
        guard try !forked.isEmpty || hasTwins() || found.contains(where: { try $0.flatMap(receiptOfStub) != nil })
        else {
            return found
        }
        records = HeldRecords()
        var all = found
        var creations: Set<Place> = []
        for record in Set(found.compactMap { $0 }).sorted() {
            let creation = try creation(of: record)
            guard let author = try knownAuthor(creation.author)?.id, creations.insert(creation).inserted else {
                continue
            }
            let rows = try rowsOfNumber(creation, of: author)
            // The other case may have left, and the proof with it.
            guard
                try rows.count > 1 || forked.contains(ForkedJournal(author: author, feed: feed))
                    || receiptOfStub(rows[0]) != nil
            else { continue }
            do {
                all += try separateTwins(rows, at: creation, of: author).map(Optional.some)
            } catch ReplicaError.damaged, ReplicaError.damagedRun, ReplicaError.damagedOpening {
                // What cannot be read is noted as damaged, and the record set aside when it is derived.
                continue
            }
        }
        return all
    }

    /// As `separatingTwins`, wherever there are some.
    func separateAllTwins() throws {
        // One of them is found by the number alone, whatever the disk has made of the others.
        try db.execute(
            sql: """
                UPDATE record SET twin = 0 WHERE twin <> 0 AND id = (
                    SELECT id FROM record AS one WHERE one.author = record.author AND one.feed = record.feed
                        AND one.sequence = record.sequence ORDER BY twin <> 0, id LIMIT 1)
                """)
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT author, min(id) FROM record WHERE twin <> 0 GROUP BY author, feed, sequence ORDER BY 2"))
        for row in rows {
            let creation = try creation(of: row[1])
            _ = try separateTwins(rowsOfNumber(creation, of: row[0]), at: creation, of: row[0])
        }
        // A rebuild has emptied what was derived of them, and finds what was owed.
        regrouped = []
    }

    private func hasTwins() throws -> Bool {
        try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM record WHERE twin <> 0)")) ?? false
    }

    /// Whether there are other records with its number.
    func isOneOfSeveral(_ record: Int64) throws -> Bool {
        try hasTwins()
            && Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) > 1 FROM record AS one JOIN record AS other USING (author, feed, sequence)
                        WHERE one.id = ?
                        """), arguments: [record]) ?? false
    }

    private func rowsOfNumber(_ creation: Place, of author: Int64) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT id FROM record WHERE author = ? AND feed = ? AND sequence = ? ORDER BY twin"),
            arguments: [author, creation.feed.rawValue, Int64(creation.sequence)])
    }

    /// - Parameter found: the records of one number; of one that is alone all that is held belongs to it, in whatever
    ///   row it stands. What belongs to none is that one's which has left, else the least's.
    /// - Returns: those that have to be derived; none where there is only one.
    private func separateTwins(_ found: [Int64], at creation: Place, of author: Int64) throws -> [Int64] {
        var rows = found
        // Each that has a part in a forked journal is told all of them.
        var chains: [Digest32: Digest32] = [:]
        for row in rows {
            chains = try sealChains(ofRecord: row)
            if !chains.isEmpty { break }
        }
        let family = Family(try rows.map { row in (row, try heldRecord(row)) }, chains: chains)
        // A row with a stub is that case's, whose receipt tells it from others.
        let named = try rows.reduce(into: [Int64: String]()) { $0[$1] = try receiptOfStub($1) }
        func isAtHome(_ one: Family.Member) -> Bool {
            named[one.row].flatMap { name in one.receipt.map { $0 == name } } ?? true
        }
        guard let any = family.creations.first, family.creations.count > 1 || rows.count > 1 || !isAtHome(any) else {
            return []
        }
        var home: [Leaf: Int64] = [:]
        var free = rows.filter { named[$0] == nil }
        var taken: Set<Int64> = []
        for one in family.creations where isAtHome(one) && taken.insert(one.row).inserted { home[one.leaf] = one.row }
        free.removeAll(where: taken.contains)
        for one in family.creations where home[one.leaf] == nil {
            if !free.isEmpty {
                home[one.leaf] = free.removeFirst()
            } else {
                home[one.leaf] = try insertTwin(of: creation, by: author)
                rows.append(db.lastInsertedRowID)
            }
        }
        var changed: Set<Int64> = []
        let unknown =
            named.keys.filter { !taken.contains($0) }.min()
            ?? family.creations.min { $0.leaf < $1.leaf }.flatMap { home[$0.leaf] }
        for (member, origin) in family.origins {
            guard let row = origin.flatMap({ home[$0] }) ?? unknown, row != member.row else { continue }
            try db.cachedStatement(sql: "UPDATE journal SET record = ? WHERE position = ?").execute(arguments: [
                row, member.position,
            ])
            changed.formUnion([row, member.row])
        }
        records = HeldRecords()
        regrouped.formUnion(changed)
        return rows
    }

    /// Of the case for which a stub stands, or stood, in a record's row.
    private func receiptOfStub(_ record: Int64) throws -> String? {
        guard try hasStubs else { return nil }
        let find = try db.cachedStatement(sql: "SELECT receipt FROM stub WHERE record = ?")
        return try String.fetchOne(find, arguments: [record])
    }

    /// By place, what is held of the other records with this one's number.
    func leavesOfTwins(of record: Int64, created creation: Place) throws -> [Place: Set<Leaf>] {
        guard let author = try knownAuthor(creation.author)?.id, try hasFork(author, in: creation.feed) else {
            return [:]
        }
        let find = try db.cachedStatement(
            sql: """
                SELECT \(Self.placeColumns) FROM journal JOIN run ON run.id = journal.run
                WHERE journal.record IN (
                    SELECT id FROM record WHERE author = ? AND feed = ? AND sequence = ? AND id <> ?) AND \(Self.counts)
                """)
        let rows = try Row.fetchAll(
            find, arguments: [author, creation.feed.rawValue, Int64(creation.sequence), record])
        return try rows.reduce(into: [:]) { out, row in
            let placed = try placed(row)
            out[placed.place, default: []].insert(placed.leaf.leaf)
        }
    }

    private func insertTwin(of creation: Place, by author: Int64) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO record (author, feed, sequence, twin)
                SELECT ?1, ?2, ?3, 1 + max(twin) FROM record WHERE author = ?1 AND feed = ?2 AND sequence = ?3
                """
        ).execute(arguments: [author, creation.feed.rawValue, Int64(creation.sequence)])
        return db.lastInsertedRowID
    }

    /// Whoever is no longer in an audience is owed nothing.
    func dropWideningsToNobody() throws {
        try dropWidenings(
            """
            record IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM audience WHERE audience.record = widening.record AND audience.unit = widening.unit)
            """)
    }
}

/// All change sets of the records that have one number.
private struct Family {
    struct Member {
        let leaf: Leaf
        let row: Int64
        let position: Int64
        let isCreation: Bool
        /// Of a creation that can be read.
        let receipt: String?
        let parents: [Leaf]
    }

    /// In the order of arrival.
    let members: [Member]

    init(_ records: [(row: Int64, held: HeldRecord)], chains: [Digest32: Digest32]) {
        var history = RecordHistory()
        history.chains = chains
        var places: [(row: Int64, position: Int64)] = []
        for (row, held) in records {
            for (entry, position) in zip(held.history.entries, held.positions) {
                history.append(entry)
                places.append((row, position))
            }
        }
        members = zip(history.entries, places).map { entry, place in
            let act = history.act(entry)
            return Member(
                leaf: act.leaf, row: place.row, position: place.position,
                isCreation: act.isCreation, receipt: act.isCreation ? entry.body?.receipt : nil,
                parents: act.parents.map(\.leaf))
        }.sorted { $0.position < $1.position }
    }

    var creations: [Member] { members.filter(\.isCreation) }

    /// Each member with the creation among its ancestors: the least, should there be several; nil while none is known.
    var origins: [(Member, Leaf?)] {
        let creations = Set(creations.map(\.leaf)).sorted()
        var children: [Leaf: [Leaf]] = [:]
        for member in members where !member.isCreation {
            for parent in member.parents { children[parent, default: []].append(member.leaf) }
        }
        var known = Dictionary(uniqueKeysWithValues: creations.map { ($0, $0) })
        for creation in creations {
            var open = [creation]
            while let leaf = open.popLast() {
                for child in children[leaf] ?? [] where known[child] == nil {
                    known[child] = creation
                    open.append(child)
                }
            }
        }
        return members.map { ($0, known[$0.leaf]) }
    }
}
