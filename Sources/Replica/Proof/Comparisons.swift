import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    /// `comparison` has the last outcome with each neighbour, and `equality` the last proof with each. The serials of
    /// both tell one comparison from those before it, whatever the clock does; a proof has that of the comparison that
    /// it ended. A peer was `compared` in the life of this database in which the difference was last where it belongs;
    /// it is `ahead` as long as it may hold what this node wrote in a life that it has lost, and has not given back.
    /// `claimed` is when a unit below was last believed that there was such a life.
    static let comparison = """
        ALTER TABLE peer ADD COLUMN compared INTEGER;
        ALTER TABLE peer ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0 CHECK (ahead IN (0, 1));
        ALTER TABLE node ADD COLUMN claimed INTEGER;
        CREATE TABLE comparison (
            unit TEXT NOT NULL,
            node INTEGER NOT NULL,
            time INTEGER NOT NULL,
            lacking_there INTEGER NOT NULL CHECK (lacking_there >= 0),
            lacking_here INTEGER NOT NULL CHECK (lacking_here >= 0),
            sent INTEGER NOT NULL CHECK (sent IN (0, 1)),
            gone INTEGER NOT NULL CHECK (gone BETWEEN 0 AND lacking_there),
            gone_since INTEGER,
            serial INTEGER NOT NULL,
            PRIMARY KEY (unit, node),
            CHECK ((gone_since IS NULL) = (gone = 0))
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE equality (
            unit TEXT NOT NULL,
            node INTEGER NOT NULL,
            time INTEGER NOT NULL,
            runs INTEGER NOT NULL,
            change_sets INTEGER NOT NULL,
            own BLOB NOT NULL,
            theirs BLOB NOT NULL,
            serial INTEGER NOT NULL,
            PRIMARY KEY (unit, node)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE comparison_wish (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            serial INTEGER NOT NULL,
            done INTEGER NOT NULL,
            repairs INTEGER NOT NULL CHECK (repairs IN (0, 1))
        ) STRICT;
        """
}

/// How this replica and a neighbour's compared when they were last held against each other.
package struct ComparisonOutcome: Hashable, Sendable {
    package let unit: UnitCode
    package let node: UInt32
    /// Seconds since 1970, by this node's clock.
    package let time: Int64
    /// Runs of which the neighbour lacked something, and of which this node did.
    package let lackingThere: Int
    package let lackingHere: Int
    /// Whether the difference is where it belongs, as far as this end can tell: a child knows when both halves have
    /// arrived, a parent that it sends its own.
    package let isSent: Bool
    /// Of those that the unit above lacked, the runs of which it lacked what has left this node, so that this node
    /// cannot send it.
    package let gone: Int
    /// When it was found so first, with every comparison since finding it again. Once may be a case on its way down to
    /// the unit above.
    package let goneSince: Int64?

    /// - Parameter goneSince: kept by the replica; whoever keeps an outcome need not know.
    package init(
        unit: UnitCode, node: UInt32, time: Int64, lackingThere: Int, lackingHere: Int, isSent: Bool, gone: Int = 0,
        goneSince: Int64? = nil
    ) {
        self.unit = unit
        self.node = node
        self.time = time
        self.lackingThere = lackingThere
        self.lackingHere = lackingHere
        self.isSent = isSent
        self.gone = gone
        self.goneSince = goneSince
    }

    package var isEqual: Bool { lackingThere == 0 && lackingHere == 0 }
}

/// The last proof, signed by both ends, that a neighbour holds what this node holds of what both should.
package struct ProvenEquality: Hashable, Sendable {
    package let unit: UnitCode
    package let node: UInt32
    /// Seconds since 1970, by this node's clock.
    package let time: Int64
    package let runs: Int
    package let changeSets: Int

    package init(unit: UnitCode, node: UInt32, time: Int64, runs: Int, changeSets: Int) {
        self.unit = unit
        self.node = node
        self.time = time
        self.runs = runs
        self.changeSets = changeSets
    }
}

extension Transaction {
    /// Whether cursors with this peer belong to the present life of this database. Where they do not, or where the peer
    /// was met when much was here already, both ends compare what they hold.
    package func reliesOnCursors(with peer: Peer) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT compared IS (SELECT incarnation FROM node) FROM peer WHERE id = ?"),
            arguments: [peer.row])
            ?? false
    }

    /// The differences of a comparison are where they belong: from now on cursors with this peer are relied on.
    package func noteCompared(with peer: Peer) throws {
        try db.cachedStatement(sql: "UPDATE peer SET compared = (SELECT incarnation FROM node) WHERE id = ?").execute(
            arguments: [peer.row])
        try clearAhead(of: peer)
        try db.cachedStatement(sql: "UPDATE comparison SET sent = 1 WHERE unit = ? AND node = ?").execute(arguments: [
            peer.unit.text, Int64(peer.node),
        ])
    }

    /// Cursors with this peer are not relied on before both have compared.
    package func doubtCursors(with peer: Peer) throws {
        try db.cachedStatement(sql: "UPDATE peer SET compared = NULL WHERE id = ?").execute(arguments: [peer.row])
    }

    /// A neighbour has known this database as it was later: any of them may hold what this node wrote then.
    package func noteAhead() throws { try db.execute(sql: "UPDATE peer SET ahead = 1") }

    /// What a neighbour held of that is here again, in whatever life of its database it was met.
    private func clearAhead(of peer: Peer) throws {
        try db.cachedStatement(sql: "UPDATE peer SET ahead = 0 WHERE unit = ? AND node = ?").execute(arguments: [
            peer.unit.text, Int64(peer.node),
        ])
    }

    /// Whether a neighbour that may hold it has not given it back yet. Who was cut off, or stands neither above nor
    /// below any more, never will.
    package func isBehindNeighbours() throws -> Bool {
        let noted = try Row.fetchAll(db.cachedStatement(sql: "SELECT DISTINCT unit, node FROM peer WHERE ahead = 1"))
        return try noted.contains { row in
            guard let unit = UnitCode(try row[0]) else { return false }
            return try isNeighbour(unit, UInt32(truncatingIfNeeded: try row[1] as Int64))
        }
    }

    /// Whether a node stands above or below this one by the charter of today, and was not cut off.
    func isNeighbour(_ unit: UnitCode, _ node: UInt32) throws -> Bool {
        guard let own = try identity?.unit else { return false }
        let view = charter.current
        return (view.topology.isAbove(unit, own) || view.topology.isAbove(own, unit))
            && !view.isCutNode(unit: unit, enrollment: node)
    }

    /// For how long nobody below is believed after one of them was, in seconds.
    package static let claimPause: Int64 = 3600

    /// Whether a unit below is believed that it has known this database as it was later. Nothing proves it, and each
    /// time costs a comparison with every neighbour and an incarnation. A time that this clock has not reached yet was
    /// noted by a wrong one.
    package func believesClaims(at now: Int64) throws -> Bool {
        let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT claimed FROM node"))
        return last.map { $0 > now || $0 <= now - Self.claimPause } ?? true
    }

    /// - Parameter now: seconds since 1970.
    package func noteClaim(at now: Int64) throws {
        try db.cachedStatement(sql: "UPDATE node SET claimed = ?").execute(arguments: [now])
    }

    /// This node writes at other places now than those that neighbours may know.
    package func leaveBehind() throws { try db.execute(sql: "UPDATE peer SET ahead = 0") }

    package func keep(_ outcome: ComparisonOutcome) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO comparison VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN ?7 > 0 THEN
                    min(?3, coalesce((SELECT gone_since FROM comparison WHERE unit = ?1 AND node = ?2), ?3)) END,
                    1 + (\(Self.lastSerial)))
                """
        ).execute(arguments: [
            outcome.unit.text, Int64(outcome.node), outcome.time, outcome.lackingThere, outcome.lackingHere,
            outcome.isSent, outcome.gone,
        ])
    }

    /// Over both tables, of which the disk may have kept one.
    private static let lastSerial = """
        SELECT max(coalesce((SELECT max(serial) FROM comparison), 0), coalesce((SELECT max(serial) FROM equality), 0))
        """

    /// The serial of the last comparison that was kept, with whomever it was; 0 while there was none.
    package func lastComparison() throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: Self.lastSerial)) ?? 0
    }

    /// The units, each with its nodes, with which an earlier life of this database had settled what differs, and this
    /// one has not: listing the difference is not enough, it has to arrive.
    package func settledInEarlierLives() throws -> [UnitCode: [UInt32]] {
        let find = """
            SELECT DISTINCT unit, node FROM peer WHERE compared <> (SELECT incarnation FROM node)
            AND unit NOT IN (SELECT unit FROM peer WHERE compared = (SELECT incarnation FROM node))
            """
        let rows = try Row.fetchAll(db.cachedStatement(sql: find))
        return try rows.reduce(into: [:]) { out, row in
            guard let unit = try UnitCode(row[0]) else { return }
            out[unit, default: []].append(UInt32(truncatingIfNeeded: try row[1] as Int64))
        }
    }

    /// By unit, and of each in the order in which its nodes were compared.
    package func comparisons() throws -> [ComparisonOutcome] {
        let rows = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM comparison ORDER BY unit, serial, node"))
        return try rows.compactMap(outcome)
    }

    private func outcome(_ row: Row) throws -> ComparisonOutcome? {
        try UnitCode(row[0]).map {
            try ComparisonOutcome(
                unit: $0, node: UInt32(truncatingIfNeeded: row[1] as Int64), time: row.time(2), lackingThere: row[3],
                lackingHere: row[4], isSent: row[5], gone: row[6],
                goneSince: (row[7] as Int64?).map(ClockContact.sane))
        }
    }

    /// The last comparison with a unit's node that came behind another one.
    /// - Parameter serial: of that one.
    /// - Returns: with the proof that it ended with, if it did.
    package func comparison(
        with unit: UnitCode, behind serial: Int64
    ) throws -> (outcome: ComparisonOutcome, proof: ProvenEquality?)? {
        let last = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT * FROM comparison WHERE unit = ? AND serial > ? ORDER BY serial DESC LIMIT 1"),
            arguments: [unit.text, serial])
        guard let last, let outcome = try outcome(last) else { return nil }
        let proof = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM equality WHERE unit = ? AND node = ? AND serial = ?"),
            arguments: [unit.text, Int64(outcome.node), try last[8] as Int64])
        return (outcome, try proof.flatMap(equality))
    }

    /// - Parameters:
    ///   - own: this node's statement, as bytes of a message.
    ///   - theirs: the neighbour's.
    package func keep(_ equality: ProvenEquality, own: Data, theirs: Data) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO equality VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
                    coalesce((SELECT serial FROM comparison WHERE unit = ?1 AND node = ?2), 0))
                """
        ).execute(arguments: [
            equality.unit.text, Int64(equality.node), equality.time, equality.runs, equality.changeSets, own,
            theirs,
        ])
    }

    /// Whether a node of that name signed it.
    package func isSigned(_ equality: SignedEquality, by unit: UnitCode, _ node: UInt32) throws -> Bool {
        guard let row = try knownAuthor(equality.author), let author = row.author, let key = row.sealKey else {
            return false
        }
        return author.unit == unit && author.enrollment == node && equality.isSigned(network: network, key: key)
    }

    /// By unit, and of each in the order in which its nodes were compared.
    package func equalities() throws -> [ProvenEquality] {
        let rows = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM equality ORDER BY unit, serial, node"))
        return try rows.compactMap(equality)
    }

    func equality(_ row: Row) throws -> ProvenEquality? {
        try UnitCode(row[0]).map {
            try ProvenEquality(
                unit: $0, node: UInt32(truncatingIfNeeded: row[1] as Int64), time: row.time(2), runs: row[3],
                changeSets: row[4])
        }
    }

    // MARK: - Wishes

    /// Asks whoever keeps the link to the parent to compare; where a repair waits already, it stays one.
    /// - Parameter repairs: whether the difference is to be sent.
    /// - Returns: the serial of the wish.
    package func wishComparison(repairs: Bool) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO comparison_wish VALUES (1, 1, 0, ?1) ON CONFLICT (id) DO UPDATE SET
                serial = serial + 1, repairs = max(?1, done < serial AND repairs)
                """
        ).execute(arguments: [repairs])
        return try Int64.fetchOne(db.cachedStatement(sql: "SELECT serial FROM comparison_wish")) ?? 0
    }

    /// The wish that waits; nil when there is none.
    package func wishedComparison() throws -> (serial: Int64, repairs: Bool)? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT serial, repairs FROM comparison_wish WHERE done < serial")).map
        {
            (try $0[0], try $0[1])
        }
    }

    /// Wishes up to this one were carried out.
    package func noteComparison(carriedOut serial: Int64) throws {
        try db.cachedStatement(sql: "UPDATE comparison_wish SET done = max(done, ?)").execute(arguments: [serial])
    }

    package func isCarriedOut(_ serial: Int64) throws -> Bool {
        try Bool.fetchOne(db.cachedStatement(sql: "SELECT done >= ? FROM comparison_wish"), arguments: [serial])
            ?? false
    }
}
