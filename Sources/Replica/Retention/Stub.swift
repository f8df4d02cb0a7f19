import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What this node still knows of a case whose change sets have left it.
package struct Stub: Hashable, Sendable {
    package let receipt: String
    package let itemName: String
    package let phase: String
    /// The civil day on which it was closed.
    package let closedDay: Int32?
    package let acceptedBy: UnitCode
    /// It was asked for back, and has not come yet.
    package let isWished: Bool
    let record: Int64
}

extension Transaction {
    /// The case with this number on its paper, where it has left this node; nil where it is here, or never was.
    package func stub(receipt: String) throws -> Stub? {
        let find = """
            SELECT receipt, item_name, phase, closed_day, accepted_by, wished IS NOT NULL, record
            FROM stub JOIN stub_item ON stub_item.id = stub.item
            WHERE receipt = ? AND NOT EXISTS (SELECT 1 FROM service_case WHERE service_case.record = stub.record)
            """
        return try Row.fetchOne(db.cachedStatement(sql: find), arguments: [receipt]).map { row in
            guard let unit = UnitCode(try row[4]) else { throw ReplicaError.damaged("stub.accepted_by") }
            return Stub(
                receipt: try row[0], itemName: try row[1], phase: try row[2], closedDay: try row[3], acceptedBy: unit,
                isWished: try row[5], record: try row[6])
        }
    }

    /// The number on the paper of a case that has left, or was asked back; nil where it never left.
    package func receipt(ofStub record: Int64) throws -> String? {
        try String.fetchOne(
            db.cachedStatement(sql: "SELECT receipt FROM stub WHERE record = ?"), arguments: [record])
    }

    /// How many cases have left this node, and how many of those were asked for back.
    package func stubCounts() throws -> (all: Int, wished: Int) {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(*), count(*) FILTER (WHERE wished IS NOT NULL) FROM stub
                    WHERE NOT EXISTS (SELECT 1 FROM service_case WHERE service_case.record = stub.record)
                    """))
        return (try row?[0] ?? 0, try row?[1] ?? 0)
    }

    /// Whether anything has ever left this node. Most have no rule, and pay nothing for what arrives.
    var hasStubs: Bool {
        get throws {
            if let stubsKnown { return stubsKnown }
            let find = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM stub)")
            let found = try Bool.fetchOne(find) ?? false
            stubsKnown = found
            return found
        }
    }

    /// Whether the change sets of a record are meant to be elsewhere.
    func isAway(_ record: Int64) throws -> Bool {
        guard try hasStubs else { return false }
        let find = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM stub WHERE record = ? AND wished IS NULL)")
        return try Bool.fetchOne(find, arguments: [record]) ?? false
    }

    /// Gives the audience of a case of which nothing but a stub is here, with the heirs of cuts since.
    /// - Returns: whether that is so.
    func deriveStub(_ record: Int64) throws -> Bool {
        guard try hasStubs else { return false }
        let find = try db.cachedStatement(
            sql: """
                SELECT units FROM stub WHERE record = ?1 AND NOT EXISTS (SELECT 1 FROM journal WHERE record = ?1)
                """)
        guard let text = try String.fetchOne(find, arguments: [record]) else { return false }
        try db.cachedStatement(sql: "DELETE FROM audience WHERE record = ?").execute(arguments: [record])
        try write(unitsOfStub: text, of: record)
        return true
    }

    /// Of a case of which only a part is here, the stub says for whom it is. Who was sent past that part is owed it.
    /// - Parameter position: as for `derive`.
    func widenByStub(_ record: Int64, arrivedBehind position: Int64) throws {
        guard try hasStubs else { return }
        let find = try db.cachedStatement(
            sql: """
                SELECT units FROM stub WHERE record = ?1 AND EXISTS (SELECT 1 FROM retired WHERE record = ?1)
                """)
        guard let text = try String.fetchOne(find, arguments: [record]) else { return }
        let known = Set(try audience(of: record).map(\.unit))
        let isSeen = try hasArrived(record, by: position)
        let insert = try db.cachedStatement(sql: "INSERT INTO audience (record, unit, since) VALUES (?, ?, ?)")
        for unit in todaysUnits(of: text).subtracting(known).sorted(by: { $0.text < $1.text }) {
            if isSeen { try widen(.casework, .record(record), to: unit) }
            try insert.execute(arguments: [record, unit.text, try firstWidening(of: record, to: unit) ?? 0])
        }
    }

    private func write(unitsOfStub text: String, of record: Int64) throws {
        let insert = try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO audience (record, unit, since) VALUES (?, ?, 0)")
        for unit in todaysUnits(of: text).map(\.text).sorted() { try insert.execute(arguments: [record, unit]) }
    }

    private func todaysUnits(of text: String) -> Set<UnitCode> {
        charter.current.withHeirs(Set(text.split(separator: " ").compactMap { UnitCode(String($0)) }))
    }

    /// Digest of what a stub's case came to, and its counts.
    func fingerprintOfStub(_ record: Int64) throws -> (digest: Digest32, changeSets: Int, void: Int)? {
        let find = try db.cachedStatement(sql: "SELECT digest, change_sets, void, units FROM stub WHERE record = ?")
        return try Row.fetchOne(find, arguments: [record]).map { row in
            (try row.digest(0).with(units: todaysUnits(of: row[3])), try row[1], try row[2])
        }
    }
}
