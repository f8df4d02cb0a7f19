import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What became of a run on the disk.
enum RunCondition: Hashable, Sendable {
    case sound
    /// Its change sets are as they were signed; a column that repeats something of them is not what they say.
    case misrepeated
    /// The change sets at these offsets are not what they were, or nobody can tell.
    case damaged(Set<Int>)
}

extension Transaction {
    /// Recomputes a run: its leaves, the root under its seal and the signature; of an open run, the order of arrival.
    /// - Throws: `ReplicaError.damagedOpening`.
    func condition(ofRun id: Int64) throws -> RunCondition {
        let run: StoredRun
        do { run = try readRun(id) } catch ReplicaError.damaged { return .damaged(try offsets(ofRun: id)) }
        if let sealed = run.sealed {
            guard try isSigned(sealed) else { return .damaged(Set(run.changeSets.keys)) }
        } else {
            let unsound = try unsound(run).filter { try !isMisplaced($0, of: run) }.union(missing(run, id))
            guard unsound.isEmpty else { return .damaged(unsound) }
        }
        do { return try repeats(run, id) ? .sound : .misrepeated } catch ReplicaError.damaged { return .misrepeated }
    }

    /// What this node's own open run lacks. What an earlier incarnation left open may have come back sealed in part.
    private func missing(_ run: StoredRun, _ id: Int64) throws -> Set<Int> {
        let find = "SELECT count FROM run WHERE id = ? AND author = (SELECT author FROM node)"
        guard let count = try Int.fetchOne(db, sql: find, arguments: [id]) else { return [] }
        return Set(0..<max(0, min(count, Limits.changeSetsPerRun))).subtracting(run.changeSets.keys)
    }

    private func offsets(ofRun id: Int64) throws -> Set<Int> {
        let rows = try Row.fetchAll(db, sql: "SELECT offset FROM journal WHERE run = ?", arguments: [id])
        return Set(rows.compactMap { try? $0[0] as Int })
    }

    /// Whether the columns that repeat something say what the change sets and the seal say.
    /// - Throws: `ReplicaError.damaged` for a cell that cannot be read.
    private func repeats(_ run: StoredRun, _ id: Int64) throws -> Bool {
        let columns = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT feed, size, pin, pin_digest, count FROM run WHERE id = ?"),
            arguments: [id])
        guard let columns else { return false }
        let feed = try columns.feed(0)
        let size = run.changeSets.reduce(0) { $0 + $1.value.bytes.count }
        guard try columns[1] == size, try columns.count(2) == pinNumber(of: run, digest: columns.bytes16(3)) else {
            return false
        }
        if let sealed = run.sealed {
            guard sealed.seal.digest(network: network) == run.digest else { return false }
        } else {
            // What lies beyond a gap of an earlier incarnation does not begin with the run.
            guard try columns[4] as Int > (run.changeSets.keys.max() ?? 0) else { return false }
        }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT offset, feed, record, size, action, actor, day FROM journal WHERE run = ?"),
            arguments: [id])
        let pin = EntryDigest(try columns.bytes16(3))
        for row in rows {
            guard let placed = run.changeSets[try row[0]], let standing = run.standings[try row[0]],
                try stands(placed.leaf, at: standing.position, rolling: standing.rolling), try row.feed(1) == feed,
                try repeats(row, placed, pin: pin)
            else { return false }
        }
        return true
    }

    private func repeats(_ row: Row, _ placed: PlacedChangeSet, pin: EntryDigest) throws -> Bool {
        let entry = try self.entry(placed, pin: pin)
        let said = entry.flatMap(SaidOfCase.init)
        let record: Int64? = try row[2]
        return try record.map { try creation(of: $0) } == entry.map(creation) && row[3] == placed.bytes.count
            && row[4] == said?.action && row[5] == said?.actor && row[6] == said?.day
    }

    /// The number of the charter entry that a run pins; nil where nothing tells.
    private func pinNumber(of run: StoredRun, digest: Bytes16) throws -> UInt64? {
        guard let sealed = run.sealed else { return charter.entry(EntryDigest(digest))?.number }
        return (try? WireSealBody(serializedBytes: sealed.seal.body))?.pin
    }

    // MARK: - Mending

    /// Writes again what a run's columns repeat, where its change sets are sound.
    /// - Returns: the records of its change sets, and whether a row stood under another record or feed, by which it is
    ///   told who has it.
    func mend(_ id: Int64) throws -> (records: Set<Int64>, wasMisled: Bool) {
        var run = try readRun(id)
        for offset in try unsound(run) { try mendOrder(at: offset, of: run) }
        run = try readRun(id)
        try db.execute(
            sql: "UPDATE run SET size = ?, digest = ? WHERE id = ?",
            arguments: [
                run.changeSets.reduce(0) { $0 + $1.value.bytes.count },
                run.sealed.map { $0.seal.digest(network: network).data }, id,
            ])
        noteSeal()
        if let sealed = run.sealed, let body = try? WireSealBody(serializedBytes: sealed.seal.body) {
            try db.execute(sql: "UPDATE run SET pin = ? WHERE id = ?", arguments: [Int64(clamping: body.pin), id])
        } else {
            try mendPin(ofOpenRun: id)
        }
        try db.execute(
            sql: """
                UPDATE journal SET feed = run.feed FROM run
                WHERE run = ?1 AND run.id = ?1 AND journal.feed IS NOT run.feed
                """, arguments: [id])
        var wasMisled = db.changesCount > 0
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT \(Self.placeColumns), run.pin_digest, record FROM journal JOIN run ON run.id = journal.run
                WHERE run.id = ?
                """, arguments: [id])
        var touched: Set<Int64> = []
        for row in rows {
            let former: Int64? = try row[12], record = try repeatBytes(row)
            touched.formUnion([former, record].compactMap(\.self))
            wasMisled = wasMisled || former != record
        }
        records = HeldRecords()
        return (touched, wasMisled)
    }

    /// Number and digest name one entry: whichever of them names none follows the other.
    private func mendPin(ofOpenRun id: Int64) throws {
        let find = "SELECT pin, pin_digest FROM run WHERE id = ? AND signature IS NULL"
        guard let row = try Row.fetchOne(db, sql: find, arguments: [id]) else { return }
        let number = try row.count(0)
        var digest = EntryDigest(try row.bytes16(1))
        if charter.entry(digest) == nil {
            let named = memory.entryDigests.keys.filter { charter.entry($0)?.number == number }
            guard named.count == 1, let only = named.first else { return }
            digest = only
        }
        try db.execute(
            sql: "UPDATE run SET pin = ?, pin_digest = ? WHERE id = ?",
            arguments: [charter.entry(digest).map { Int64($0.number) }, digest.value.data, id])
    }
}
