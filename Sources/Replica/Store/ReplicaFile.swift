import Foundation
import GRDB

/// What lies at a path, asked before it is opened as a replica: that changes a file, whosever it is.
enum ReplicaFile {
    /// No database of a node is without one of these.
    private static let tables: Set<String> = ["node", "author", "run", "journal"]

    /// Whether the file has no bytes. SQLite takes it for a database that is new, and removes the log beside it, in
    /// which all may be that there is: such a file is never opened.
    static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size == 0
    }

    /// Refuses what is no replica, as far as that can be told without work on the file; the opening tells the rest.
    /// - Throws: `ReplicaError.empty`, `.foreign`, `.newer`, `.unreadable`.
    static func demandReplica(at path: String) throws {
        guard !isEmpty(path) else { throw ReplicaError.empty(path) }
        // One with a log is not changed by an opening.
        guard !hasLog(path) else { return }
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            _ = try queue.read { try migrations($0, path: path) }
        } catch is DatabaseError {
            return
        }
    }

    /// By the place in SQLite's header that says which version reads the file.
    private static func hasLog(_ path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        let head = (try? handle.read(upToCount: 20)) ?? Data()
        return head.count == 20 && head[19] == 2
    }

    /// Which changes to this program's tables a database has.
    /// - Throws: `ReplicaError.empty`, `.foreign`, `.newer`, `.unreadable`.
    static func migrations(_ db: Database, path: String) throws -> Set<String> {
        guard try Schema.isReadable(db) else { throw ReplicaError.unreadable("sqlite_master") }
        let held = try heldTables(db)
        guard !held.isEmpty else {
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            throw pages > 1 ? ReplicaError.unreadable("sqlite_master") : .empty(path)
        }
        guard !held.isDisjoint(with: tables) else { throw ReplicaError.foreign(path) }
        guard held.contains("grdb_migrations") else { throw ReplicaError.unreadable("grdb_migrations") }
        let migrator = Schema.migrator
        let applied = try migrator.appliedIdentifiers(db)
        guard !applied.isEmpty else { throw ReplicaError.unreadable("grdb_migrations") }
        guard applied.isSubset(of: migrator.migrations) else { throw ReplicaError.newer(path) }
        return applied
    }

    /// Whether a database is another program's, and holds something.
    static func isForeign(_ db: Database) throws -> Bool {
        let held = try heldTables(db)
        return !held.isEmpty && held.isDisjoint(with: tables)
    }

    /// Refuses what another program can read, whatever the disk has made of it, where the file still says so.
    /// - Throws: `ReplicaError.foreign`, `.newer`.
    static func demandNotOfAnotherProgram(at path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return }
        defer { try? queue.close() }
        if (try? queue.unsafeRead({ try isForeign($0) })) == true { throw ReplicaError.foreign(path) }
        let migrator = Schema.migrator
        let applied = (try? queue.unsafeRead { try migrator.appliedIdentifiers($0) }) ?? []
        guard applied.isSubset(of: migrator.migrations) else { throw ReplicaError.newer(path) }
    }

    private static func heldTables(_ db: Database) throws -> Set<String> {
        let find = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        return try String.fetchSet(db, sql: find)
    }
}
