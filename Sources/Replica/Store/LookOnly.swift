import Foundation
import GRDB
import ServiceModel

extension Replica {
    /// Looks into a database as it lies there: nothing is migrated, tried again or begun, as opening it would. Others
    /// may use it meanwhile.
    /// - Parameter path: of the database file.
    /// - Throws: `ReplicaError`, and what `body` throws.
    package static func look<T>(at path: String, _ body: (Transaction) throws -> T) throws -> T {
        guard FileManager.default.fileExists(atPath: path) else { throw ReplicaError.absent(path) }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cell_size_check = ON") }
        return try translating {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { db in
                guard try Schema.isReadable(db) else { throw ReplicaError.unreadable("sqlite_master") }
                let migrator = Schema.migrator
                let applied = try migrator.appliedIdentifiers(db)
                guard applied.isSubset(of: migrator.migrations) else { throw ReplicaError.newer(path) }
                guard applied.isSuperset(of: migrator.migrations) else { throw ReplicaError.older(path) }
                try Schema.touch(db)
                let transaction = Transaction(db: db, memory: ReplicaMemory(), rules: .version1)
                do {
                    try transaction.refresh()
                    return try body(transaction)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
                    guard let name = try Schema.changed(db) else { throw error }
                    throw ReplicaError.unreadable("the definition of \(name)")
                }
            }
        }
    }
}
