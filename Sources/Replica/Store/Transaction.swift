import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// One transaction on the replica. What it can do is in the extensions, a file for each subject.
///
/// It lives only inside the closure that it was handed to.
package final class Transaction {
    let db: Database
    var memory: ReplicaMemory
    let rules: CaseRules
    let damage: DamageNotes
    /// Version of the program that runs.
    let program: String
    let charters: SharedCharters?
    /// nil where nothing is taken in.
    let note: TrapNote?
    var records = HeldRecords()
    /// Records whose change sets have come and that are still to be derived, with where the journal ended before them.
    var underived: [Int64: Int64] = [:]
    var isGathering = false
    /// Records that have lost change sets to another one with their number, or got some of it, and are not derived yet.
    var regrouped: Set<Int64> = []
    /// By run, whether it was written here or below, as the units stand: asked for every row that may go up.
    var authoredBelow: [Int64: Bool] = [:]
    /// Journals of which two seals are held that contradict each other, once they have been asked for.
    var forks: Set<ForkedJournal>?
    /// The first sequence at which their lines differ, of those that have been asked about.
    var startsOfForks: [ForkedJournal: Int64] = [:]
    /// Which seal goes on after which in those journals, once it has been asked.
    var chains: [Digest32: Digest32]?
    /// Whether anything has left this node, once it has been asked.
    var stubsKnown: Bool?
    /// Records that are set aside, once they have been asked for, and whether their audience is told.
    var asideKnown: [Int64: Bool]?
    /// In what this version has ended, and how often, once it has been asked for.
    var trapsKnown: [Trap: Int]?

    init(
        db: Database, memory: ReplicaMemory, rules: CaseRules, damage: DamageNotes = DamageNotes(),
        program: String = ProgramVersion.current, charters: SharedCharters? = nil, note: TrapNote? = nil
    ) {
        self.db = db
        self.memory = memory
        self.rules = rules
        self.damage = damage
        self.program = program
        self.charters = charters
        self.note = note
    }

    /// Takes in what other processes have committed since this memory was filled, and forgets what they have taken out.
    func refresh() throws {
        if try isFresh() { return }
        let takenOut = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM damaged_run")) ?? 0
        if takenOut != memory.takenOut { memory = ReplicaMemory(takenOut: takenOut) }
        try readGenesis()
        guard memory.genesis != nil else {
            guard try isUnused() else { throw ReplicaError.damaged("node") }
            return
        }
        try readNewCharterEntries()
    }

    /// Whether nothing was committed that the memory lacks: one question, since every transaction begins with it.
    private func isFresh() throws -> Bool {
        guard memory.genesis != nil else { return false }
        let find = try db.cachedStatement(
            sql: """
                SELECT coalesce((SELECT max(id) FROM damaged_run), 0) = ?
                    AND (SELECT count(*) FROM charter_join) = ?
                    AND NOT EXISTS (SELECT 1 FROM journal WHERE feed = 1 AND position > ?)
                """)
        let known: StatementArguments = [memory.takenOut, memory.charterJoins, memory.charterPosition]
        return try Bool.fetchOne(find, arguments: known) ?? false
    }

    /// Whether the database was made and not yet established: who a node is, is written before anybody is known.
    func isUnused() throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT NOT EXISTS (SELECT 1 FROM node UNION ALL SELECT 1 FROM author)")) ?? false
    }

    func readGenesis() throws {
        if memory.genesis == nil {
            guard let bytes = try Data.fetchOne(db.cachedStatement(sql: "SELECT genesis FROM node")) else { return }
            guard let genesis = try? SignedGenesis(bytes: bytes) else { throw ReplicaError.damaged("node.genesis") }
            try begin(with: genesis)
        }
    }

    /// The network's id.
    package var network: Digest32 {
        guard let genesis = memory.genesis else { preconditionFailure("a node has its network from the start") }
        return genesis.id
    }

    package var genesis: SignedGenesis? { memory.genesis }
    package var charter: Charter { memory.charter }

    /// Does something that may fail alone: when `body` throws, nothing of it stays and the transaction goes on.
    /// - Throws: what the database throws; the failure of `body` is the result.
    package func attempt<T>(_ body: () throws -> T) throws -> Result<T, any Error> {
        let before = (memory, records, underived, regrouped)
        var result: Result<T, any Error>?
        try db.inSavepoint {
            do {
                result = .success(try body())
                return .commit
            } catch let error as DatabaseError {
                throw error
            } catch {
                result = .failure(error)
                return .rollback
            }
        }
        guard let result else { preconditionFailure("an attempt has a result") }
        if case .failure = result {
            (memory, records, underived, regrouped) = before
            (forks, startsOfForks, chains) = (nil, [:], nil)
            (asideKnown, trapsKnown) = (nil, nil)
            stubsKnown = nil
        }
        return result
    }
}
