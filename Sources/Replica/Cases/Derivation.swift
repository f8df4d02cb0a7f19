import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Brings everything derived up to date after change sets of these records have been written to the journal.
    /// - Parameter head: where the journal ended before them.
    func afterArrival(of records: [Int64?], in feed: Feed, behind head: JournalCursor) throws {
        guard feed != .charter else { return try afterCharterMoved() }
        var seen: Set<Int64> = []
        for case let record? in records where seen.insert(record).inserted {
            try derive(record, arrivedBehind: head.position)
        }
    }

    /// A new entry may end the waiting of what pinned it; one that reaches back may change what every case comes to.
    func afterCharterMoved() throws {
        let known = charter
        let new = try readNewCharterEntries()
        guard charter.count > known.count else { return }
        if new.contains(where: \.changesUnits) { try writeUnits() }
        try deriveCatalog(waitingSince: known)
        let waiting = "id NOT IN (SELECT record FROM service_case WHERE pending = 0)"
        let which = new.contains(where: \.reachesBack) ? "true" : waiting
        let records = try Int64.fetchAll(db, sql: "SELECT id FROM record WHERE feed = 2 AND \(which) ORDER BY id")
        for record in records { try derive(record) }
    }

    /// Folds a record again and writes what it comes to.
    /// - Parameter position: what lies up to it others may have been sent past; 0 where nothing was, as in a rebuild,
    ///   which finds what was owed then.
    func derive(_ row: Int64, arrivedBehind position: Int64 = .max) throws {
        guard try Int.fetchOne(db, sql: "SELECT feed FROM record WHERE id = ?", arguments: [row]) == 2 else {
            return try deriveCatalog(row)
        }
        let record = try caseRecord(row)
        try widen(record, arrivedBehind: position)
        // nil while its acceptance has not come yet; the journal holds what has.
        try write(ServiceCaseRow(record, rules: deadlineRules), of: record.row)
        try writeActions(record)
        try writeConflicts(record)
    }

    // MARK: - Audience

    /// Units only ever come in; whoever is under one that came in late is owed what was sent past it.
    private func widen(_ record: CaseRecord, arrivedBehind position: Int64) throws {
        let held = Set(
            try String.fetchAll(db, sql: "SELECT unit FROM audience WHERE record = ?", arguments: [record.row]))
        let added = record.state.units.map(\.text).filter { !held.contains($0) }.sorted()
        guard !added.isEmpty else { return }
        // A case may have waited unseen, for a charter entry or an opening, while cursors moved over it.
        let isNew = try held.isEmpty && !hasArrived(record.row, by: position)
        let insert = try db.cachedStatement(sql: "INSERT INTO audience (record, unit, since) VALUES (?, ?, ?)")
        for unit in added {
            guard !isNew else {
                // A rebuild finds the widenings that there were.
                let since = try Int64.fetchOne(
                    db, sql: "SELECT min(position) FROM widening WHERE record = ? AND unit = ?",
                    arguments: [record.row, unit])
                try insert.execute(arguments: [record.row, unit, since ?? 0])
                continue
            }
            let head = try journalHead().next(
                Digest32(hashing: Data("widening".utf8), record.creation.author.value.data, Data(unit.utf8)))
            try db.execute(
                sql: "INSERT INTO widening (position, feed, record, unit, rolling) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    head.position, record.creation.feed.rawValue, record.row, unit, Int64(bitPattern: head.rolling),
                ])
            try insert.execute(arguments: [record.row, unit, head.position])
        }
    }

    private func hasArrived(_ record: Int64, by position: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM journal WHERE record = ? AND position <= ?)"),
            arguments: [record, position]) ?? false
    }

    // MARK: - Rows

    private func writeActions(_ record: CaseRecord) throws {
        try db.cachedStatement(sql: "DELETE FROM case_action WHERE record = ?").execute(arguments: [record.row])
        let positions = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT position FROM journal WHERE record = ? ORDER BY position"),
            arguments: [record.row])
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO case_action (position, record, action, unit, actor, day, status)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        for (position, entry) in zip(positions, record.history.entries) {
            let changeSet = entry.changeSet
            let name = CaseAction(kind: changeSet.kind)?.name ?? "unknown.\(changeSet.kind.rawValue)"
            let status = record.state.status[entry.placed.leaf.leaf]?.code ?? ""
            try insert.execute(arguments: [
                position, record.row, name, record.authors[entry.placed.place.author]?.unit.text ?? "",
                changeSet.actor, (try? CaseBody(changeSet.body))?.day ?? 0, status,
            ])
        }
    }

    private func writeConflicts(_ record: CaseRecord) throws {
        try db.cachedStatement(sql: "DELETE FROM case_conflict WHERE record = ?").execute(arguments: [record.row])
        for conflict in record.conflicts {
            try db.execute(
                sql: "INSERT INTO case_conflict (record, field, id, chosen, others) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    record.row, conflict.field, conflict.id.data, conflict.chosen,
                    try JSONText.array(conflict.others),
                ])
        }
    }
}

extension CharterChange {
    fileprivate var changesUnits: Bool {
        switch self {
        case .genesis, .move, .join, .units(_, last: true): true
        default: false
        }
    }

    /// Whether it bears on what was written before it: a cut on what stands, a topology on who is above whom, a
    /// calendar or a policy on deadlines. What a grant gives is judged by the pin, and a hold is for connections.
    fileprivate var reachesBack: Bool {
        switch self {
        case .genesis, .units(_, last: false), .grant, .hold: false
        default: true
        }
    }
}
