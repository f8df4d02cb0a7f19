import ChangeSet
import GRDB
import ServiceModel
import Synchronization

/// Charters that replicas of one process have read. Whose journal has the same entries takes what another has read of
/// them, instead of reading them again: so a simulated city has its thousands of units in memory once and not once for
/// each machine. The bytes that lie in the file are not looked at then.
package final class SharedCharters: Sendable {
    struct Known: Sendable {
        let charter: Charter
        let entryDigests: [EntryDigest: Digest32]
    }

    /// Machines are a few entries apart, and days at most.
    private static let most = 32

    private struct Shelf {
        var known: [Digest32: Known] = [:]
        /// The one that was put in last stands last.
        var order: [Digest32] = []
    }

    private let shelf = Mutex(Shelf())

    package init() {}

    subscript(entries: Digest32) -> Known? { shelf.withLock { $0.known[entries] } }

    func keep(_ known: Known, of entries: Digest32) {
        shelf.withLock { shelf in
            guard shelf.known.updateValue(known, forKey: entries) == nil else { return }
            shelf.order.append(entries)
            if shelf.order.count > Self.most { shelf.known[shelf.order.removeFirst()] = nil }
        }
    }
}

extension Transaction {
    /// Names what this replica holds of the charter; nil where some of it is not sealed yet, or not whole.
    func charterEntriesHeld() throws -> Digest32? {
        let runs = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT digest, count FROM run WHERE feed = 1 AND signature IS NOT NULL ORDER BY digest"))
        let rows = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM journal WHERE feed = 1")) ?? 0
        guard let genesis, try rows == runs.reduce(0, { try $0 + ($1[1] as Int) }) else { return nil }
        let joins = try Row.fetchAll(db.cachedStatement(sql: "SELECT digest FROM charter_join ORDER BY digest"))
        return try Digest32(hashing: (runs + joins).reduce(into: genesis.id.data) { $0 += try $1.digest(0).data })
    }

    /// Takes over what another replica has read of the same entries.
    /// - Returns: what those change that were not known here.
    func take(_ shared: SharedCharters.Known) -> [CharterChange] {
        let new = shared.charter.entries(unknownTo: memory.charter)
        memory.charter = shared.charter
        memory.entryDigests = shared.entryDigests
        memory.waitingEntries = []
        memory.deadlineRules = nil
        return new.map(\.change)
    }
}
