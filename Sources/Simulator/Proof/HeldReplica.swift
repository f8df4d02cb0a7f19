import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A node's replica as its file has it, read with SQL of the judges' own. It is a plain value: a test may doctor it.
package struct HeldReplica {
    /// A case as the tables show it to people.
    struct Shown {
        let creation: Place
        var status: [Leaf: String]
        var holder: String?
        var phase: String?
        var fields: [String: String]
        /// By field: the id, the value that is shown, the others.
        var conflicts: [String: Conflict]
        var units: Set<String>
        /// Whom the stub names, where something of it has left.
        var told: Set<String>
        var hasRow: Bool
    }

    struct Conflict: Equatable {
        let id: Data
        let chosen: String
        let others: [String]
    }

    struct Cursor: Hashable {
        let unit: String
        let node: UInt32
        let incarnation: UInt64
        let feed: Int
        let position: Int64
        let rolling: UInt64
    }

    struct Widening {
        let position: Int64
        let record: Int64?
        let moved: String?
        let unit: String
    }

    /// A machine, whatever becomes of its database.
    struct Name: Hashable {
        let unit: String
        let node: UInt32
    }

    /// Where a change set of a case lay that has left.
    struct Seat: Hashable {
        let author: AuthorID
        let sequence: UInt64
        let seal: Data
    }

    let unit: String
    let node: UInt32
    /// Of its database.
    var incarnation: UInt64
    var author: AuthorID?
    let genesis: Data
    var joins: Set<Data>
    var journal: HeldJournal
    var authors: [AuthorID: OracleAuthor]
    /// By the row of the record.
    var shown: [Int64: Shown]
    var cursors: Set<Cursor>
    /// By the row that it has for them.
    var peers: [Int64: Name]
    /// The rolling digest at every position that is recognized.
    var rolling: [Int64: UInt64]
    var widenings: [Widening]
    /// What has left, and whether it was asked for again.
    var left: [Seat: Bool]
    var forked: Set<AuthorID>
    /// Change sets were taken out since the disk had changed them, or records set aside: what is missing is known.
    var isImpaired: Bool

    init(file: URL, network: Digest32) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        defer { try? queue.close() }
        self = try queue.read { try HeldReplica($0, network: network) }
    }

    private init(_ db: Database, network: Digest32) throws {
        guard let own = try Row.fetchOne(db, sql: "SELECT genesis, unit, ordinal, incarnation, author FROM node") else {
            throw DatabaseError(message: "no node")
        }
        let signed: Data = own[0]
        genesis = try WireSigned(serializedBytes: signed).content
        unit = own[1]
        node = UInt32(own[2] as Int64)
        incarnation = UInt64(bitPattern: own[3])
        var names: [Int64: AuthorID] = [:]
        var authors: [AuthorID: OracleAuthor] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT id, name, opening FROM author") {
            let name = AuthorID(RawAct.name(row[1]))
            names[row[0]] = name
            guard let signed = row[2] as Data? else { continue }
            let opening = try WireOpening(serializedBytes: try WireSigned(serializedBytes: signed).content)
            authors[name] = OracleAuthor(
                id: name, unit: opening.unit, enrollment: opening.node, depth: opening.depth)
        }
        self.authors = authors
        author = (own[4] as Int64?).flatMap { names[$0] }
        joins = Set(
            try Data.fetchAll(db, sql: "SELECT signed FROM charter_join").map {
                try WireSigned(serializedBytes: $0).content
            })
        journal = try HeldJournal(db, network: network)
        shown = try Self.shown(db, names, journal)
        cursors = Set(
            try Row.fetchAll(
                db,
                sql: """
                    SELECT unit, node, incarnation, feed, received_position, received_rolling FROM peer_cursor
                    JOIN peer ON peer.id = peer WHERE received_position > 0
                    """
            ).map { row in
                Cursor(
                    unit: row[0], node: UInt32(row[1] as Int64), incarnation: UInt64(bitPattern: row[2]), feed: row[3],
                    position: row[4], rolling: UInt64(bitPattern: row[5]))
            })
        let named = try Row.fetchAll(db, sql: "SELECT id, unit, node FROM peer")
        peers = named.reduce(into: [:]) { out, row in
            out[row[0]] = Name(unit: row[1], node: UInt32(row[2] as Int64))
        }
        rolling = Dictionary(
            try Row.fetchAll(
                db,
                sql: """
                    SELECT position, rolling FROM journal UNION ALL SELECT position, rolling FROM widening
                    UNION ALL SELECT position, rolling FROM vacated
                    """
            ).map { ($0[0], UInt64(bitPattern: $0[1])) }
        ) { one, _ in one }
        widenings = try Row.fetchAll(
            db, sql: "SELECT position, record, moved, unit FROM widening WHERE again = 0"
        ).map {
            Widening(position: $0[0], record: $0[1], moved: $0[2], unit: $0[3])
        }
        left = [:]
        let retired =
            "SELECT author, first, retired.digest, offsets, count, wished FROM retired JOIN stub USING (record)"
        for row in try Row.fetchAll(db, sql: retired) {
            guard let name = names[row[0]] else { continue }
            let bits: Data = row[3]
            for offset in 0..<(row[4] as Int) {
                let byte = bits.dropFirst(offset / 8).first ?? 0
                guard bits.isEmpty || byte >> (offset % 8) & 1 == 1 else { continue }
                left[Seat(author: name, sequence: UInt64(row[1] as Int64) + UInt64(offset), seal: row[2])] =
                    row[5] != nil
            }
        }
        forked = Set(try Int64.fetchAll(db, sql: "SELECT author FROM fork").compactMap { names[$0] })
        let impaired = "SELECT EXISTS (SELECT 1 FROM damaged_run) OR EXISTS (SELECT 1 FROM set_aside)"
        isImpaired = try Bool.fetchOne(db, sql: impaired) ?? false
    }

    var name: Name { Name(unit: unit, node: node) }

    /// Whether a change set was here and has left, a stub remaining.
    /// - Parameter evenIfAskedFor: also when it was asked for again.
    func keepsStub(of row: HeldJournal.Row, evenIfAskedFor: Bool = false) -> Bool {
        guard row.place.feed == .casework, let seal = row.seal else { return false }
        let isAskedFor = left[Seat(author: row.place.author, sequence: row.place.sequence, seal: seal)]
        return isAskedFor.map { evenIfAskedFor || !$0 } ?? false
    }

    /// Whether a case was here and has left, a stub remaining.
    func keepsOnlyStub(of creation: Place) -> Bool {
        shown.values.contains { $0.creation == creation && !$0.told.isEmpty && $0.status.isEmpty }
    }

    private static func shown(
        _ db: Database, _ names: [Int64: AuthorID], _ journal: HeldJournal
    ) throws -> [Int64: Shown] {
        var out: [Int64: Shown] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT id, author, sequence FROM record WHERE feed = 2") {
            guard let author = names[row[1]] else { continue }
            let creation = Place(author: author, feed: .casework, sequence: UInt64(row[2] as Int64))
            out[row[0]] = Shown(
                creation: creation, status: [:], fields: [:], conflicts: [:], units: [], told: [], hasRow: false)
        }
        let leaves = Dictionary(journal.rows.map { ($0.position, $0.leaf.leaf) }) { one, _ in one }
        for row in try Row.fetchAll(db, sql: "SELECT position, record, status FROM case_action") {
            guard let leaf = leaves[row[0]], let record = row[1] as Int64? else { continue }
            out[record]?.status[leaf] = row[2]
        }
        for row in try Row.fetchAll(db, sql: "SELECT record, holder, phase, fields FROM service_case") {
            let record: Int64 = row[0]
            out[record]?.hasRow = true
            out[record]?.holder = row[1]
            out[record]?.phase = row[2]
            out[record]?.fields = try JSONDecoder().decode([String: String].self, from: Data((row[3] as String).utf8))
        }
        for row in try Row.fetchAll(db, sql: "SELECT record, field, id, chosen, others FROM case_conflict") {
            out[row[0]]?.conflicts[row[1]] = Conflict(
                id: row[2], chosen: row[3],
                others: try JSONDecoder().decode([String].self, from: Data((row[4] as String).utf8)))
        }
        for row in try Row.fetchAll(db, sql: "SELECT record, unit FROM audience") {
            out[row[0]]?.units.insert(row[1])
        }
        let stubs = """
            SELECT record, units FROM stub WHERE EXISTS (SELECT 1 FROM retired WHERE retired.record = stub.record)
            """
        for row in try Row.fetchAll(db, sql: stubs) {
            out[row[0]]?.told = Set((row[1] as String).split(separator: " ").map(String.init))
        }
        return out
    }
}
