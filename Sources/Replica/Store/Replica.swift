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
    let path: String
    /// The file that was opened.
    private let file: FileIdentity?
    let memory = Mutex(ReplicaMemory())
    private let isClosed = Mutex(false)
    /// Set once a page of the file could not be read: from then on nothing is served from it.
    private let unreadable = Mutex<ReplicaError?>(nil)
    /// What was found damaged while it was read.
    package let damage = DamageNotes()
    /// The table of actions by which cases are folded.
    package let rules: CaseRules
    /// Version of the program that runs.
    let program: String
    private let charters: SharedCharters?

    /// - Parameters:
    ///   - path: of the database file; its folder exists.
    ///   - program: its version; what another one could not derive or understand is tried again.
    ///   - charters: what replicas of this process have read of theirs, where they share it.
    ///   - creates: false refuses a path where there is no database yet.
    /// - Throws: `ReplicaError`.
    package init(
        path: String, rules: CaseRules = .version1, program: String = ProgramVersion.current,
        charters: SharedCharters? = nil, creates: Bool = false
    ) throws {
        let isThere = FileManager.default.fileExists(atPath: path)
        guard creates || isThere else { throw ReplicaError.absent(path) }
        if isThere { try ReplicaFile.demandReplica(at: path) }
        self.rules = rules
        self.program = program
        self.charters = charters
        self.path = path
        // The opening may wait for somebody who puts another file in its place.
        let found = FileIdentity(path: path)
        pool = try Self.translating(at: path) { try Self.open(path) }
        file = found ?? FileIdentity(path: path)
        try Self.translating(pool) {
            // GRDB sets NORMAL after opening in WAL mode; here a commit is a promise.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
            if isThere { _ = try pool.read { try ReplicaFile.migrations($0, path: path) } }
            try Schema.migrator.migrate(pool)
        }
        countTrap()
        guard try Self.translating(at: path, { try pool.read { try Transaction.lastProgram($0) } }) != program else {
            return
        }
        do { try write { try $0.takeOver() } } catch ReplicaError.damagedRun, ReplicaError.damagedOpening {
            // It cannot be done before that was taken out; the next opening tries again.
        }
    }

    /// Seconds for which somebody else is waited for who holds the file.
    static let patience: TimeInterval = 10

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        // Two for the links, one for a scrub, one for a backup, one for the people.
        configuration.maximumReaderCount = 5
        configuration.prepareDatabase { db in
            // Cells are held against the size of their page, so that a damaged one is found where it is first read.
            try db.execute(
                sql: "PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON")
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
        try write(from: memory.withLock { $0 }) { transaction in
            try transaction.refresh()
            return try body(transaction)
        }
    }

    /// As `write`, for what takes out the damaged: nothing is read before it, not even the charter.
    func writeUnread<T>(_ body: (Transaction) throws -> T) throws -> T { try write(from: ReplicaMemory(), body) }

    private func write<T>(from memory: ReplicaMemory, _ body: (Transaction) throws -> T) throws -> T {
        try guarding {
            try pool.writeWithoutTransaction { db in
                let transaction = Transaction(
                    db: db, memory: memory, rules: rules, damage: damage, program: program, charters: charters,
                    note: TrapNote(beside: path, program: program))
                var result: T?
                try db.inTransaction(.immediate) {
                    defer { transaction.note?.finish() }
                    // What were written to a file that was moved aside would be lost.
                    guard FileIdentity(path: path) == file else { throw ReplicaError.busy }
                    result = try body(transaction)
                    return .commit
                }
                self.memory.withLock { $0 = transaction.memory }
                guard let result else { preconditionFailure("a committed transaction has a result") }
                return result
            }
        }
    }

    /// One view of the replica as it was committed last.
    /// - Throws: `ReplicaError`, and what `body` throws.
    package func read<T>(_ body: (Transaction) throws -> T) throws -> T {
        try guarding {
            // Not of later than the view is: what is missing is read, and what were too new would stay.
            let memory = memory.withLock { $0 }
            return try pool.read { db in
                let transaction = Transaction(
                    db: db, memory: memory, rules: rules, damage: damage, program: program, charters: charters)
                try transaction.refresh()
                return try body(transaction)
            }
        }
    }

    /// As `read`, where not even the charter may be readable.
    func readUnread<T>(_ body: (Transaction) throws -> T) throws -> T {
        try guarding {
            try pool.read { db in
                let transaction = Transaction(
                    db: db, memory: ReplicaMemory(), rules: rules, damage: damage, program: program)
                try transaction.readGenesis()
                return try body(transaction)
            }
        }
    }

    /// The first entry of the charter, by which the network is named, and whose the database is. They are read even
    /// where the charter is damaged.
    /// - Throws: `ReplicaError`: `.empty` for a database that was made and not yet established.
    package func founded() throws -> (genesis: SignedGenesis, identity: NodeIdentity) {
        try readUnread { transaction in
            guard let genesis = transaction.genesis, let identity = try transaction.identity else {
                throw try transaction.isUnused() ? ReplicaError.empty(path) : .damaged("node")
            }
            return (genesis, identity)
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
        try Self.translating(at: path) {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            try pool.close()
        }
    }

    /// Gives back the room of SQLite's log, which only speed needs, while nobody works.
    /// - Throws: `ReplicaError`.
    package func rest() throws {
        try guarding {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        }
    }

    /// Why nothing is served from this file any more; nil as long as every page of it could be read.
    package var failure: ReplicaError? { unreadable.withLock { $0 } }

    /// A page of the file was found to be none.
    func stopServing(_ error: ReplicaError) { unreadable.withLock { $0 = error } }

    private func guarding<T>(_ body: () throws -> T) throws -> T {
        if let failure { throw failure }
        do {
            return try Self.translating(pool) {
                do { return try body() } catch let error as DatabaseError
                    where error.extendedResultCode == .SQLITE_CORRUPT_INDEX
                {
                    // By this one rows may have been passed over before; by a search index nothing is sent.
                    damage.add(.index)
                    throw error
                }
            }
        } catch let error as ReplicaError {
            switch error {
            case .unreadable: stopServing(error)
            case .index: damage.add(.derived)
            default: break
            }
            throw error
        }
    }

    /// - Parameter path: of the file that SQLite works on.
    static func translating<T>(at path: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError {
            throw ReplicaError(error, at: path)
        } catch let error as RowDecodingError {
            throw ReplicaError.damaged(error.description)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            // GRDB asks for the size of a log that another process has just taken away.
            throw ReplicaError.busy
        }
    }

    /// As the other one, where the definition of a table may be damaged, so that a statement makes no sense.
    private static func translating<T>(_ pool: DatabasePool, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            guard error.resultCode == .SQLITE_ERROR, case .fault = ReplicaError(error, at: pool.path),
                let name = try translating(at: pool.path, { try pool.read(Schema.changed) })
            else { return try translating(at: pool.path) { throw error } }
            throw ReplicaError.unreadable("the definition of \(name)")
        } catch {
            return try translating(at: pool.path) { throw error }
        }
    }
}

/// What a replica keeps in memory between transactions. It only ever repeats what is committed.
struct ReplicaMemory: Sendable {
    /// The last run that had been taken out of the journal.
    var takenOut: Int64 = 0
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
    var runs = RunCache()
}

/// A charter entry whose predecessor may be missing.
enum WaitingEntry: Sendable {
    case changeSet(Data, body: Data)
    case join(Data)
}
