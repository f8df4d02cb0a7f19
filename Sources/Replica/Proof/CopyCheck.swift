import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Replica {
    /// Reads a copy from its first page to its last change set and changes nothing about it: SQLite's own check, then
    /// every change set against the seal of its run.
    /// - Parameter progress: runs that are checked, and all.
    /// - Returns: what it holds.
    /// - Throws: `ReplicaError.unreadable`, `ReplicaError.damaged`.
    package static func check(
        copy path: String, rules: CaseRules = .version1, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> ReplicaContent {
        try translating(at: path) {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let content = try queue.read { db in
                let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
                if let first = findings.first { throw ReplicaError.unreadable(first) }
                let transaction = Transaction(db: db, memory: ReplicaMemory(), rules: rules)
                try transaction.refresh()
                try transaction.checkRuns(progress)
                return try transaction.content()
            }
            try queue.close()
            return content
        }
    }
}

extension Transaction {
    /// Holds the bytes of every change set against the seal of its run; what is not sealed yet, against the order of
    /// arrival.
    /// - Parameter progress: runs that are checked, and all.
    /// - Throws: `ReplicaError.damagedRun` at the first that does not fit.
    func checkRuns(_ progress: (Int, Int) throws -> Void) throws {
        let runs = try Int64.fetchAll(db, sql: "SELECT id FROM run ORDER BY id")
        for (index, run) in runs.enumerated() {
            _ = try sealedRun(run)
            try progress(index + 1, runs.count)
        }
    }
}
