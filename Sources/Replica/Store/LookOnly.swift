import Foundation
import GRDB
import ServiceModel

extension Replica {
    /// Looks into a database as it lies there: nothing is migrated, tried again or begun, as opening it would. Others
    /// may use it meanwhile.
    /// - Parameter path: of the database file.
    /// - Throws: `ReplicaError`, and what `body` throws.
    package static func look<T>(at path: String, _ body: (Transaction) throws -> T) throws -> T {
        try looking(at: path) { db, applied in
            guard applied.isSuperset(of: Schema.migrator.migrations) else { throw ReplicaError.older(path) }
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

    /// As `look`, for whose a database is and under whom it writes: also of an earlier program, which may lack tables,
    /// and where not even the charter can be read. The network is known, else it throws.
    package static func lookUnread<T>(at path: String, _ body: (Transaction) throws -> T) throws -> T {
        try looking(at: path) { db, _ in
            let transaction = Transaction(db: db, memory: ReplicaMemory(), rules: .version1)
            try transaction.readGenesis()
            guard transaction.genesis != nil else {
                throw try transaction.isUnused() ? ReplicaError.empty(path) : .damaged("node")
            }
            return try body(transaction)
        }
    }

    private static func looking<T>(at path: String, _ body: (Database, Set<String>) throws -> T) throws -> T {
        guard FileManager.default.fileExists(atPath: path) else { throw ReplicaError.absent(path) }
        guard !ReplicaFile.isEmpty(path) else { throw ReplicaError.empty(path) }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cell_size_check = ON") }
        return try translating(at: path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { db in try body(db, ReplicaFile.migrations(db, path: path)) }
        }
    }
}
