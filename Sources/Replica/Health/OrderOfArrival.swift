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
    func hasWrongDigest(at position: Int64) throws -> Bool {
        try properRolling(at: position) != nil || properRolling(at: position - 1) != nil
    }

    /// Writes the digest before a change set again, or else its own.
    func mendOrder(at offset: Int, of run: StoredRun) throws {
        guard let position = run.standings[offset]?.position else { return }
        let isProven = run.sealed != nil
        for position in [position - 1, position] {
            guard let proper = try properRolling(at: position, isProven: isProven) else { continue }
            for table in ["journal", "widening"] {
                try db.execute(
                    sql: "UPDATE \(table) SET rolling = ? WHERE position = ?",
                    arguments: [Int64(bitPattern: proper), position])
            }
            return
        }
    }

    /// What the rolling digest at a position should be, where another one stands there and both neighbours agree with
    /// this one.
    /// - Parameter isProven: what stands last in the journal is known to be sound, and needs no neighbour behind it.
    private func properRolling(at position: Int64, isProven: Bool = false) throws -> UInt64? {
        guard let before = try rolling(at: position - 1), let held = try rolling(at: position),
            let content = try content(at: position)
        else { return nil }
        let proper = content.rolling(behind: before)
        guard proper != held else { return nil }
        guard let next = try rolling(at: position + 1) else { return isProven ? proper : nil }
        return try self.content(at: position + 1)?.rolling(behind: proper) == next ? proper : nil
    }

    /// What the rolling digest of a row covers; nil where there is none, or it cannot be read.
    private func content(at position: Int64) throws -> Digest32? {
        let inJournal = "SELECT run, offset FROM journal WHERE position = ?"
        if let row = try Row.fetchOne(db, sql: inJournal, arguments: [position]) {
            return (try? readRun(try row[0]))?.changeSets[try row[1]]?.leaf
        }
        for feed in Feed.allCases {
            for widening in try widenings(in: feed, behind: position - 1, through: position) {
                return try content(of: widening.subject, unit: widening.unit)
            }
        }
        return nil
    }
}
