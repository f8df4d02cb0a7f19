import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A code that this node issued, as it is kept.
package struct EnrollmentRow: Hashable, Sendable {
    package let identifier: Data
    package let verifier: Data
    package let unit: UnitCode
    /// Seconds since 1970.
    package let expires: Int64
    /// What was answered, once the code is used.
    package let answer: Data?

    package init(identifier: Data, verifier: Data, unit: UnitCode, expires: Int64, answer: Data? = nil) {
        self.identifier = identifier
        self.verifier = verifier
        self.unit = unit
        self.expires = expires
        self.answer = answer
    }
}

extension Transaction {
    package func keep(_ enrollment: EnrollmentRow) throws {
        try db.execute(
            sql: "INSERT INTO enrollment (identifier, verifier, unit, expires) VALUES (?, ?, ?, ?)",
            arguments: [enrollment.identifier, enrollment.verifier, enrollment.unit.text, enrollment.expires])
    }

    package func enrollment(identifier: Data) throws -> EnrollmentRow? {
        let row = try Row.fetchOne(
            db, sql: "SELECT verifier, unit, expires, answer FROM enrollment WHERE identifier = ?",
            arguments: [identifier])
        guard let row else { return nil }
        guard let unit = UnitCode(try row[1]) else { throw ReplicaError.damaged("enrollment.unit") }
        return EnrollmentRow(
            identifier: identifier, verifier: try row[0], unit: unit, expires: try row[2], answer: try row[3])
    }

    package func answer(_ identifier: Data, ordinal: UInt32, with answer: Data) throws {
        try db.execute(
            sql: "UPDATE enrollment SET ordinal = ?, answer = ? WHERE identifier = ?",
            arguments: [Int64(ordinal), answer, identifier])
    }

    /// Ordinals kept apart for each parent that a unit had. A new one may not have heard of what the one before gave,
    /// and two nodes of one ordinal would be one to every charter entry and receipt.
    private static let ordinalsPerParent = 100
    /// And for each machine of the parent, and each incarnation of that: a new one has never heard of a node that was
    /// enrolled and has written nothing, and who was restored from a backup has forgotten the last.
    private static let ordinalsPerIncarnation = 4
    /// Machines, and incarnations of each, that are told apart; the next begin anew.
    private static let lives = 5

    /// The ordinal for the next node of a unit: above every one that was given here, that has written anything or that
    /// was cut, and above all that earlier parents, earlier machines and earlier incarnations may have given.
    package func nextOrdinal(of unit: UnitCode) throws -> UInt32 {
        let last =
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(n) FROM (
                        SELECT max(ordinal) AS n FROM enrollment WHERE unit = ?1
                        UNION ALL SELECT max(enrollment) FROM author WHERE unit = ?1
                        UNION ALL SELECT max(node) FROM peer WHERE unit = ?1)
                    """, arguments: [unit.text]) ?? 0
        let own = try identity
        let depth = try own?.author.flatMap { try opening(of: $0)?.opening.depth } ?? 0
        let machine = (Int(own?.ordinal ?? 1) - 1) % Self.lives
        let life = machine * Self.lives + Int(depth) % Self.lives
        let earlier = charter.moves(of: unit) * Self.ordinalsPerParent + life * Self.ordinalsPerIncarnation
        let cut = Int64(charter.current.lastCutEnrollment(of: unit))
        return UInt32(truncatingIfNeeded: max(last, cut, Int64(earlier)) + 1)
    }
}
