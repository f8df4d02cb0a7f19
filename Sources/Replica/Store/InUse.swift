import Foundation
import GRDB

extension Replica {
    /// Whether a database file holds anybody's work, or may: one that cannot be read may. One that was made and that
    /// nobody has written into does not, and one of another program does. Nothing in it is changed.
    /// - Parameter path: of the database file.
    package static func isUsed(path: String) -> Bool {
        guard FileManager.default.fileExists(atPath: path), !ReplicaFile.isEmpty(path) else {
            // The log of a database that was moved away, or of which nothing else is left.
            let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            return (log ?? 0) > 0
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(patience)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { db in
                guard try Schema.isReadable(db), try !ReplicaFile.isForeign(db) else { return true }
                return try ["author", "run", "journal"].contains { table in
                    guard try db.tableExists(table) else { return false }
                    return try Row.fetchOne(db, sql: "SELECT 1 FROM \(table) LIMIT 1") != nil
                }
            }
        } catch {
            return true
        }
    }
}
