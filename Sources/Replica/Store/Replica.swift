import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Synchronization

/// A node's SQLite file: the journal, what is derived from it, and how far each peer has got.
///
/// Several processes may hold it at once; SQLite lets one of them write at a time. What a write was told is done has
/// reached the disk (`synchronous=FULL`).
package final class Replica: Sendable {
    let pool: DatabasePool
    let memory = Mutex(ReplicaMemory())
    private let isClosed = Mutex(false)
    /// The table of actions by which cases are folded.
    package let rules: CaseRules

    /// - Parameters:
    ///   - path: of the database file; its folder exists.
    ///   - creates: false refuses a path where there is no database yet.
    /// - Throws: `ReplicaError`.
    package init(path: String, rules: CaseRules = .version1, creates: Bool = false) throws {
        guard creates || FileManager.default.fileExists(atPath: path) else { throw ReplicaError.absent(path) }
        self.rules = rules
        pool = try Self.translating { try Self.open(path) }
        try Self.translating {
            // GRDB sets NORMAL after opening in WAL mode; here a commit is a promise.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
            let migrator = Schema.migrator
            let known = Set(migrator.migrations)
            let applied = try pool.read { db in try migrator.appliedIdentifiers(db) }
            guard applied.subtracting(known).isEmpty else { throw ReplicaError.unreadable(path) }
            try migrator.migrate(pool)
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY")
        }
        // Two first opens at once can meet on the change to WAL in spite of the busy timeout.
        for _ in 0..<20 {
            do {
                return try DatabasePool(path: path, configuration: configuration)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                continue
            }
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// One transaction that may write: all of it, or, when `body` throws, nothing.
    /// - Throws: `ReplicaError`, and what `body` throws.
    package func write<T>(_ body: (Transaction) throws -> T) throws -> T {
        try Self.translating {
            try pool.writeWithoutTransaction { db in
                let transaction = Transaction(db: db, memory: memory.withLock { $0 }, rules: rules)
                var result: T?
                try db.inTransaction(.immediate) {
                    try transaction.refresh()
                    result = try body(transaction)
                    return .commit
                }
                memory.withLock { $0 = transaction.memory }
                guard let result else { preconditionFailure("a committed transaction has a result") }
                return result
            }
        }
    }

    /// One view of the replica as it was committed last.
    /// - Throws: `ReplicaError`, and what `body` throws.
    package func read<T>(_ body: (Transaction) throws -> T) throws -> T {
        try Self.translating {
            try pool.read { db in
                let transaction = Transaction(db: db, memory: memory.withLock { $0 }, rules: rules)
                try transaction.refresh()
                return try body(transaction)
            }
        }
    }

    /// Leaves one file behind, unless another process goes on using it.
    package func close() throws {
        guard
            !isClosed.withLock({ closed in
                defer { closed = true }
                return closed
            })
        else { return }
        try Self.translating {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            try pool.close()
        }
    }

    static func translating<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw ReplicaError.busy
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: throw ReplicaError.unreadable(error.message ?? "")
            case .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM:
                throw ReplicaError.storage(error.message ?? "\(error.resultCode)")
            default: throw error
            }
        }
    }
}

/// What a replica keeps in memory between transactions. It only ever repeats what is committed.
struct ReplicaMemory: Sendable {
    var charter = Charter()
    var charterPosition: Int64 = 0
    var charterJoins = 0
    /// Read from the charter when they are first asked for.
    var deadlineRules: DeadlineRules?
    var entryDigests: [EntryDigest: Digest32] = [:]
    /// Held entries that cannot be read before another one.
    var waitingEntries: [WaitingEntry] = []
    var genesis: SignedGenesis?
    var authors: [AuthorID: AuthorRow] = [:]
    var authorNames: [Int64: AuthorID] = [:]
    var runs = PackedRunCache()
}

/// A charter entry whose predecessor may be missing.
enum WaitingEntry: Sendable {
    case changeSet(Data, body: Data)
    case join(Data)
}
