import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Synchronization

/// What was found damaged while it was read, until somebody has taken it out. Kept in memory: what is still damaged
/// after a restart is found again.
package final class DamageNotes: Sendable {
    package enum Note: Hashable, Sendable {
        /// By their rows.
        case run(Int64)
        case opening(Int64)
        /// A join of the charter that does not come to its digest.
        case join
        /// By the row of its author.
        case heartbeat(Int64)
        /// What is derived of it.
        case record(Int64)
        /// By their positions.
        case widening(Int64)
        /// Anything else that is derived: a rebuild makes it again.
        case derived
        /// An index, or the order of rows: some may have been passed over.
        case index
    }

    private let held = Mutex<Set<Note>>([])

    package var notes: Set<Note> { held.withLock { $0 } }

    func add(_ note: Note) { held.withLock { _ = $0.insert(note) } }

    func remove(_ notes: Set<Note>) { held.withLock { $0.subtract(notes) } }
}

/// Which part of which journal a run is, as far as its row can be read.
package struct RunName: Hashable, Sendable {
    /// Its row.
    package let run: Int64
    package var author: AuthorID?
    /// Of the author.
    package var unit: UnitCode?
    package var feed: Feed?
    package var sequences: ClosedRange<UInt64>?

    package init(
        run: Int64, author: AuthorID? = nil, unit: UnitCode? = nil, feed: Feed? = nil,
        sequences: ClosedRange<UInt64>? = nil
    ) {
        self.run = run
        self.author = author
        self.unit = unit
        self.feed = feed
        self.sequences = sequences
    }

    package var words: Words {
        let who = unit.map(\.text) ?? author?.description ?? "?"
        let span = sequences.map { "\($0.lowerBound)–\($0.upperBound)" } ?? "?"
        guard let feed else { return Words("run \(run) of \(who)", "\(who)的第\(run)段") }
        return Words("\(feed) \(span) of \(who)", "\(who)的\(feed.chinese) \(span)")
    }
}

extension Feed {
    fileprivate var chinese: String {
        switch self {
        case .charter: "章程"
        case .casework: "办件"
        case .published: "公布"
        }
    }
}

extension Transaction {
    /// A run that was found damaged, in this transaction or before, and that nobody has taken out yet.
    package var notedDamage: RunName? {
        damage.notes.compactMap { if case .run(let run) = $0 { run } else { nil } }.min().map { name(ofRun: $0) }
    }

    /// Writes down that a run was found damaged.
    /// - Returns: what is to be thrown.
    func noteDamage(ofRun run: Int64) -> ReplicaError {
        damage.add(.run(run))
        return .damagedRun(name(ofRun: run))
    }

    /// What can be said of a run whose row may be damaged.
    func name(ofRun id: Int64) -> RunName {
        var name = RunName(run: id)
        let find = """
            SELECT author.name, author.unit, feed, first, count FROM run JOIN author ON author.id = run.author
            WHERE run.id = ?
            """
        guard let row = try? Row.fetchOne(db, sql: find, arguments: [id]) else { return name }
        name.author = (try? row.bytes16(0)).map { AuthorID($0) }
        name.unit = (try? row[1] as String).flatMap { UnitCode($0) }
        name.feed = try? row.feed(2)
        if let first = try? row.count(3), let count = try? row.count(4), count > 0, first <= Limits.longestJournal {
            name.sequences = first...first + min(count, UInt64(Limits.changeSetsPerRun)) - 1
        }
        return name
    }
}
