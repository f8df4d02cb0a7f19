import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// The charter travels first, in any direction, to everyone, whole. Its cursor is its number and 8 bytes of its digest;
/// where it has branches, 8 bytes of a digest over the ends of all.
extension Transaction {
    /// What this node's charter leads to.
    package func charterCursor() -> JournalCursor {
        let tips = charter.tips
        guard tips.count > 1 else { return charterCursor(at: pin.number, pin.digest) }
        let ends = tips.sorted().reduce(into: Data()) { $0 += $1.value.data }
        return JournalCursor(position: Int64(pin.number), offset: 0, rolling: Digest32(hashing: ends).prefix8)
    }

    private func charterCursor(at number: UInt64, _ digest: EntryDigest) -> JournalCursor {
        JournalCursor(position: Int64(number), offset: 0, rolling: digest.value.high)
    }

    /// The next batch of the charter for who has it up to `cursor`; nil when there is nothing to say.
    /// - Parameters:
    ///   - cursor: its offset is the position up to which this was told already.
    ///   - budget: bytes after which no further run is begun.
    package func outgoingCharter(
        to addressee: Addressee, after cursor: JournalCursor, budget: Int
    ) throws -> OutgoingBatch? {
        let own = charterCursor()
        guard cursor != own else { return nil }
        let known = memory.entryDigests.keys.first {
            $0.value.high == cursor.rolling && charter.entry($0)?.number == UInt64(clamping: cursor.position)
        }.flatMap(charter.view)
        if known == nil && cursor.position > own.position { return nil }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT run, min(position) AS first
                    FROM journal INDEXED BY journal_charter JOIN run ON run.id = journal.run
                    WHERE journal.feed = 1 AND run.signature IS NOT NULL
                    GROUP BY run HAVING first > ? ORDER BY first
                    """), arguments: [cursor.offset])
        var batch = WireBatch()
        batch.feed = UInt32(Feed.charter.rawValue)
        batch.start = cursor.wire(.charter)
        let joins = try Data.fetchAll(db.cachedStatement(sql: "SELECT signed FROM charter_join ORDER BY digest"))
        var load = BatchLoad()
        for join in joins { load.addJoin(bytes: join.count) }
        var introduced: [AuthorID] = []
        var size = 0
        var end = cursor
        var hasMore = false
        var before: SealedRun?
        for row in rows {
            let id: Int64 = try row[0]
            guard let run = try sealedRun(id) else { throw ReplicaError.damaged("run \(id)") }
            guard let last = lastEntry(of: run) else { continue }
            if known?.contains(last.digest) == true { continue }
            let bytes = run.present.reduce(0) { $0 + $1.bytes.count }
            var next = load
            next.addRun(bytes: run.seal.body.count)
            for changeSet in run.present { next.addRow(bytes: changeSet.bytes.count) }
            for opening in try openings(leadingTo: run.seal.author, unknownTo: addressee, beside: load.openings) {
                next.add(opening.bytes, of: opening.author)
            }
            guard size < budget, next.isTaken || batch.runs.isEmpty else {
                hasMore = true
                break
            }
            load = next
            try introduce(run.seal.author, in: &batch, to: addressee, noting: &introduced)
            batch.runs.append(run.wire(author: before?.seal.author != run.seal.author, previous: true, pin: true))
            size += bytes
            before = run
            // What is still to come is told from the same beginning.
            end.offset = try row[1]
        }
        if !hasMore {
            batch.joins = joins
            end = own
        }
        guard !batch.runs.isEmpty || !batch.joins.isEmpty else { return nil }
        batch.end = end.wire(.charter)
        return OutgoingBatch(batch: batch, start: cursor, end: end, introduced: introduced, hasMore: hasMore)
    }

    private func lastEntry(of run: SealedRun) -> CharterEntry? {
        run.present.compactMap(entry).max { $0.number < $1.number }
    }

    private func entry(_ placed: PlacedChangeSet) -> CharterEntry? {
        guard let changeSet = try? ChangeSet(bytes: placed.bytes, sequence: placed.place.sequence),
            let wire = try? WireCharterEntry(serializedBytes: changeSet.body), let previous = Bytes16(wire.previous),
            let before = memory.entryDigests[EntryDigest(previous)]
        else { return nil }
        return charter.entry(Digest32(hashing: Data([0x02]), before.data, placed.bytes).entry)
    }
}
