import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A row of its own in the order of arrival: all of it that lies below this position is owed to whoever is under the
/// unit (RULES, "Visibility").
struct Widening: Sendable {
    enum Subject: Hashable, Sendable {
        /// A case that came to concern a further unit.
        case record(Int64)
        /// A case that concerned the unit before, and is told again with the seals by which it is read.
        case again(Int64)
        /// What concerns a unit, and those below it, that came under a further one.
        case moved(UnitCode)
    }

    let position: Int64
    let feed: Feed
    let subject: Subject
    /// The unit that was added: to the case, or above the moved one.
    let unit: UnitCode
    /// nil where its cell is no number any more; what is owed is sent all the same.
    let rolling: UInt64?
}

/// A change set that a widening owes.
struct OwedRow: Sendable {
    let position: Int64
    let run: Int64
    let sequence: UInt64
    let bytes: Int
}

extension Widening {
    fileprivate static let columns = """
        position, record, moved, unit, CASE WHEN \(Transaction.hasDigest) THEN rolling END, again, feed
        """

    /// nil where the disk has changed it beyond reading.
    /// - Parameter row: `columns`.
    fileprivate init?(_ row: Row) {
        guard let owed = Self.owed(row), let position = try? row[0] as Int64, let feed = try? row.feed(6) else {
            return nil
        }
        let rolling = try? row[4] as Int64
        self.init(
            position: position, feed: feed, subject: owed.subject, unit: owed.unit,
            rolling: rolling.map(UInt64.init(bitPattern:)))
    }

    /// What it is about, which its digest covers and which may be there without one.
    fileprivate static func owed(_ row: Row) -> (subject: Subject, unit: UnitCode)? {
        guard let text = try? row[3] as String, let unit = UnitCode(text) else { return nil }
        if let record = try? row[1] as Int64 {
            guard let again = try? row[5] as Bool else { return nil }
            return (again ? .again(record) : .record(record), unit)
        }
        guard let text = try? row[2] as String, let moved = UnitCode(text) else { return nil }
        return (.moved(moved), unit)
    }
}

extension Schema {
    static let casesToldAgain = """
        ALTER TABLE widening ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1));
        """
}

extension Transaction {
    /// Owes something to whoever is under a unit.
    func widen(_ feed: Feed, _ subject: Widening.Subject, to unit: UnitCode) throws {
        let (record, moved, again): (Int64?, UnitCode?, Bool) =
            switch subject {
            case .record(let record): (record, nil, false)
            case .again(let record): (record, nil, true)
            case .moved(let moved): (nil, moved, false)
            }
        let head = try journalHead().next(content(of: subject, unit: unit))
        try db.cachedStatement(
            sql: """
                INSERT INTO widening (position, feed, record, moved, unit, rolling, again) VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            head.position, feed.rawValue, record, moved?.text, unit.text, Int64(bitPattern: head.rolling), again,
        ])
    }

    /// Owes nothing more by the widenings to which an SQL condition applies; cursors may rest on their positions.
    func dropWidenings(_ condition: String, _ arguments: StatementArguments = []) throws {
        let keep = "INSERT INTO vacated (position, rolling) SELECT position, rolling FROM widening"
        try db.cachedStatement(sql: "\(keep) WHERE \(Self.hasDigest) AND (\(condition))").execute(arguments: arguments)
        try db.cachedStatement(sql: "DELETE FROM widening WHERE \(condition)").execute(arguments: arguments)
    }

    /// What the rolling digest of a widening covers.
    func content(of subject: Widening.Subject, unit: UnitCode) throws -> Digest32 {
        switch subject {
        case .record(let record), .again(let record):
            let author = try creation(of: record).author.value.data
            return Digest32(hashing: Data("widening".utf8), author, Data(unit.text.utf8))
        case .moved(let moved): return Digest32(hashing: Data("move".utf8), Data("\(moved) \(unit)".utf8))
        }
    }

    /// In order. One that the disk has changed beyond reading owes nothing and keeps nobody from the others; it is
    /// noted, and what it owed is brought by a comparison once it is taken out.
    func widenings(in feed: Feed, behind position: Int64, through last: Int64) throws -> [Widening] {
        let find = try db.cachedStatement(
            sql: """
                SELECT \(Widening.columns) FROM widening
                WHERE feed = ? AND position > ? AND position <= ? ORDER BY position
                """)
        return try Row.fetchAll(find, arguments: [feed.rawValue, position, last]).compactMap { row in
            let widening = Widening(row)
            if widening?.rolling == nil { damage.add(.widening(try row[0])) }
            return widening
        }
    }

    /// What the rolling digest of a widening covers; nil where there is none, or it cannot be read.
    func content(ofWideningAt position: Int64) throws -> Digest32? {
        guard let row = try wideningCells(at: position), let owed = Widening.owed(row) else { return nil }
        do { return try content(of: owed.subject, unit: owed.unit) } catch ReplicaError.damaged { return nil }
    }

    /// Whether a widening can be read and is the one that was written there, by the rolling digest of its position: as
    /// far as that covers it (docs/ARCHITECTURE.md, "A disk that changes bytes").
    func isSound(wideningAt position: Int64) throws -> Bool {
        guard let row = try wideningCells(at: position) else { return true }
        do {
            guard let rolling = Widening(row)?.rolling, let content = try content(ofWideningAt: position) else {
                return false
            }
            return try stands(content, at: position, rolling: Int64(bitPattern: rolling))
        } catch ReplicaError.damagedOpening {
            // That is found by itself.
            return true
        }
    }

    private func wideningCells(at position: Int64) throws -> Row? {
        let find = "SELECT \(Widening.columns) FROM widening WHERE position = ?"
        return try Row.fetchOne(db.cachedStatement(sql: find), arguments: [position])
    }

    /// What of a widening the addressee is owed, at most `rowsPerScan` rows; nil when it is none of its concern.
    /// - Parameter done: position up to which it was sent.
    func owed(by widening: Widening, to addressee: Addressee, beyond done: Int64) throws -> [OwedRow]? {
        #if PLANTED
            if Planted.present == .historyNotSentAlong { return nil }
        #endif
        guard
            let choice = try addressee.isBelow
                ? records(of: widening, for: addressee) : authors(of: widening, for: addressee)
        else { return nil }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT position, run.id, run.first + offset, journal.size FROM journal JOIN run ON run.id = journal.run
                WHERE \(choice.sql) AND position > ? AND position < ? AND run.signature IS NOT NULL
                AND run.feed = ? AND source IS NOT ? ORDER BY position LIMIT ?
                """,
            arguments: choice.arguments + [
                done, widening.position, widening.feed.rawValue, addressee.peer.row, Self.rowsPerScan,
            ])
        return try rows.map {
            OwedRow(position: try $0[0], run: try $0[1], sequence: try $0.count(2), bytes: try $0[3])
        }
    }

    /// What this unit, or one that came under it, and those below have written, or one that was below it once, for who
    /// stands above both since; nil when the widening is none of the addressee's concern.
    private func authors(
        of widening: Widening, for addressee: Addressee
    ) throws -> (sql: String, arguments: StatementArguments)? {
        let topology = charter.current.topology
        guard case .moved(let unit) = widening.subject, widening.unit == addressee.peer.unit,
            let own = try identity?.unit, topology.isAbove(widening.unit, own)
        else { return nil }
        guard topology.isAboveOrSelf(own, unit) else {
            // Those below it today may never have been below the addressee.
            let hasStood = charter.hasEverBeenAbove(own, unit) && charter.hasEverBeenAbove(widening.unit, unit)
            return hasStood
                ? (
                    "journal.feed = ? AND run.author IN (SELECT id FROM author WHERE unit = ?)",
                    [widening.feed.rawValue, unit.text]
                ) : nil
        }
        return (
            """
            journal.feed = ? AND run.author IN (SELECT author.id FROM author
                JOIN unit_above ON unit_above.unit = author.unit WHERE ancestor = ?)
            """, [widening.feed.rawValue, unit.text]
        )
    }

    /// The records that a widening means for the addressee; nil when it is none of its concern.
    private func records(
        of widening: Widening, for addressee: Addressee
    ) throws -> (sql: String, arguments: StatementArguments)? {
        let topology = charter.current.topology
        let peer = addressee.peer.unit
        switch widening.subject {
        case .record(let record), .again(let record):
            let audience = try audience(of: record)
            // A disk that has changed the number must not show a case to whom it does not concern.
            guard topology.isAboveOrSelf(peer, widening.unit), audience.contains(where: { $0.unit == widening.unit })
            else { return nil }
            if case .again = widening.subject { return ("record = ?", [record]) }
            // Whoever had another unit of the case in its subtree has seen it all, but for what came there later, and
            // may leave again before the cursor comes to what is owed for that.
            let others = audience.filter { $0.since < widening.position && topology.isAboveOrSelf(peer, $0.unit) }
            guard !others.isEmpty else { return ("record = ?", [record]) }
            let coming = try movedUnits(owedTo: peer, behind: widening.position)
            let hasSeen = others.contains { other in !coming.contains { topology.isAboveOrSelf($0, other.unit) } }
            return hasSeen ? nil : ("record = ?", [record])
        case .moved(let unit):
            guard topology.isAboveOrSelf(widening.unit, unit) else { return nil }
            switch widening.feed {
            case .casework where peer == widening.unit:
                return (
                    """
                    record IN (SELECT record FROM audience JOIN unit_above ON unit_above.unit = audience.unit
                        WHERE ancestor = ? AND since < ?)
                    """, [unit.text, widening.position]
                )
            case .published where peer == widening.unit:
                return (
                    """
                    record IN (SELECT record.id FROM record JOIN author ON author.id = record.author
                        JOIN unit_above ON unit_above.unit = author.unit WHERE feed = 3 AND ancestor = ?)
                    """, [unit.text]
                )
            case .published where topology.isAboveOrSelf(unit, peer):
                return (
                    """
                    record IN (SELECT record.id FROM record JOIN author ON author.id = record.author
                        WHERE feed = 3 AND author.unit = ?)
                    """, [widening.unit.text]
                )
            default: return nil
            }
        }
    }
}
