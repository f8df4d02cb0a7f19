import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// In a forked journal a distance back leads along the chain of seals, so that who holds only some of its runs must be
/// told the seals between: runs of which nothing is present (PROTOCOL 13).
extension Transaction {
    /// The runs whose seals lead from a change set to the farthest that it names by distance where the lines differ,
    /// the earliest first; none where one batch could not take them.
    func sealsBetween(_ sequence: UInt64, ofRun run: Int64) throws -> [Int64] {
        guard try !forkedJournals().isEmpty else { return [] }
        let find = try db.cachedStatement(sql: "SELECT author, feed, first, previous, size FROM run WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [run]) else { throw ReplicaError.damaged("run \(run)") }
        let journal = ForkedJournal(author: try row[0], feed: try row.feed(1))
        guard let start = try startOfFork(journal) else { return [] }
        let held = try memory.runs.changeSets(ofRun: run, size: row[4]) ?? storedRun(run).changeSets
        guard let placed = held[Int(clamping: sequence &- (try row.count(2)))],
            let changeSet = try? ChangeSet(bytes: placed.bytes, sequence: sequence),
            let target = changeSet.distances.map({ sequence - $0 }).filter({ $0 >= UInt64(clamping: start) }).min()
        else { return [] }
        let before = try db.cachedStatement(
            sql: """
                SELECT id, first, previous, length(seal) FROM run
                WHERE author = ? AND feed = ? AND first BETWEEN ?3 - \(Limits.changeSetsPerRun) AND ?3 - 1
                AND digest = ?4 ORDER BY first DESC LIMIT 1
                """)
        var (first, previous): (Int64, Data) = (try row[2], try row[3])
        var (found, bytes): ([Int64], Int) = ([], 0)
        while first > Int64(clamping: target),
            let run = try Row.fetchOne(before, arguments: [journal.author, journal.feed.rawValue, first, previous])
        {
            (first, previous) = (try run[1], try run[2])
            // The run of what is named goes with the record.
            guard first > Int64(clamping: target) else { break }
            found.append(try run[0])
            bytes += try run[3]
            guard found.count <= Limits.sealsBetween, bytes <= Limits.bytesOfSealsBetween else { return [] }
        }
        return found.reversed()
    }

    /// The records that a unit below is owed again, behind a position: no comparison tells that it lacks their seals.
    func recordsOwedAgain(to unit: UnitCode, behind position: Int64, through last: Int64) throws -> Set<Int64> {
        let topology = charter.current.topology
        return Set(
            try widenings(in: .casework, behind: position, through: last).compactMap { widening in
                guard case .again(let record) = widening.subject else { return nil }
                return topology.isAboveOrSelf(unit, widening.unit) ? record : nil
            })
    }

    /// Owes to everybody below whatever of these records needs the seals of a forked journal to be read.
    /// - Parameter records: nil is all.
    func retell(_ records: Set<Int64>?, readBySealsOf author: Int64, in feed: Feed) throws {
        for record in try doubledRecords(of: author, in: feed) where records?.contains(record) ?? true {
            try oweAgain(record)
        }
    }

    /// Owes all of a case to everybody below whom it concerns.
    func oweAgain(_ record: Int64) throws {
        guard let own = try identity?.unit else { return }
        let topology = charter.current.topology
        for (unit, _) in try audience(of: record) where topology.isAbove(own, unit) {
            // The last one covers what an earlier one owes.
            try dropWidenings("record = ? AND unit = ? AND again = 1", [record, unit.text])
            try widen(.casework, .again(record), to: unit)
        }
    }
}

extension ChangeSet {
    /// How far back it names others that the fold looks for.
    fileprivate var distances: [UInt64] {
        (parents + admits + declines).compactMap { if case .back(let distance) = $0 { distance } else { nil } }
    }
}
