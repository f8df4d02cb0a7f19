import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension ActionKind {
    /// The kind of every change set in the charter feed.
    package static let charterEntry = ActionKind(rawValue: 96)
}

extension Transaction {
    /// Reads the charter entries that were committed since the memory was filled.
    /// - Returns: what those change that became known.
    @discardableResult
    func readNewCharterEntries() throws -> [CharterChange] {
        let find = try db.cachedStatement(
            sql: """
                SELECT \(Self.placeColumns) FROM journal
                JOIN run ON run.id = journal.run WHERE journal.feed = 1 AND position > ? AND \(Self.counts)
                ORDER BY position
                """)
        let rows = try Row.fetchAll(find, arguments: [memory.charterPosition])
        let joins = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM charter_join")) ?? 0
        guard !rows.isEmpty || joins > memory.charterJoins else { return [] }
        guard let charters, let held = try charterEntriesHeld() else { return try read(rows, joins: joins) }
        if let shared = charters[held] {
            if let last = rows.last { memory.charterPosition = try last[9] }
            memory.charterJoins = joins
            return take(shared)
        }
        let known = try read(rows, joins: joins)
        if memory.waitingEntries.isEmpty, damage.notes.isEmpty {
            charters.keep(
                SharedCharters.Known(charter: memory.charter, entryDigests: memory.entryDigests), of: held)
        }
        return known
    }

    private func read(_ rows: [Row], joins: Int) throws -> [CharterChange] {
        var known: [CharterChange] = []
        for row in rows {
            memory.charterPosition = try row[9]
            known += try take(try placed(row))
        }
        if joins > memory.charterJoins {
            memory.charterJoins = joins
            for row in try Row.fetchAll(
                db.cachedStatement(sql: "SELECT digest, signed FROM charter_join ORDER BY digest"))
            {
                let signed: Data = try row[1]
                guard try Self.isJoin(signed, named: row[0]), let wire = try? WireSigned(serializedBytes: signed) else {
                    // The entries that it adopts wait until it comes again.
                    damage.add(.join)
                    continue
                }
                memory.waitingEntries.append(.join(wire.content))
            }
            known += takeWaiting()
        }
        return known
    }

    static func isJoin(_ signed: Data, named digest: Data) -> Bool {
        guard let wire = try? WireSigned(serializedBytes: signed) else { return false }
        return Digest32(hashing: wire.content).data == digest
    }

    /// An entry that cannot be read is held, and nothing can pin it.
    private func take(_ entry: PlacedChangeSet) throws -> [CharterChange] {
        guard let changeSet = try? ChangeSet(bytes: entry.bytes, sequence: entry.place.sequence),
            changeSet.kind == .charterEntry
        else { return [] }
        memory.waitingEntries.append(.changeSet(entry.bytes, body: changeSet.body))
        return takeWaiting()
    }

    private func takeWaiting() -> [CharterChange] {
        var known: [CharterChange] = []
        var grew = true
        while grew {
            grew = false
            for (index, waiting) in memory.waitingEntries.enumerated().reversed() {
                let digests = memory.entryDigests
                let record: CharterRecord?
                switch waiting {
                case .changeSet(let bytes, let body):
                    record = try? CharterRecord(changeSet: bytes, body: body, previous: { digests[$0] })
                case .join(let content): record = try? CharterRecord(join: content, previous: { digests[$0] })
                }
                guard let record else { continue }
                memory.waitingEntries.remove(at: index)
                memory.entryDigests[record.entry.digest] = record.digest
                memory.charter.add(record.entry)
                memory.deadlineRules = nil
                known.append(record.entry.change)
                grew = true
            }
        }
        return known
    }
}
