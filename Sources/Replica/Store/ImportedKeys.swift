import Foundation
import GRDB
import ServiceModel

/// What was taken in once, lines of files and drafts, so that the same again changes nothing. Local to the node.
extension Transaction {
    package static let longestImportKey = 200

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
}
