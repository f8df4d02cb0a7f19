import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What was taken out of the journal because the disk had changed it. Its bytes are kept beside the journal as they
/// were found, and it is held no more: whoever has it brings it again.
package struct TakenOut: Hashable, Sendable {
    /// A part of a journal, and what its rows said of it.
    package struct Run: Hashable, Sendable {
        /// Its row among what was taken out.
        let row: Int64
        package let name: RunName
        /// It was not sealed yet.
        package let isOpen: Bool
        /// It was written here, and the parent has not confirmed it: nobody else has it.
        package let isLost: Bool
        package let said: [Said]
        /// Whether a person has looked after what is lost of it.
        package internal(set) var isSeen = false
    }

    /// What a row of the journal said of a change set, for whoever has to find out what it was.
    package struct Said: Codable, Hashable, Sendable {
        package let sequence: UInt64
        package let action: String?
        package let actor: String?
        /// Civil days since 1970.
        package let day: Int32?
        /// Of its case.
        package let receipt: String?
        package let applicant: String?
    }

    package var runs: [Run] = []
    /// Authors whose openings were damaged, with all their runs.
    package var openings: [AuthorID] = []
    /// So many runs of which columns that repeat something were written again, and openings that are kept twice.
    package var mended = 0
    /// So many rows by which something was owed to a unit.
    package var widenings = 0
    /// What decides who has what was wrong, so that something may have been kept from whom it concerns.
    package var wasMisled = false
    /// This node cannot go on under its author: a sequence that it has given is held no more.
    package var endsAuthor = false

    /// Something is held no more that was held before.
    package var isHeldNoMore: Bool { !runs.isEmpty || !openings.isEmpty }
    /// No cursor tells what the neighbours hold any more.
    var endsLife: Bool { isHeldNoMore || widenings > 0 || wasMisled }
    package var isEmpty: Bool { !endsLife && mended == 0 }

    package init() {}

    package mutating func add(_ more: TakenOut) {
        runs += more.runs
        openings += more.openings
        mended += more.mended
        widenings += more.widenings
        wasMisled = wasMisled || more.wasMisled
        endsAuthor = endsAuthor || more.endsAuthor
    }

    /// Change sets that nobody else has.
    package var lost: [Run] { runs.filter(\.isLost) }
}

extension Transaction {
    /// What was taken out and has not come again: first all that is lost and that no person has looked after, then the
    /// rest; of each the oldest first.
    /// - Parameter limit: of the rest.
    /// - Throws: `ReplicaError.damaged`.
    package func takenOut(limit: Int = 100) throws -> [TakenOut.Run] {
        try takenOut(where: Self.isLostUnseen, limit: .max)
            + takenOut(where: "NOT (\(Self.isLostUnseen))", limit: limit)
    }

    /// - Parameter condition: SQL on a row of `damaged_run`.
    private func takenOut(where condition: String, limit: Int) throws -> [TakenOut.Run] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id, author, unit, feed, sequences, is_lost, said, seen IS NOT NULL FROM damaged_run
                WHERE \(condition) AND NOT \(Self.isBack) ORDER BY id LIMIT ?
                """, arguments: [limit])
        return try rows.map { row in
            var name = RunName(run: try row[0])
            name.author = try (row[1] as Data?).flatMap { Bytes16($0) }.map { AuthorID($0) }
            name.unit = try (row[2] as String?).flatMap { UnitCode($0) }
            name.feed = try (row[3] as Int64?).flatMap { UInt8(exactly: $0) }.flatMap(Feed.init)
            let sequences: [UInt64] = try Self.decode(row[4])
            if let first = sequences.min(), let last = sequences.max() { name.sequences = first...last }
            return TakenOut.Run(
                row: try row[0], name: name, isOpen: false, isLost: try row[5], said: try Self.decode(row[6]),
                isSeen: try row[7])
        }
    }

    /// How many change sets were taken out and have not come again, how many of them nobody else has, and of how many
    /// of those no person has looked after it.
    package func countOfTakenOut() throws -> (all: Int, lost: Int, lostUnseen: Int) {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT coalesce(sum(json_array_length(sequences)), 0),
                        coalesce(sum(json_array_length(sequences)) FILTER (WHERE is_lost), 0),
                        coalesce(sum(json_array_length(sequences)) FILTER (WHERE \(Self.isLostUnseen)), 0)
                    FROM damaged_run WHERE CASE WHEN json_valid(sequences) THEN NOT \(Self.isBack) END
                    """))
        return (try row?[0] ?? 0, try row?[1] ?? 0, try row?[2] ?? 0)
    }

    /// Notes that a person has looked after what is lost of these, and of nothing that was not listed.
    /// - Parameter time: seconds since 1970.
    package func noteLostSeen(_ listed: [TakenOut.Run], time: Int64) throws {
        try db.execute(
            sql: """
                UPDATE damaged_run SET seen = ?
                WHERE \(Self.isLostUnseen) AND id IN (SELECT value FROM json_each(?))
                """, arguments: [time, try JSONText.value(listed.map(\.row))])
    }

    /// Forgets what has come again. What nobody else had is remembered.
    func forgetWhatIsBack() throws {
        try db.execute(sql: "DELETE FROM damaged_run WHERE CASE WHEN json_valid(sequences) THEN \(Self.isBack) END")
    }

    /// SQL on a row of `damaged_run`.
    private static let isLostUnseen = "is_lost AND seen IS NULL"

    /// SQL on a row of `damaged_run`: all of its sequences are held, or as many change sets under its signature. The
    /// disk may have changed where a run stands, or its signature, and hardly both. The sequences must be valid JSON:
    /// such a row may be damaged again.
    private static let isBack = """
        (json_array_length(sequences) > 0 AND NOT EXISTS (
            SELECT 1 FROM json_each(sequences) AS one WHERE NOT EXISTS (
                SELECT 1 FROM author JOIN run ON run.author = author.id JOIN journal ON journal.run = run.id
                WHERE author.name = damaged_run.author AND run.feed = damaged_run.feed
                    AND run.first BETWEEN one.value - \(Limits.changeSetsPerRun) AND one.value
                    AND run.first + journal.offset = one.value))
        OR EXISTS (
            SELECT 1 FROM run LEFT JOIN journal ON journal.run = run.id WHERE run.signature = damaged_run.signature
            GROUP BY run.id HAVING count(journal.position) >= json_array_length(sequences)))
        """

    private static func decode<T: Decodable>(_ text: String) throws -> T {
        guard let value = try? JSONDecoder().decode(T.self, from: Data(text.utf8)) else {
            throw ReplicaError.damaged("damaged_run")
        }
        return value
    }

    // MARK: - Taking out

    /// Takes change sets of a run out of the journal; of a sealed one, or where none is named, all.
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - named: tells of a case that is not derived here, by its record.
    /// - Returns: what is to be said of them.
    func takeOut(
        _ id: Int64, only offsets: Set<Int>?, now: Int64, named: (Int64) -> NamedCase?
    ) throws -> TakenOut.Run {
        let name = name(ofRun: id)
        let signature = try? Data.fetchOne(db, sql: "SELECT signature FROM run WHERE id = ?", arguments: [id])
        let isLost = try signature == nil || isNowhereElse(id)
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT position, offset, action, actor, day, record FROM journal WHERE run = ? ORDER BY offset",
            arguments: [id]
        ).filter { row in try offsets.map { $0.contains(try row[1]) } ?? true }
        let first = name.sequences?.lowerBound ?? 0
        let byOffset = Dictionary(try rows.map { (try $0[1] as Int, $0) }, uniquingKeysWith: { one, _ in one })
        // Of some even the row may be missing.
        let said = (offsets ?? Set(byOffset.keys)).sorted().map { offset in
            let row = byOffset[offset], sequence = first &+ UInt64(clamping: offset)
            let record = row == nil ? recordCreated(at: sequence, in: name) : try? row?[5]
            let found = record.flatMap { NamedCase.find($0, db) ?? named($0) }
            return TakenOut.Said(
                sequence: sequence, action: try? row?[2], actor: try? row?[3], day: try? row?[4],
                receipt: found?.receipt, applicant: found?.applicant)
        }
        try db.execute(
            sql: """
                INSERT INTO damaged_run (since, author, unit, feed, sequences, signature, is_lost, said, content)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now, name.author?.value.data, name.unit?.text, name.feed?.rawValue,
                try JSONText.value(said.map(\.sequence)), signature, isLost, try JSONText.value(said),
                try content(ofRun: id),
            ])
        let entry = db.lastInsertedRowID
        for row in rows { try vacate(row[0]) }
        // The next that is written into the run may come to the same offset.
        try db.execute(
            sql: """
                DELETE FROM unpacked WHERE run = ?1 AND offset NOT IN (SELECT offset FROM journal WHERE run = ?1)
                """, arguments: [id])
        try removeIfEmpty(id)
        memory.runs = RunCache()
        var taken = name
        if let least = said.first?.sequence, let last = said.last?.sequence { taken.sequences = least...last }
        return TakenOut.Run(row: entry, name: taken, isOpen: signature == nil, isLost: isLost, said: said)
    }

    /// nil, too, where a fork gave two cases that number: the row that told which of them it was is missing.
    private func recordCreated(at sequence: UInt64, in run: RunName) -> Int64? {
        guard let author = run.author, let feed = run.feed, feed != .charter,
            let record = try? record(created: Place(author: author, feed: feed, sequence: sequence)),
            (try? isOneOfSeveral(record)) == false
        else { return nil }
        return record
    }

    /// Whether something of a run was written here and no node above has confirmed it; what is published goes to
    /// everybody.
    private func isNowhereElse(_ run: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM journal WHERE run = ? AND feed <> 1 AND source IS NULL AND NOT EXISTS (
                        SELECT 1 FROM peer JOIN peer_cursor ON peer_cursor.peer = peer.id
                        WHERE peer_cursor.feed = journal.feed AND sent_position >= position
                        AND (journal.feed = 3 OR EXISTS (
                            SELECT 1 FROM unit_above JOIN node USING (unit) WHERE ancestor = peer.unit))))
                """, arguments: [run]) ?? false
    }

    /// A run without a row in the journal is held no more.
    private func removeIfEmpty(_ id: Int64) throws {
        guard try !isHeld(id) else { return }
        for table in ["run_hash", "unpacked"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE run = ?", arguments: [id])
        }
        try removeRun(id)
    }

    /// Every cell of a run, for whoever wants to look.
    private func content(ofRun id: Int64) throws -> String {
        var lines: [String] = []
        for (table, key) in [("run", "id"), ("run_hash", "run"), ("journal", "run"), ("unpacked", "run")] {
            let cells = try Schema.columns(of: table, db).map { "'\($0) ' || quote(\"\($0)\")" }
            let sql = "SELECT '\(table): ' || \(cells.joined(separator: " || ', ' || ")) FROM \(table) WHERE \(key) = ?"
            lines += try String.fetchAll(db, sql: sql, arguments: [id])
        }
        return lines.joined(separator: "\n")
    }

    /// What of an open run lies beyond a gap becomes runs of its own, which nobody can seal any more: as what a backup
    /// held unsealed, they rest.
    func splitBehindGaps(_ id: Int64) throws {
        let offsets = try Int.fetchAll(
            db, sql: "SELECT offset FROM journal WHERE run = ? ORDER BY offset", arguments: [id])
        let count = try Int.fetchOne(db, sql: "SELECT count FROM run WHERE id = ?", arguments: [id])
        guard offsets != Array(0..<(count ?? 0)) else { return }
        let run = try readRun(id)
        var stretches: [[Int]] = []
        for offset in offsets {
            if let end = stretches.last?.last, end + 1 == offset {
                stretches[stretches.count - 1].append(offset)
            } else {
                stretches.append([offset])
            }
        }
        let isPacked = try Bool.fetchOne(db, sql: "SELECT packed IS NOT NULL FROM run WHERE id = ?", arguments: [id])
        for stretch in stretches {
            guard let start = stretch.first, let end = stretch.last else { continue }
            let bytes = stretch.compactMap { offset in run.changeSets[offset].map { (offset: offset, bytes: $0.bytes) }
            }
            let packed =
                isPacked == true
                ? PackedRun(changeSets: bytes.map { (offset: $0.offset - start, bytes: $0.bytes) }).data : nil
            let size = bytes.reduce(0) { $0 + $1.bytes.count }
            guard start > 0 else {
                try db.execute(
                    sql: "UPDATE run SET count = ?, size = ?, packed = ? WHERE id = ?",
                    arguments: [stretch.count, size, packed, id])
                continue
            }
            try db.execute(
                sql: """
                    INSERT INTO run (author, feed, first, count, size, pin, pin_digest, seed, packed)
                    SELECT author, feed, first + ?, ?, ?, pin, pin_digest, seed, ? FROM run WHERE id = ?
                    """, arguments: [start, stretch.count, size, packed, id])
            let rest = db.lastInsertedRowID
            for table in ["journal", "unpacked"] {
                try db.execute(
                    sql: "UPDATE \(table) SET run = ?, offset = offset - ? WHERE run = ? AND offset BETWEEN ? AND ?",
                    arguments: [rest, start, id, start, end])
            }
        }
        memory.runs = RunCache()
        try removeIfEmpty(id)
    }
}
