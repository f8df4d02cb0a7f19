import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Replica {
    /// Looks again at what was noted, and forgets what is sound: another process may have put it right.
    /// - Parameter isSigned: whether an opening's own certificate signed it.
    /// - Returns: how many runs would be taken out or put right, those behind a damaged opening among them.
    /// - Throws: `ReplicaError`.
    package func damagedRuns(isSigned: (SignedOpening) -> Bool) throws -> Int {
        let (sound, runs) = try readUnread { transaction in
            guard transaction.genesis != nil else { throw ReplicaError.damaged("node.genesis") }
            do { try transaction.refresh() } catch ReplicaError.damagedRun, ReplicaError.damagedOpening {
                // What of the charter cannot be read is among what was noted.
            }
            var sound: Set<DamageNotes.Note> = [], runs: Set<Int64> = []
            for note in damage.notes {
                guard let behind = try transaction.runs(behind: note, isSigned) else {
                    sound.insert(note)
                    continue
                }
                runs.formUnion(behind)
            }
            return (sound, runs.count)
        }
        damage.remove(sound)
        return runs
    }
}

extension Transaction {
    /// The runs that would be touched on account of a note; nil where what it names is sound.
    fileprivate func runs(behind note: DamageNotes.Note, _ isSigned: (SignedOpening) -> Bool) throws -> [Int64]? {
        switch note {
        case .run(let run):
            guard try hasRun(run) else { return nil }
            do { return try condition(ofRun: run) == .sound ? nil : [run] } catch ReplicaError.damagedOpening {
                return [run]
            }
        case .opening(let author):
            // One that was taken out is not there any more.
            if let row = try? self.author(id: author), row.opening.map(isSigned) ?? true { return nil }
            return try secondCopy(ofOpening: author, isSigned) == nil ? sealedRuns(of: author) : []
        case .widening(let position): return try isSound(wideningAt: position) ? nil : []
        case .join, .heartbeat, .record, .derived, .index: return []
        }
    }

    func hasRecord(_ record: Int64) throws -> Bool {
        let find = "SELECT EXISTS (SELECT 1 FROM record WHERE id = ?)"
        return try Bool.fetchOne(db, sql: find, arguments: [record]) ?? false
    }

    func hasRun(_ run: Int64) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)", arguments: [run]) ?? false
    }
}
