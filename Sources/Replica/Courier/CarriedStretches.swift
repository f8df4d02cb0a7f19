import ChangeSet
import GRDB
import ServiceModel

extension Schema {
    /// `carried_stretch` has what was applied behind a gap; `carried_volume` which volumes came, `exported_bundle` how
    /// far the last bundle toward each neighbour goes.
    static let courier = """
        CREATE TABLE carried_stretch (
            peer INTEGER NOT NULL REFERENCES peer (id),
            feed INTEGER NOT NULL,
            start_position INTEGER NOT NULL,
            start_offset INTEGER NOT NULL,
            start_rolling INTEGER NOT NULL,
            end_position INTEGER NOT NULL,
            end_offset INTEGER NOT NULL,
            end_rolling INTEGER NOT NULL,
            PRIMARY KEY (peer, feed, start_position, start_offset, start_rolling)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE carried_volume (
            arrival INTEGER PRIMARY KEY,
            peer INTEGER NOT NULL REFERENCES peer (id),
            bundle BLOB NOT NULL CHECK (length(bundle) = 16),
            volume INTEGER NOT NULL,
            last INTEGER NOT NULL CHECK (last IN (0, 1)),
            UNIQUE (peer, bundle, volume)
        ) STRICT;
        CREATE TABLE exported_bundle (
            unit TEXT NOT NULL,
            node INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            bundle BLOB NOT NULL CHECK (length(bundle) = 16),
            volumes INTEGER NOT NULL,
            whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
            casework_position INTEGER NOT NULL,
            casework_offset INTEGER NOT NULL,
            casework_rolling INTEGER NOT NULL,
            published_position INTEGER NOT NULL,
            published_offset INTEGER NOT NULL,
            published_rolling INTEGER NOT NULL,
            PRIMARY KEY (unit, node)
        ) STRICT, WITHOUT ROWID;
        """
}

/// What came of one feed of a peer by courier and lies behind a gap. The cursor moves over it once the gap is filled,
/// by another volume or over the line.
package struct CarriedStretches: Equatable, Sendable {
    package struct Stretch: Hashable, Sendable {
        package let start: JournalCursor
        package let end: JournalCursor

        package init(start: JournalCursor, end: JournalCursor) {
            self.start = start
            self.end = end
        }
    }

    /// Apart from one another.
    package private(set) var stretches: Set<Stretch>

    package init(_ stretches: Set<Stretch> = []) { self.stretches = stretches }

    /// What was chosen from `start` to `end` is held.
    package mutating func add(_ stretch: Stretch) {
        var whole = stretch
        for other in stretches where whole.joins(other) || other.joins(whole) {
            stretches.remove(other)
            whole = Stretch(
                start: other.start.isBefore(whole.start) ? other.start : whole.start,
                end: whole.end.isBefore(other.end) ? other.end : whole.end)
        }
        stretches.insert(whole)
    }

    /// How far all is held for who holds all up to `held`; forgets what lies behind that.
    package mutating func reach(from held: JournalCursor) -> JournalCursor {
        let mine = Stretch(start: .start, end: held)
        let next = stretches.first { mine.joins($0) && held.isBefore($0.end) }
        let reached = next?.end ?? held
        stretches = stretches.filter { reached.isBefore($0.end) }
        return reached
    }
}

extension CarriedStretches.Stretch {
    /// Whether another one begins within this one or right at its end. Who was rolled back names the same position with
    /// another digest.
    fileprivate func joins(_ other: Self) -> Bool {
        guard !other.start.isBefore(start), !end.isBefore(other.start) else { return false }
        return end.isBefore(other.start) || other.start.isBefore(end) || other.start == end
    }
}

extension JournalCursor {
    /// Whether it names an earlier point of the same order.
    package func isBefore(_ other: JournalCursor) -> Bool { (position, offset) < (other.position, other.offset) }
}

extension Transaction {
    /// - Returns: the cursor up to which all of the feed is held, when all is held up to `held`.
    func carriedReach(from held: JournalCursor, of peer: Peer, _ feed: Feed) throws -> JournalCursor {
        var carried = try carriedStretches(of: peer, feed)
        guard !carried.stretches.isEmpty else { return held }
        let reached = carried.reach(from: held)
        try keep(carried, of: peer, feed)
        return reached
    }

    package func carriedStretches(of peer: Peer, _ feed: Feed) throws -> CarriedStretches {
        let find = try db.cachedStatement(
            sql: """
                SELECT start_position, start_offset, start_rolling, end_position, end_offset, end_rolling
                FROM carried_stretch WHERE peer = ? AND feed = ?
                """)
        let rows = try Row.fetchAll(find, arguments: [peer.row, feed.rawValue])
        return CarriedStretches(
            Set(try rows.map { try .init(start: JournalCursor($0, at: 0), end: JournalCursor($0, at: 3)) }))
    }

    func keep(_ carried: CarriedStretches, of peer: Peer, _ feed: Feed) throws {
        guard carried.stretches.count <= Limits.stretchesPerFeed else { throw WireError.tooLarge("bundles") }
        try db.execute(
            sql: "DELETE FROM carried_stretch WHERE peer = ? AND feed = ?", arguments: [peer.row, feed.rawValue])
        for stretch in carried.stretches {
            try db.execute(
                sql: "INSERT INTO carried_stretch VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [peer.row, feed.rawValue] + stretch.start.cells + stretch.end.cells)
        }
    }
}

extension JournalCursor {
    /// From three columns. One that the disk has made negative names no row: it is at the beginning.
    init(_ row: Row, at column: Int) throws {
        let position: Int64 = try row[column], offset: Int64 = try row[column + 1]
        self =
            position < 0 || offset < 0
            ? .start
            : JournalCursor(position: position, offset: offset, rolling: UInt64(bitPattern: try row[column + 2]))
    }

    /// For three columns.
    var cells: StatementArguments { [position, offset, Int64(bitPattern: rolling)] }
}
