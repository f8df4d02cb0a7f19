import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What keeps a closed case at this node.
package enum RetentionObstacle: String, CaseIterable, Sendable {
    /// Something was done to it within the months of the rule.
    case recent
    /// It was asked for back not long ago, or has not come back whole.
    case fetched
    /// Something of it is open: a conflict, a request, a proposal, something that waits or was set aside.
    case unsettled
    /// A journal that it lies in has forked.
    case forked
    /// A cut of the charter takes something of it away.
    case cut
    /// It lies in more runs, of more authors, or concerns more units, than a stub can name.
    case large
    /// It lies in the last sealed run of a journal, which its author's next seal or incarnation would name.
    case lastOfJournal
    /// Something of it is not sealed.
    case unsealed
    /// No unit above has all of it in a verified backup on another disk.
    case notBackedUp
    /// A node below has not confirmed all of it.
    case childBehind
    /// A year that its limits were counted in has no calendar, so that its figures may still change.
    case lacksCalendar
}

/// By which days closed cases leave.
package struct RetentionTerms: Hashable, Sendable {
    /// The civil day by the best that is known.
    package let today: Int32
    /// The last thing that was done to a case lies no later.
    package let lastDay: Int32

    /// How many days a case stays that was asked for back.
    static let stay: Int32 = 30

    /// - Returns: nil where the day has no date.
    package init?(months: Int, today: Int32) {
        guard let lastDay = RetentionRule.lastDay(months: months, today: today) else { return nil }
        self.today = today
        self.lastDay = lastDay
    }
}

extension Transaction {
    /// Closed cases in the order of their rows.
    /// - Parameter row: of the one before.
    package func closedCases(after row: Int64, most: Int) throws -> [Int64] {
        let closed = Phase.closed.sorted().map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try Int64.fetchAll(
            db,
            sql: "SELECT record FROM service_case WHERE record > ? AND phase IN (\(closed)) ORDER BY record LIMIT ?",
            arguments: [row, most])
    }

    /// Lets a closed case go, whole, where nothing keeps it; a stub stays.
    /// - Parameter onlyLooks: true changes nothing.
    /// - Returns: what keeps it; nil where nothing does.
    /// - Throws: `ReplicaError`.
    package func retire(
        _ record: Int64, _ terms: RetentionTerms, onlyLooks: Bool = false
    ) throws -> RetentionObstacle? {
        let rows = try placedRows(of: record)
        if let obstacle = try obstacle(to: record, rows, terms) { return obstacle }
        let folded = try caseRecord(record)
        guard let row = ServiceCaseRow(folded, rules: deadlineRules), folded.isSettled else { return .unsettled }
        // Whoever is told the stub must be able to take it.
        let units = folded.state.namedUnits.reduce(0) { $0 + $1.text.utf8.count + 1 }
        let authors = Set(rows.map(\.author))
        guard Set(rows.map(\.run)).count <= Limits.runsPerStub, units <= Limits.stubTextBytes,
            authors.count <= Limits.openingsPerBatch, try bytesOfOpenings(of: authors) <= Limits.bytesOfOpenings
        else { return .large }
        if !onlyLooks { try leave(folded, row, rows) }
        return nil
    }

    private func bytesOfOpenings(of authors: Set<Int64>) throws -> Int {
        try authors.reduce(0) { try $0 + (author(id: $1).opening?.bytes.count ?? 0) }
    }

    // MARK: - What keeps a case

    /// A change set of a case, as far as is asked before it leaves.
    private struct PlacedRow {
        let position: Int64
        let run: Int64
        let offset: Int
        let author: Int64
        let source: Int64?
        let day: Int32?
        let isSealed: Bool
        /// It lies in the last sealed run of its journal, which the next seal names, or in the run that was met last.
        let isLast: Bool
    }

    private func placedRows(of record: Int64) throws -> [PlacedRow] {
        let find = try db.cachedStatement(
            sql: """
                SELECT position, run.id, offset, run.author, source, day, signature IS NOT NULL,
                    NOT EXISTS (SELECT 1 FROM run AS later WHERE later.author = run.author AND later.feed = run.feed
                        AND later.first > run.first AND later.signature IS NOT NULL)
                    OR run.id = (SELECT max(id) FROM run)
                FROM journal JOIN run ON run.id = journal.run WHERE record = ? ORDER BY position
                """)
        return try Row.fetchAll(find, arguments: [record]).map { row in
            PlacedRow(
                position: try row[0], run: try row[1], offset: try row[2], author: try row[3], source: try row[4],
                day: try row[5], isSealed: try row[6], isLast: try row[7])
        }
    }

    private func obstacle(
        to record: Int64, _ rows: [PlacedRow], _ terms: RetentionTerms
    ) throws -> RetentionObstacle? {
        guard let last = rows.last, rows.allSatisfy({ $0.day.map { $0 <= terms.lastDay } ?? false }) else {
            return .recent
        }
        let isFetched = """
            SELECT wished > 0 AND abs(?2 - wished) < ?3 OR EXISTS (SELECT 1 FROM retired WHERE record = ?1)
            FROM stub WHERE record = ?1
            """
        if try Bool.fetchOne(db.cachedStatement(sql: isFetched), arguments: [record, terms.today, RetentionTerms.stay])
            == true
        {
            return .fetched
        }
        let isUnsettled = """
            SELECT conflicts + requests + pending > 0 OR EXISTS (SELECT 1 FROM set_aside WHERE record = ?1),
                lacks_calendar
            FROM service_case WHERE record = ?1
            """
        guard let row = try Row.fetchOne(db.cachedStatement(sql: isUnsettled), arguments: [record]), try row[0] == false
        else {
            return .unsettled
        }
        if try row[1] { return .lacksCalendar }
        let forked = Set(try forkedJournals().filter { $0.feed == .casework }.map(\.author))
        guard rows.allSatisfy({ !forked.contains($0.author) }),
            try !isOneOfSeveral(record)
        else { return .forked }
        if try isCut(record, rows) { return .cut }
        if !rows.allSatisfy(\.isSealed) { return .unsealed }
        if rows.contains(where: \.isLast) { return .lastOfJournal }
        let widened = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT max(position) FROM widening WHERE record = ?"), arguments: [record])
        if try !isConfirmedBelow(record, rows, through: max(last.position, widened ?? 0), today: terms.today) {
            return .childBehind
        }
        #if PLANTED
            if Planted.present == .evictionBeforeBackup { return nil }
        #endif
        return try isBackedUpAbove(record, rows) ? nil : .notBackedUp
    }

    private func isCut(_ record: Int64, _ rows: [PlacedRow]) throws -> Bool {
        let last = try db.cachedStatement(
            sql: "SELECT max(first + offset) FROM journal JOIN run ON run.id = run WHERE run.author = ? AND record = ?")
        return try Set(rows.map(\.author)).contains { id in
            guard let untouched = try author(id: id).author.flatMap(charter.current.untouched) else { return false }
            return try Int64.fetchOne(last, arguments: [id, record]).map { UInt64(clamping: $0) > untouched } ?? false
        }
    }

    /// Whether one unit above has all of it in a verified backup on another disk.
    private func isBackedUpAbove(_ record: Int64, _ rows: [PlacedRow]) throws -> Bool {
        let view = charter.current
        guard let own = try identity?.unit else { return false }
        return try neighbours().contains { peer, _, there in
            guard there > 0, view.topology.isAbove(peer.unit, own),
                !view.isCutNode(unit: peer.unit, enrollment: peer.node), try there >= owedForMoves(rows, to: peer)
            else { return false }
            let above = Addressee(peer: peer, isBelow: false, confirmed: [:])
            return try rows.allSatisfy { row in
                try row.position <= there
                    && (row.source == peer.row
                        || mayGo(position: row.position, record: record, run: row.run, source: row.source, to: above))
            }
        }
    }

    /// Whether every node below that may see a case has confirmed all of it.
    private func isConfirmedBelow(
        _ record: Int64, _ rows: [PlacedRow], through position: Int64, today: Int32
    ) throws -> Bool {
        let view = charter.current
        guard let own = try identity?.unit else { return false }
        let audience = try audience(of: record).map(\.unit)
        return try neighbours().allSatisfy { peer, confirmed, _ in
            guard view.topology.isAbove(own, peer.unit), !view.isCutNode(unit: peer.unit, enrollment: peer.node),
                view.topology[peer.unit].map({ $0.until.map { $0 >= today } ?? true }) ?? false,
                audience.contains(where: { view.topology.isAboveOrSelf(peer.unit, $0) })
            else { return true }
            return try confirmed >= max(position, owedForMoves(rows, to: peer))
        }
    }

    /// Up to where a neighbour must have come before nothing of a case is owed to it for a move; 0 where all came from
    /// there.
    private func owedForMoves(_ rows: [PlacedRow], to peer: Peer) throws -> Int64 {
        rows.allSatisfy { $0.source == peer.row } ? 0 : try lastOwedForMoves(to: peer.unit)
    }

    /// The databases of all neighbours that were met last: how far each has confirmed what of casework goes there, and
    /// how far a backup of its own has it.
    private func neighbours() throws -> [(peer: Peer, confirmed: Int64, backedUp: Int64)] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, unit, node, incarnation, max(met), coalesce(sent_position, 0),
                        coalesce(backed_up_there, 0)
                    FROM peer LEFT JOIN peer_cursor ON peer_cursor.peer = peer.id AND feed = 2
                    GROUP BY unit, node ORDER BY unit, node
                    """))
        return try rows.compactMap { row in
            try UnitCode(row[1]).map { unit in
                let peer = Peer(
                    row: try row[0], unit: unit, node: UInt32(truncatingIfNeeded: try row[2] as Int64),
                    incarnation: UInt64(bitPattern: try row[3]))
                return (peer, try row[5], try row[6])
            }
        }
    }

    // MARK: - Leaving

    private func leave(_ folded: CaseRecord, _ row: ServiceCaseRow, _ rows: [PlacedRow]) throws {
        let record = folded.row
        try writeStub(of: folded, row)
        for (run, leaving) in Dictionary(grouping: rows, by: \.run).sorted(by: { $0.key < $1.key }) {
            try take(Set(leaving.map(\.offset)), outOf: run, of: record)
        }
        try dropWidenings("record = ?", [record])
        try write(nil, of: record, isNew: false)
        try db.cachedStatement(sql: "DELETE FROM case_conflict WHERE record = ?").execute(arguments: [record])
        records = HeldRecords()
        memory.runs = RunCache()
        _ = try deriveStub(record)
    }

    private func writeStub(of folded: CaseRecord, _ row: ServiceCaseRow) throws {
        let promise = row.promise
        let void = folded.state.status.values.count {
            if case .void = $0 { true } else { false }
        }
        try insertStub(
            of: row.record, receipt: row.receipt, units: folded.state.namedUnits.map(\.text),
            digest: folded.digest, changeSets: folded.history.entries.count, void: void,
            item: try stubItem(
                promise.item, promise.itemName, promise.department, promise.itemKind, isInstant: promise.instant)
        )
        let figures = Schema.figures
        try db.execute(
            sql: """
                UPDATE stub SET (\(figures)) = (SELECT \(figures) FROM service_case WHERE record = ?1) WHERE record = ?1
                """, arguments: [row.record])
    }

    /// Takes a retired case's change sets out of a run: what is left of it is as if it had come like that.
    private func take(_ offsets: Set<Int>, outOf id: Int64, of record: Int64) throws {
        guard let whole = try sealedRun(id) else { throw noteDamage(ofRun: id) }
        let find = "SELECT author, first, digest, pin, seal FROM run WHERE id = ?"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: find), arguments: [id]) else {
            throw noteDamage(ofRun: id)
        }
        var present = Presence()
        for offset in offsets { present.insert(offset) }
        try insert(
            RetiredRun(
                author: try row[0], first: try row[1], count: whole.count, digest: try row.digest(2), record: record,
                present: present, pin: try row[3], quoted: try believedQuote(of: id, seal: row[4]) ?? 0))
        let first = whole.seal.from
        let left = Set(whole.present.map(\.place.sequence)).subtracting(offsets.map { first + UInt64($0) })
        let position = try db.cachedStatement(sql: "SELECT position FROM journal WHERE run = ? AND offset = ?")
        for offset in offsets.sorted() {
            guard let at = try Int64.fetchOne(position, arguments: [id, offset]) else { throw noteDamage(ofRun: id) }
            try vacate(at)
        }
        try db.cachedStatement(sql: "DELETE FROM run_hash WHERE run = ?").execute(arguments: [id])
        guard !left.isEmpty else {
            try db.cachedStatement(sql: "DELETE FROM run WHERE id = ?").execute(arguments: [id])
            return
        }
        let part = whole.pruned(to: left)
        let packed = PackedRun(part)
        try db.cachedStatement(sql: "UPDATE run SET seed = NULL, size = ?, packed = ? WHERE id = ?").execute(
            arguments: [packed.size, packed.data, id])
        let salt = try db.cachedStatement(sql: "UPDATE journal SET salt = ? WHERE run = ? AND offset = ?")
        for one in part.present { try salt.execute(arguments: [one.salt, id, Int(one.place.sequence - first)]) }
        try writeHashes(of: part, as: id)
    }
}

extension CaseRecord {
    /// Nothing of it waits for anybody, nor for a program that knows what this one has no rule for.
    fileprivate var isSettled: Bool {
        let isOpen = state.status.values.contains {
            switch $0 {
            case .pending, .void(.unknownKind): true
            default: $0.isOpen
            }
        }
        return !isOpen && state.conflicts.isEmpty && state.requests.isEmpty && state.proposals.isEmpty
            && state.frozen.isEmpty && !state.custodyInDoubt && !state.hasPendingMust
            && state.phase.map(Phase.closed.contains) ?? false
    }
}
