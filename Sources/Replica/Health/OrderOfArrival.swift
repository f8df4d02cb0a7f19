import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// The rolling digests along the positions, one of which the disk may have changed: both neighbours tell.
extension Transaction {
    /// Whether a change set is sound and it is a rolling digest, there or before it, that the disk has changed.
    func isMisplaced(_ offset: Int, of run: StoredRun) throws -> Bool {
        guard let position = run.standings[offset]?.position else { return false }
        return try hasWrongDigest(at: position)
    }

    /// Whether the disk has changed the rolling digest at a position, or the one before it.
    private func hasWrongDigest(at position: Int64) throws -> Bool {
        try properRolling(at: position) != nil || properRolling(at: position - 1) != nil
    }

    /// Writes the digest before a change set again, or else its own.
    func mendOrder(at offset: Int, of run: StoredRun) throws {
        guard let position = run.standings[offset]?.position else { return }
        try mendOrder(at: position, isProven: run.sealed != nil)
    }

    /// Writes the digest before a position again, or else the one there.
    /// - Parameter isProven: as in `properRolling`.
    /// - Returns: whether one of them was wrong.
    @discardableResult
    func mendOrder(at position: Int64, isProven: Bool = false) throws -> Bool {
        for position in [position - 1, position] {
            guard let proper = try properRolling(at: position, isProven: isProven) else { continue }
            for table in ["journal", "widening"] {
                try db.execute(
                    sql: "UPDATE \(table) SET rolling = ? WHERE position = ?",
                    arguments: [Int64(bitPattern: proper), position])
            }
            return true
        }
        return false
    }

    /// What the rolling digest at a position should be, where another one stands there, or none, and both neighbours
    /// agree with this one.
    /// - Parameter isProven: what stands last in the journal is known to be sound, and needs no neighbour behind it.
    private func properRolling(at position: Int64, isProven: Bool = false) throws -> UInt64? {
        guard let before = try rolling(at: position - 1), let content = try content(at: position) else { return nil }
        let proper = content.rolling(behind: before)
        guard try rolling(at: position) != proper else { return nil }
        guard let next = try rolling(at: position + 1) else { return isProven ? proper : nil }
        return try self.content(at: position + 1)?.rolling(behind: proper) == next ? proper : nil
    }

    /// What the rolling digest of a row covers; nil where there is none, or it cannot be read.
    private func content(at position: Int64) throws -> Digest32? {
        let inJournal = "SELECT run, offset FROM journal WHERE position = ?"
        guard let row = try Row.fetchOne(db, sql: inJournal, arguments: [position]) else {
            return try content(ofWideningAt: position)
        }
        return (try? readRun(try row[0]))?.changeSets[try row[1]]?.leaf
    }
}
