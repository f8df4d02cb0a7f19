import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// One walk along the order of arrival, choosing what goes to a peer.
struct Scan {
    private let transaction: Transaction
    private let feed: Feed
    private let addressee: Addressee
    private let start: JournalCursor
    private(set) var end: JournalCursor
    private(set) var hasMore = false

    private var choice = BatchChoice()

    private enum Step {
        case row(ArrivedRow)
        case widening(Widening)

        var position: Int64 {
            switch self {
            case .row(let row): row.position
            case .widening(let widening): widening.position
            }
        }

        var rolling: UInt64 {
            switch self {
            case .row(let row): row.rolling
            case .widening(let widening): widening.rolling ?? 0
            }
        }
    }

    init(_ transaction: Transaction, feed: Feed, addressee: Addressee, start: JournalCursor) throws {
        self.transaction = transaction
        self.feed = feed
        self.addressee = addressee
        self.start = start
        end = start
    }

    /// - Returns: runs in order of first appearance, each with the sequences that go.
    mutating func run(budget: Int) throws -> [(run: Int64, sequences: Set<UInt64>)] {
        let (steps, isWhole) = try steps()
        var last: Int64?
        walk: for (index, step) in steps.enumerated() {
            switch step {
            case .row(let row):
                if row.isOpen { break walk }
                if choice.size >= budget, last != row.run {
                    hasMore = true
                    break walk
                }
                last = row.run
                if row.isSealed, row.source != addressee.peer.row,
                    try transaction.mayGo(
                        position: row.position, record: row.record, run: row.run, source: row.source, to: addressee),
                    try !choice.add(row.run, row.sequence, row.bytes, transaction, to: addressee)
                {
                    hasMore = true
                    break walk
                }
            case .widening(let widening):
                if choice.size >= budget {
                    hasMore = true
                    break walk
                }
                let done = try isBegun(widening) ? start.offset : 0
                guard let rows = try transaction.owed(by: widening, to: addressee, beyond: done),
                    let done = try backfill(rows, beyond: done, budget: budget)
                else { break }
                // All before it was looked at, so that the cursor may stand where it says which one is begun.
                end = try transaction.journalHead(before: widening.position)
                end.offset = done
                hasMore = true
                break walk
            }
            end = JournalCursor(position: step.position, offset: 0, rolling: step.rolling)
            if index == steps.count - 1 { hasMore = !isWhole }
        }
        return choice.runs
    }

    /// Whether it is this widening inside which the start lies, and not one that is there no more, or that nobody can
    /// read: a cursor inside one stands at the row right before it, of whatever feed.
    private func isBegun(_ widening: Widening) throws -> Bool {
        guard start.offset > 0 else { return false }
        return try transaction.journalHead(before: widening.position).position == start.position
    }

    /// - Returns: nil when all of what a widening owes is chosen, else the position up to which it is.
    private mutating func backfill(_ rows: [OwedRow], beyond done: Int64, budget: Int) throws -> Int64? {
        var done = done
        for row in rows {
            guard choice.size < budget,
                try choice.add(row.run, row.sequence, row.bytes, transaction, to: addressee)
            else { return done }
            done = row.position
        }
        return rows.count < Transaction.rowsPerScan ? nil : done
    }

    /// Which rows are looked at for the unit `?4`, which each form has to name: of casework that goes down those that
    /// `mayGo` may let go, but for since when, and those that are still open.
    private var condition: String {
        #if PLANTED
            if Planted.present == .visibilityByStringPrefix { return "?4 IS NOT NULL" }
        #endif
        guard addressee.isBelow, feed == .casework else { return "?4 IS NOT NULL" }
        return """
            (run.signature IS NULL OR EXISTS (
                SELECT 1 FROM audience JOIN unit_above ON unit_above.unit = audience.unit AND ancestor = ?4
                WHERE audience.record = journal.record))
            """
    }

    /// What came from the addressee goes by unseen, and downward what concerns nobody there: of a county's news each of
    /// its towns needs little. The last row of all is looked at, for the cursor to get there.
    private func steps() throws -> (steps: [Step], isWhole: Bool) {
        // The feed stands in the text, where the index of the rare ones is found by it.
        let feed = Int(self.feed.rawValue)
        let find = try transaction.db.cachedStatement(
            sql: """
                SELECT position, run.id, run.first + offset, record, source, journal.size, run.signature IS NOT NULL,
                    run.signature IS NULL AND run.author = (SELECT author FROM node), rolling
                FROM journal JOIN run ON run.id = journal.run
                WHERE journal.feed = \(feed) AND position > ?1
                AND (source IS NOT ?2 AND \(condition)
                    OR position = (SELECT max(position) FROM journal WHERE feed = \(feed)))
                ORDER BY position LIMIT ?3
                """)
        let rows = try Row.fetchAll(
            find,
            arguments: [start.position, addressee.peer.row, Transaction.rowsPerScan, addressee.peer.unit.text])
        let isWhole = rows.count < Transaction.rowsPerScan
        let until: Int64 = isWhole ? .max : try rows.last?[0] ?? .max
        let widenings = try transaction.widenings(in: self.feed, behind: start.position, through: until)
        let steps = try rows.map { Step.row(try ArrivedRow($0)) } + widenings.map(Step.widening)
        return (steps.sorted { $0.position < $1.position }, isWhole)
    }
}

/// A change set in the order of arrival, as far as a scan asks about it.
private struct ArrivedRow {
    let position: Int64
    let run: Int64
    let sequence: UInt64
    let record: Int64?
    let source: Int64?
    let bytes: Int
    let isSealed: Bool
    /// It will be sealed. What an earlier incarnation left unsealed never will be, and must not hold up what follows.
    let isOpen: Bool
    let rolling: UInt64

    init(_ row: Row) throws {
        position = try row[0]
        run = try row[1]
        sequence = try row.count(2)
        record = try row[3]
        source = try row[4]
        bytes = try row[5]
        isSealed = try row[6]
        isOpen = try row[7]
        rolling = UInt64(bitPattern: try row[8])
    }
}
