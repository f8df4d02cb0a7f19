import Foundation
import GRDB
import ServiceModel

/// What was taken in once, lines of files and drafts, so that the same again changes nothing. Local to the node.
extension Transaction {
    package static let longestImportKey = 200
    /// What the key of an accepted draft begins with; its id follows.
    package static let draftPrefix = "draft/"

    package func isImported(_ key: String) throws -> Bool {
        let find = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM imported WHERE key = ?)")
        return try Bool.fetchOne(find, arguments: [key]) ?? false
    }

    /// The row of the record that it became.
    package func importedRecord(_ key: String) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT record FROM imported WHERE key = ?", arguments: [key])
    }

    package func noteImported(_ key: String, record: Int64) throws {
        try db.cachedStatement(sql: "INSERT INTO imported (key, record) VALUES (?, ?)").execute(arguments: [
            key, record,
        ])
    }

    /// Forgets which drafts became the cases that have left and were accepted long ago: no page from then is open any
    /// more. Lines of files are kept for good, since a file with all that went before may be taken in every year.
    /// - Parameters:
    ///   - key: the one that was looked at last; empty at first.
    ///   - most: keys that are looked at.
    ///   - day: legal day, as the clerk typed it; a case that was accepted on it or later is remembered.
    /// - Returns: the last key that was looked at; nil behind the last of all.
    package func forgetDrafts(after key: String, most: Int, acceptedBefore day: Int32) throws -> String? {
        let prefix = Self.draftPrefix
        let keys = try String.fetchAll(
            db.cachedStatement(
                sql: "SELECT key FROM imported WHERE key > ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"),
            arguments: [key, prefix, String(prefix.dropLast()) + "0", most])
        guard let first = keys.first, let last = keys.last else { return nil }
        try db.cachedStatement(
            sql: """
                DELETE FROM imported WHERE key BETWEEN ? AND ? AND record IN (
                    SELECT record FROM stub WHERE wished IS NULL AND accepted_day < ?)
                """
        ).execute(arguments: [first, last, day])
        return last
    }
}
