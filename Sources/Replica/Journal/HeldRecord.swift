import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A record as one transaction knows it: what its journal rows say, so that they are read once.
struct HeldRecord {
    let creation: Place
    /// Another record was here first under this number, which a fork gave twice.
    var isTwin = false
    /// In the order of arrival.
    var history = RecordHistory()
    /// Of the history's entries.
    var positions: [Int64] = []
    /// Nobody had named it before this transaction, and nothing has been derived of it.
    var isNew: Bool
}

/// The records that one transaction knows, by their rows.
struct HeldRecords {
    /// Past that they are read again.
    private static let most = 2048

    private var held: [Int64: HeldRecord] = [:]
    private var rows: [Place: Int64] = [:]

    subscript(row: Int64) -> HeldRecord? { held[row] }

    func row(of creation: Place) -> Int64? { rows[creation] }

    mutating func keep(_ record: HeldRecord, as row: Int64) {
        if held.count >= Self.most { self = HeldRecords() }
        held[row] = record
        if !record.isTwin { rows[record.creation] = row }
    }

    /// Takes an entry in that was written to the journal, where the record is known.
    mutating func note(_ entry: RecordHistory.Entry, of row: Int64, at position: Int64) {
        held[row]?.history.append(entry)
        held[row]?.positions.append(position)
    }

    /// - Returns: whether nothing had been derived of it.
    mutating func noteDerived(_ row: Int64) -> Bool {
        let isNew = held[row]?.isNew ?? false
        held[row]?.isNew = false
        return isNew
    }
}

extension Transaction {
    /// The held change sets of a record that count, in the order of arrival.
    /// - Throws: `ReplicaError.damaged`.
    package func history(of record: Int64) throws -> RecordHistory { try heldRecord(record).history }

    /// The record as its journal rows have it.
    /// - Throws: `ReplicaError.damaged`.
    func heldRecord(_ row: Int64) throws -> HeldRecord {
        if let held = records[row] { return held }
        let find = try db.cachedStatement(
            sql: """
                SELECT \(Self.placeColumns), run.pin_digest, run.digest, run.previous
                FROM journal JOIN run ON run.id = journal.run WHERE journal.record = ? AND \(Self.counts)
                ORDER BY position
                """)
        let (creation, isTwin) = try identity(of: row)
        var held = HeldRecord(creation: creation, isTwin: isTwin, isNew: false)
        held.history.chains = try sealChains(ofRecord: row)
        held.history.twins = try leavesOfTwins(of: row, created: creation)
        let rows = try Row.fetchCursor(find, arguments: [row])
        while let row = try rows.next() {
            let pin = EntryDigest(try row.bytes16(11))
            let digest: Data? = try row[12]
            let previous: Data? = try row[13]
            let seals = digest.flatMap { Digest32($0) }.flatMap { one in
                previous.flatMap { Digest32($0) }.map { (one, $0) }
            }
            let entry = try RecordHistory.Entry(try placed(row), pin: pin, run: seals)
            // A row whose run or record the disk has changed would put another record's change set into this one.
            guard self.creation(of: entry) == creation else { throw noteDamage(ofRun: try row[0]) }
            held.history.append(entry)
            held.positions.append(try row[9])
        }
        records.keep(held, as: row)
        return held
    }
}
