import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    /// In what a version of the program has ended, and how often.
    static let traps = """
        CREATE TABLE trap (
            part INTEGER NOT NULL,
            author BLOB NOT NULL,
            feed INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            times INTEGER NOT NULL,
            program TEXT NOT NULL,
            PRIMARY KEY (part, author, feed, sequence)
        ) STRICT, WITHOUT ROWID;
        """
}

extension Replica {
    /// Counts what the last process has ended in, where it did. What cannot be counted now is met again.
    func countTrap() {
        guard let trap = TrapNote.claim(beside: path, program: program) else { return }
        try? pool.writeWithoutTransaction { db in
            // Only what ends the process again and again in one thing counts: kills of another cause meet others.
            try db.execute(
                sql: """
                    DELETE FROM trap WHERE times < ? AND NOT (part = ? AND author = ? AND feed = ? AND sequence = ?)
                    """, arguments: [Transaction.mostTraps] + trap.key)
            try db.execute(
                sql: """
                    INSERT INTO trap (part, author, feed, sequence, times, program) VALUES (?, ?, ?, ?, 1, ?)
                    ON CONFLICT DO UPDATE SET program = excluded.program,
                        times = CASE WHEN program = excluded.program THEN times + 1 ELSE 1 END
                    """, arguments: trap.key + [program])
        }
    }
}

extension Transaction {
    /// How often the program has ended in one thing before it is left alone. A loss of power or a `kill -9` may meet
    /// the same one twice.
    static let mostTraps = 3

    /// In what this version has ended, and how often; read once in a transaction.
    private var traps: [Trap: Int] {
        get throws {
            if let trapsKnown { return trapsKnown }
            let find = try db.cachedStatement(
                sql: "SELECT part, author, feed, sequence, times FROM trap WHERE program = ?")
            let rows = try Row.fetchAll(find, arguments: [program])
            // What the disk has changed beyond reading holds nothing up.
            let known = Dictionary(
                rows.compactMap { row in Trap(row).flatMap { trap in (try? row[4] as Int).map { (trap, $0) } } },
                uniquingKeysWith: max)
            trapsKnown = known
            return known
        }
    }

    /// Whether this version has ended in it so often that it leaves it alone.
    func isTrap(_ part: Trap.Part, _ place: @autoclosure () throws -> Place) throws -> Bool {
        let traps = try traps
        guard !traps.isEmpty else { return false }
        return try traps[Trap(part: part, place: place())] ?? 0 >= Self.mostTraps
    }

    /// Where change sets stand that this version has ended in reading; in order.
    func unreadPlaces() throws -> [Place] {
        let trapped = try traps.filter { $0.key.part == .reading && $0.value >= Self.mostTraps }
        return trapped.keys.map(\.place).sorted { ($0.author, $0.sequence) < ($1.author, $1.sequence) }
    }

    /// - Throws: `ReplicaError.trapped` where this version has ended in deriving the record.
    func refuseTrap(_ record: Int64) throws {
        if try isTrap(.deriving, creation(of: record)) { throw ReplicaError.trapped(try creation(of: record)) }
    }

    /// Does something with what others have sent that this program may end in by a fault of its own, so that the next
    /// opening finds what it was.
    func noting<T>(
        _ part: Trap.Part, _ place: @autoclosure () throws -> Place, _ body: () throws -> T
    ) throws -> T {
        guard let note else { return try body() }
        let trap = Trap(part: part, place: try place())
        note.begin(trap)
        defer { note.pause() }
        let result = try body()
        // It was something else that had ended it.
        if let times = try traps[trap], times < Self.mostTraps { try forget(trap) }
        return result
    }

    private func forget(_ trap: Trap) throws {
        try db.execute(
            sql: "DELETE FROM trap WHERE part = ? AND author = ? AND feed = ? AND sequence = ?", arguments: trap.key)
        trapsKnown?[trap] = nil
    }

    /// Tries everything again that was left alone.
    func forgetTraps(ofOthers: Bool = false) throws {
        try db.execute(sql: "DELETE FROM trap WHERE NOT ? OR program <> ?", arguments: [ofOthers, program])
        trapsKnown = nil
    }

    /// What a change set is to this version; nil where that cannot be read, or must not be, and always in the charter.
    /// It belongs to no record then; it is kept and relayed all the same.
    func entry(
        _ placed: PlacedChangeSet, pin: EntryDigest, seals: (seal: Digest32, previous: Digest32)? = nil
    ) throws -> RecordHistory.Entry? {
        guard placed.place.feed != .charter, try !isTrap(.reading, placed.place) else { return nil }
        return try? RecordHistory.Entry(placed, pin: pin, run: seals)
    }
}

extension Trap {
    fileprivate var key: StatementArguments {
        [part.rawValue, place.author.value.data, place.feed.rawValue, Int64(clamping: place.sequence)]
    }

    /// - Parameter row: begins with its `key`.
    fileprivate init?(_ row: Row) {
        guard let number = try? row[0] as Int64, let part = UInt8(exactly: number).flatMap(Part.init),
            let name = try? row.bytes16(1), let feed = try? row.feed(2), let sequence = try? row.count(3)
        else { return nil }
        self.init(part: part, place: Place(author: AuthorID(name), feed: feed, sequence: sequence))
    }
}
