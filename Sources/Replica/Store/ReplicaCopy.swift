import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What a replica holds, told so that a copy of it can be held against it.
package struct ReplicaContent: Hashable, Sendable {
    package let identity: NodeIdentity
    /// The end of its order of arrival.
    package let head: JournalCursor
    /// How far its own author has sealed, by feed.
    package let sealed: [UInt64]
    /// How many of its change sets are not sealed: what another incarnation cannot send.
    package let unsealed: Int
    /// Of each author: how far its journals are held.
    package let heads: [GaplessHead]
    /// By the row of the peer: how far the casework that each sends is applied.
    package let received: [Int64: JournalCursor]
    /// Rows of every table, by its name.
    package let rows: [String: Int]
}

extension Transaction {
    /// - Throws: `ReplicaError.damaged` for a database without a node.
    package func content() throws -> ReplicaContent {
        guard let identity = try identity, let author = identity.author else { throw ReplicaError.damaged("node") }
        let tables = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name
                """)
        var rows: [String: Int] = [:]
        for table in tables { rows[table] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\"") ?? 0 }
        return ReplicaContent(
            identity: identity, head: try journalHead(), sealed: try sealedHeads(of: author),
            unsealed: try unsealedCount(of: author), heads: try allGaplessHeads(),
            received: try receivedCasework(), rows: rows)
    }
}

extension Replica {
    /// Pages that are copied between two reports of progress.
    private static let pagesPerStep: CInt = 1024

    /// Copies all of it, as it stands at one moment, into a new file; others go on writing meanwhile. The file is one
    /// alone, with no log beside it, and says of itself that it is a copy: whoever opens it goes on as another author.
    /// - Parameters:
    ///   - path: of a file that is not there yet.
    ///   - time: seconds since 1970.
    ///   - fits: false ends it before a page was copied.
    ///   - progress: pages that are copied, and all.
    /// - Returns: what was copied, counted in that very state; nil when it did not fit.
    /// - Throws: `ReplicaError`.
    package func copy(
        to path: String, time: Int64, if fits: (Transaction) throws -> Bool = { _ in true },
        progress: @escaping (Int, Int) throws -> Void = { _, _ in }
    ) throws -> ReplicaContent? {
        try Self.translating(at: self.path) {
            let content = try pool.read { db -> ReplicaContent? in
                let transaction = Transaction(db: db, memory: memory.withLock { $0 }, rules: rules)
                try transaction.refresh()
                guard try fits(transaction) else { return nil }
                try Self.translating(at: path) {
                    let copy = try DatabaseQueue(path: path)
                    try copy.writeWithoutTransaction { copy in
                        // This connection goes on seeing what it saw first, so that no step of it has to be done again.
                        try db.backup(to: copy, pagesPerStep: Self.pagesPerStep) {
                            try progress($0.completedPageCount, $0.totalPageCount)
                        }
                    }
                    try copy.close()
                }
                return try transaction.content()
            }
            guard let content else { return nil }
            try Self.translating(at: path) {
                // The copy has taken over the mode of the original, which needs more files than one.
                let copy = try DatabaseQueue(path: path)
                try copy.writeWithoutTransaction { db in
                    guard try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") == "delete" else {
                        throw ReplicaError.storage("journal_mode", at: path)
                    }
                    try db.execute(sql: "UPDATE node SET copied = ?", arguments: [time])
                }
                try copy.close()
            }
            return content
        }
    }

    /// Brings a database that is to be moved into one file, and makes sure that nobody has it open.
    /// - Throws: `ReplicaError.busy` when somebody has; `.unreadable` when it is damaged; `.empty` for a file of no
    ///   bytes.
    package static func close(path: String) throws {
        guard !ReplicaFile.isEmpty(path) else { throw ReplicaError.empty(path) }
        try translating(at: path) {
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { db in _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") }
            try queue.close()
        }
    }
}
