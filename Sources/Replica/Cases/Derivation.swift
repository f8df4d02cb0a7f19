import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Brings everything derived up to date after change sets of these records have been written to the journal.
    /// - Parameters:
    ///   - head: where the journal ended before them.
    ///   - isOwn: they were written here just now, and fail when something cannot be derived.
    func afterArrival(of records: [Int64?], in feed: Feed, behind head: JournalCursor, isOwn: Bool = false) throws {
        guard feed != .charter else { return try afterCharterMoved() }
        for case let record? in try separatingTwins(records, in: feed) {
            // Whatever comes of a retired case needs what it rests on.
            if try isAway(record) { try wishBack(record) }
            underived[record] = min(underived[record] ?? .max, head.position)
        }
        if !isGathering { try deriveGathered(isOwn: isOwn) }
    }

    /// Derives each record once, however many of its change sets `body` writes. What is derived of them cannot be read
    /// before the end.
    package func derivingOnce<T>(_ body: () throws -> T) throws -> T {
        precondition(!isGathering, "derivation is gathered once")
        isGathering = true
        let result = try body()
        isGathering = false
        try deriveGathered(isOwn: true)
        return result
    }

    private func deriveGathered(isOwn: Bool) throws {
        let gathered = underived.sorted { $0.key < $1.key }
        underived = [:]
        for (record, position) in gathered { try derive(record, arrivedBehind: position, isOwn: isOwn) }
    }

    /// A new entry may end the waiting of what pinned it; one that reaches back may change what every case comes to.
    func afterCharterMoved() throws {
        let known = charter
        let new = try readNewCharterEntries()
        guard charter.count > known.count else { return }
        if new.contains(where: \.changesUnits) { try unitsChanged(since: known) }
        try deriveCatalog(waitingSince: known)
        let waiting = """
            id NOT IN (SELECT record FROM service_case WHERE pending = 0)
            AND id NOT IN (SELECT record FROM stub WHERE wished IS NULL)
            """
        let which = new.contains(where: \.reachesBack) ? "true" : waiting
        let records = try Int64.fetchAll(db, sql: "SELECT id FROM record WHERE feed = 2 AND \(which) ORDER BY id")
        for record in records { try derive(record) }
        if new.contains(where: \.cuts) {
            try wishBackWhatIsCut()
            try compareForHeirs(of: new)
        }
    }

    /// Folds a record again and writes what it comes to; sets it aside where that is not possible. For whom it is may
    /// be told all the same.
    /// - Parameters:
    ///   - position: what lies up to it others may have been sent past; 0 where nothing was, as in a rebuild, which
    ///     finds what was owed then.
    ///   - isAnew: some of its change sets are gone, so that its audience may be smaller than it was.
    ///   - isOwn: it was written here just now, and fails instead.
    func derive(
        _ row: Int64, arrivedBehind position: Int64 = .max, isAnew: Bool = false, isOwn: Bool = false
    ) throws {
        // Where not even its audience could be derived when it came about, that is tried again, and all of it is owed
        // anew.
        let isTriedAgain = try isUntold(row) && isOneOfSeveral(row)
        let isRegrouped = regrouped.remove(row) != nil || isTriedAgain
        // So it is where nothing has come, and what is held for long was told apart otherwise.
        let isOwedAnew = isTriedAgain || isAnew && isRegrouped
        func tellAudience() throws -> FoldedCase? {
            if isAnew || isRegrouped {
                try db.cachedStatement(sql: "DELETE FROM audience WHERE record = ?").execute(arguments: [row])
            }
            // What it owed was owed for change sets of another one.
            if isRegrouped { try dropWidenings("record = ?", [row]) }
            return try deriveAudience(row, arrivedBehind: isOwedAnew ? .max : position)
        }
        try deriving(row, isOwn: isOwn, audience: { _ = try tellAudience() }) {
            if let folded = try tellAudience() {
                try writeRows(of: folded)
            } else if try creation(of: row).feed != .casework {
                try deriveCatalog(row)
            }
        }
    }

    /// A case whose audience stands.
    private struct FoldedCase {
        let record: CaseRecord
        /// Nothing had been derived of it before.
        let isNew: Bool
    }

    /// - Returns: nil where nothing else is to be folded of it: it is of the catalog, whose audience needs no rows, or
    ///   its change sets have left this node.
    private func deriveAudience(_ row: Int64, arrivedBehind position: Int64) throws -> FoldedCase? {
        guard try creation(of: row).feed == .casework else { return nil }
        if try deriveStub(row) { return nil }
        let isNew = records.noteDerived(row)
        let record = try caseRecord(row)
        if !isNew { try widenByStub(row, arrivedBehind: position) }
        try wishBackWhatTells(record.history)
        try widen(record, isNew: isNew, arrivedBehind: position)
        return FoldedCase(record: record, isNew: isNew)
    }

    private func writeRows(of folded: FoldedCase) throws {
        let (record, isNew) = (folded.record, folded.isNew)
        // nil while its acceptance has not come yet; the journal holds what has.
        try write(ServiceCaseRow(record, rules: deadlineRules), of: record.row, isNew: isNew)
        try writeStatuses(record, isNew: isNew)
        try writeConflicts(record, isNew: isNew)
    }

    // MARK: - Audience

    /// Units only ever come in; whoever is under one that came in late is owed what was sent past it.
    private func widen(_ record: CaseRecord, isNew: Bool, arrivedBehind position: Int64) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO audience (record, unit, since) VALUES (?, ?, ?)")
        guard !isNew else {
            for unit in record.state.units.map(\.text).sorted() {
                try insert.execute(arguments: [record.row, unit, 0])
            }
            return
        }
        let held = Set(
            try String.fetchAll(
                db.cachedStatement(sql: "SELECT unit FROM audience WHERE record = ?"), arguments: [record.row]))
        let added = record.state.units.filter { !held.contains($0.text) }.sorted { $0.text < $1.text }
        guard !added.isEmpty else { return }
        // A case may have waited unseen, for a charter entry or an opening, while cursors moved over it.
        let isUnseen = try held.isEmpty && !hasArrived(record.row, by: position)
        for code in added {
            let unit = code.text
            guard !isUnseen else {
                // A rebuild finds the widenings that there were.
                try insert.execute(arguments: [record.row, unit, try firstWidening(of: record.row, to: code) ?? 0])
                continue
            }
            try widen(record.creation.feed, .record(record.row), to: code)
            try insert.execute(arguments: [record.row, unit, try firstWidening(of: record.row, to: code)])
        }
    }

    func firstWidening(of record: Int64, to unit: UnitCode) throws -> Int64? {
        let find = "SELECT min(position) FROM widening WHERE record = ? AND unit = ? AND again = 0"
        return try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [record, unit.text])
    }

    func hasArrived(_ record: Int64, by position: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM journal WHERE record = ? AND position <= ?)"),
            arguments: [record, position]) ?? false
    }

    // MARK: - Rows

    /// What it usually comes to needs no row: the view `case_action` says it.
    private func writeStatuses(_ record: CaseRecord, isNew: Bool) throws {
        if !isNew {
            try db.cachedStatement(sql: "DELETE FROM case_status WHERE record = ?").execute(arguments: [record.row])
        }
        for (position, entry) in zip(record.positions, record.history.entries) {
            let isMerging = CaseAction(kind: entry.changeSet.kind).map(Self.merging.contains) ?? false
            let usual: Status = isMerging ? .merged : .effective
            guard let status = record.state.status[entry.placed.leaf.leaf], status != usual else { continue }
            try db.cachedStatement(sql: "INSERT INTO case_status (record, position, status) VALUES (?, ?, ?)")
                .execute(arguments: [record.row, position, status.code])
        }
    }

    /// Actions that are usually merged; all others are usually effective.
    static let merging: [CaseAction] = [.amend, .note, .evaluate]

    private func writeConflicts(_ record: CaseRecord, isNew: Bool) throws {
        guard !isNew || !record.state.conflicts.isEmpty else { return }
        try db.cachedStatement(sql: "DELETE FROM case_conflict WHERE record = ?").execute(arguments: [record.row])
        for conflict in record.conflicts {
            try db.cachedStatement(
                sql: "INSERT INTO case_conflict (record, field, id, chosen, others) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [
                record.row, conflict.field, conflict.id.data, conflict.chosen,
                JSONText.array(conflict.others),
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

    fileprivate var cuts: Bool {
        switch self {
        case .cut, .join: true
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
