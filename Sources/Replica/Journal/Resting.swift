import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    /// Which of what rests a person has looked after, by its position.
    static let resting = """
        CREATE TABLE resting_seen (
            position INTEGER PRIMARY KEY REFERENCES journal (position) ON DELETE CASCADE,
            time INTEGER NOT NULL
        ) STRICT;
        """
}

/// A change set that rests: an earlier incarnation of this node wrote it and had not sealed it when it was closed, so
/// that nobody can be sent it, and it counts nowhere. What of it cannot be told is nil.
package struct RestingRow: Hashable, Sendable {
    package let feed: Feed
    /// What was done, by the name that the command line uses.
    package internal(set) var action: String?
    /// On the paper of its case.
    package internal(set) var receipt: String?
    /// Name of the service item.
    package internal(set) var item: String?
    package internal(set) var applicant: String?
    /// What was entered.
    package internal(set) var body: CaseBody?
    /// When it was written, in seconds since 1970 by this node's clock.
    package internal(set) var time: Int64?
    /// Whether a person has looked after it.
    package let isSeen: Bool
}

extension Transaction {
    /// SQL of what rests. The open runs come first: else the whole journal is walked for its order.
    static let findResting = """
        SELECT \(placeColumns), journal.action, journal.record, resting_seen.position IS NOT NULL,
            coalesce(service_case.receipt, stub.receipt), item_name, service_case.applicant
        FROM run CROSS JOIN journal ON journal.run = run.id
        LEFT JOIN resting_seen ON resting_seen.position = journal.position
        LEFT JOIN service_case ON service_case.record = journal.record
        LEFT JOIN stub ON stub.record = journal.record
        WHERE \(rests) ORDER BY journal.position
        """

    /// What rests, in the order in which it was written.
    /// - Parameter receipt: only what was done on the case with this number on its paper.
    /// - Throws: `ReplicaError.damaged`.
    package func resting(receipt: String? = nil) throws -> [RestingRow] {
        let rows = try Row.fetchAll(db, sql: Self.findResting)
        // Of a case whose acceptance rests, no table has anything.
        var accepted: [Int64: CaseBody] = [:]
        let resting = try rows.map { row in
            var out = RestingRow(feed: try row.feed(2), action: try row[11], isSeen: try row[13])
            let record: Int64? = try row[12]
            if let changeSet = try restingChangeSet(row) {
                out.time = max(0, changeSet.time)
                switch out.feed {
                case .charter: out.action = "charter"
                case .published: out.action = CatalogAction(kind: changeSet.kind)?.name
                case .casework:
                    out.action = CaseAction(kind: changeSet.kind)?.name ?? out.action
                    out.body = try? CaseBody(changeSet.body)
                    if let record, changeSet.kind == CaseAction.accept.kind { accepted[record] = out.body }
                }
            }
            let body = record.flatMap { accepted[$0] }
            out.receipt = try row[14] ?? body?.receipt
            out.item = try row[15] ?? body?.promise?.itemName
            out.applicant = try row[16] ?? body?.writes.last { $0.field == CaseField.applicantName }?.value
            return out
        }
        return receipt.map { receipt in resting.filter { $0.receipt == receipt } } ?? resting
    }

    /// nil where the disk has changed it, which is told by who looks after that.
    private func restingChangeSet(_ row: Row) throws -> ChangeSet? {
        do {
            let placed = try placed(row)
            return try ChangeSet(bytes: placed.bytes, sequence: placed.place.sequence)
        } catch ReplicaError.damagedRun, ReplicaError.damagedOpening {
            return nil
        } catch is WireError {
            return nil
        }
    }

    /// SQL of what rests and nobody has looked after.
    private static let restsUnseen = """
        \(rests) AND NOT EXISTS (SELECT 1 FROM resting_seen WHERE resting_seen.position = journal.position)
        """

    /// How many of them nobody has looked after.
    package func countOfRestingUnseen() throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(
                sql: "SELECT count(*) FROM run JOIN journal ON journal.run = run.id WHERE \(Self.restsUnseen)")) ?? 0
    }

    /// Where they stand.
    package func placesOfRestingUnseen() throws -> Set<Place> { try places(where: Self.restsUnseen) }

    /// Where all stands that was written here and is not sealed: what rests, and what the present author will seal.
    package func placesOfUnsealed() throws -> Set<Place> { try places(where: "run.signature IS NULL") }

    private func places(where condition: String) throws -> Set<Place> {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT run.author, run.feed, first + offset FROM run CROSS JOIN journal ON journal.run = run.id
                WHERE \(condition)
                """)
        return Set(
            try rows.map { row in
                Place(author: try author(id: row[0]).name, feed: try row.feed(1), sequence: try row.count(2))
            })
    }

    /// Notes that a person has looked after all that rests now.
    /// - Parameter time: seconds since 1970.
    package func noteRestingSeen(time: Int64) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO resting_seen (position, time)
                SELECT journal.position, ? FROM run JOIN journal ON journal.run = run.id WHERE \(Self.rests)
                """, arguments: [time])
    }
}
