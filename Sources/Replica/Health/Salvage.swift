import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What could be saved of a damaged database file.
package struct Salvage: Hashable, Sendable {
    /// The tables of the journal, of the links, and of what is local to the node.
    package internal(set) var tables: [SalvagedTable] = []
    /// Rows that lead to rows that could not be saved.
    package internal(set) var orphans = 0
    /// Runs and openings that were saved and are damaged.
    package internal(set) var takenOut = TakenOut()

    package init() {}
}

extension Replica {
    /// Makes a new database file from what can still be read of a damaged one: every table that nothing else gives, row
    /// by row; then what is not sound leaves the journal, and what is derived is made anew. The old file is only read.
    ///
    /// Change sets may be missing without a trace. So the new file says of itself that it is a copy: whoever opens it
    /// goes on as another author.
    /// - Parameters:
    ///   - new: path of a file that is not there yet.
    ///   - now: seconds since 1970.
    ///   - isSigned: whether an opening's own certificate signed it.
    ///   - seal: closes what this node has written, where nothing that it had sealed is missing; it throws where the
    ///     new file is not to take the place of the old one.
    ///   - progress: told of each table, and of the runs that were checked.
    /// - Throws: `ReplicaError`: the old file says no more who this node is, or is another program's, or the new one
    ///   cannot be written; and what `seal` throws.
    package static func salvage(
        _ old: String, to new: String, now: Int64, isSigned: @escaping (SignedOpening) -> Bool,
        seal: (Transaction) throws -> Void, progress: (SalvageStep) -> Void
    ) throws -> Salvage {
        guard !ReplicaFile.isEmpty(old) else { throw ReplicaError.empty(old) }
        try ReplicaFile.demandNotOfAnotherProgram(at: old)
        try Replica(path: new, creates: true).close()
        var out = Salvage()
        try copy(old, to: new, now: now, &out, progress)
        let replica = try Replica(path: new)
        _ = try replica.founded()
        let named = NamedCase.reader(of: old)
        var scrub = Scrub(began: now)
        while scrub.recomputes {
            do {
                _ = try scrub.step(replica, isSigned: isSigned)
                progress(.runs(scrub.checked))
            } catch let error as ReplicaError where error.isOfJournal {
                // Nothing can be read before the charter can.
                let before = out.takenOut
                try takeOutNoted(of: replica, now: now, isSigned: isSigned, named: named, &out)
                guard out.takenOut != before else { throw error }
            }
        }
        // What is derived was not saved, and is made anew at the end.
        if replica.damage.notes == [.derived] { replica.damage.remove([.derived]) }
        try takeOutNoted(of: replica, now: now, isSigned: isSigned, named: named, &out)
        try replica.write { transaction in
            try transaction.forgetReceived()
            try seal(transaction)
        }
        progress(.deriving)
        _ = try replica.rebuild(keeping: true)
        try replica.close()
        return out
    }

    private static func takeOutNoted(
        of replica: Replica, now: Int64, isSigned: @escaping (SignedOpening) -> Bool,
        named: @escaping (Int64) -> NamedCase?, _ out: inout Salvage
    ) throws {
        for _ in 0..<rounds where !replica.damage.notes.isEmpty {
            let notes = replica.damage.notes
            do {
                out.takenOut.add(
                    try replica.takeOut(
                        notes, now: now, isSigned: isSigned, named: named, seal: { _ in }, goOn: { _, _ in }))
            } catch let error as ReplicaError where error.isOfJournal {
                continue
            }
        }
    }

    /// How often what is found while something is taken out is taken out as well.
    private static let rounds = 8

    private static func copy(
        _ old: String, to new: String, now: Int64, _ out: inout Salvage, _ progress: (SalvageStep) -> Void
    ) throws {
        var writing = Configuration()
        writing.foreignKeysEnabled = false
        try translating(at: new) {
            let source = try DatabaseQueue(path: old, configuration: readingDamaged)
            let target = try DatabaseQueue(path: new, configuration: writing)
            // Outside of a transaction, whose end would fail for what could not be read in it.
            try source.unsafeRead { source in
                try target.write { target in
                    // A file of an earlier program has fewer tables, and lacks nothing.
                    // GRDB asks for the definitions first, and ends the process where one cannot be read.
                    let applied = (try? String.fetchSet(source, sql: "SELECT identifier FROM grdb_migrations")) ?? []
                    let hasAll = applied.isEmpty || applied.isSuperset(of: Schema.migrator.migrations)
                    for name in try Schema.saved(target) {
                        guard var table = try TableSalvage(name, from: source, to: target) else {
                            if hasAll { out.tables.append(SalvagedTable(name: name, gaps: 1)) }
                            continue
                        }
                        try table.run()
                        out.tables.append(table.result)
                        progress(.table(table.result))
                    }
                    out.orphans = try Schema.removeOrphans(target)
                    try target.execute(sql: "UPDATE node SET copied = ?", arguments: [now])
                }
            }
            try source.close()
            try target.close()
        }
    }
}

extension ReplicaError {
    /// Whether something of the journal was found damaged, and noted.
    fileprivate var isOfJournal: Bool {
        switch self {
        case .damagedRun, .damagedOpening: true
        default: false
        }
    }
}

/// How far a salvage has got.
package enum SalvageStep: Hashable, Sendable {
    case table(SalvagedTable)
    /// So many were checked.
    case runs(Int)
    case deriving
}

extension Schema {
    /// The tables that nothing else gives.
    fileprivate static func saved(_ db: Database) throws -> [String] {
        let derived = derivedTables + ["scrub", "set_aside", "program"]
        let search = SearchIndex.allCases.map { "\($0.rawValue)_" }
        let all = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0
                AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%' ORDER BY name
                """)
        return all.filter { name in !derived.contains(name) && !search.contains { name.hasPrefix($0) } }
    }

    /// Takes out what leads to rows that are missing; where a column may be empty, it is made so.
    /// - Returns: how many rows were touched.
    fileprivate static func removeOrphans(_ db: Database) throws -> Int {
        var touched = 0
        while true {
            var round = 0
            for table in try saved(db) {
                // SQLite does not call a key of numbers not null, and takes none for it.
                let nullable = Set(
                    try db.columns(in: table).filter { !$0.isNotNull && $0.primaryKeyIndex == 0 }.map(\.name))
                for key in try db.foreignKeys(on: table) {
                    guard let (own, other) = key.mapping.first.map({ ($0.origin, $0.destination) }) else { continue }
                    let condition = """
                        WHERE "\(own)" IS NOT NULL
                        AND "\(own)" NOT IN (SELECT "\(other)" FROM "\(key.destinationTable)")
                        """
                    try db.execute(
                        sql: nullable.contains(own)
                            ? "UPDATE \"\(table)\" SET \"\(own)\" = NULL \(condition)"
                            : "DELETE FROM \"\(table)\" \(condition)")
                    round += db.changesCount
                }
            }
            guard round > 0 else { return touched }
            touched += round
        }
    }
}
