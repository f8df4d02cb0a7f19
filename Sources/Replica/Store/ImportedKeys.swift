import Foundation
import GRDB
import ServiceModel

/// Which lines of which files were taken in, so that the same file twice changes nothing. Local to the node.
extension Transaction {
    package static let longestImportKey = 200

    package func isImported(_ key: String) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM imported WHERE key = ?)", arguments: [key]) ?? false
    }

    package func noteImported(_ key: String, record: Int64) throws {
        try db.execute(sql: "INSERT INTO imported (key, record) VALUES (?, ?)", arguments: [key, record])
    }
}
