import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What this replica holds of what both ends of a link should hold: all casework and published items that were written
/// at the child or below, or that concern a unit there. Both ends reckon it by the same rule, from the fold and today's
/// charter; what one of them keeps besides is no difference.
package struct CommonHoldings: Sendable {
    package let holdings: [Holding]
    package let changeSets: Int
    /// The row of each holding's run, by its key.
    let runs: [Data: Int64]
    /// What else this node owes upward.
    let besides: [Feed: [Stretch]]
    /// Up to where the journal was looked at: to its end, or to what was not sealed yet.
    package let head: JournalCursor
}

/// Some change sets of a run.
struct Stretch: Sendable {
    let run: Int64
    var present: Presence
}

/// What is to be sent of one feed after a comparison, in order of arrival; its last batch sets the cursor to where the
/// journal had been looked at.
package struct Difference: Sendable {
    fileprivate let feed: Feed
    fileprivate var stretches: ArraySlice<Stretch>
    fileprivate let head: JournalCursor
    /// Charter entry by which it was reckoned what both ends should hold.
    fileprivate var pin: UInt64

    /// Of the change sets of this many runs something goes.
    package var runs: Int { stretches.count }

    /// Leaves out what is not common to both ends any more.
    fileprivate mutating func keepOnly(_ common: CommonHoldings, pin: UInt64) {
        self.pin = pin
        let present = Dictionary(
            common.holdings.map { (common.runs[$0.key], $0.present) }, uniquingKeysWith: { one, _ in one })
        stretches = ArraySlice(
            stretches.compactMap {
                let rest = $0.present.intersection(present[$0.run] ?? Presence())
                return rest.isEmpty ? nil : Stretch(run: $0.run, present: rest)
            })
    }
}

extension Transaction {
    /// - Parameter isBelow: whether the peer is the child's end.
    package func commonHoldings(with peer: Peer, isBelow: Bool) throws -> CommonHoldings {
        let own = try ownUnit
        let head = try sealedHead()
        let child = isBelow ? peer.unit : own
        let rows = try Row.fetchCursor(
            db,
            sql: """
                WITH below(unit) AS MATERIALIZED (SELECT unit FROM unit_above WHERE ancestor = :child),
                    above(unit) AS MATERIALIZED (SELECT ancestor FROM unit_above WHERE unit = :child),
                    common(record) AS MATERIALIZED (
                        SELECT record FROM audience JOIN below USING (unit)
                        UNION
                        SELECT record.id FROM record JOIN author ON author.id = record.author
                        WHERE feed = 3 AND (author.unit IN below OR author.unit IN above))
                SELECT run.id, run.author, run.feed, run.first, run.count, run.digest, journal.offset,
                    author.unit IN below OR coalesce(record IN common, false),
                    journal.position, journal.record, journal.source
                FROM run JOIN author ON author.id = run.author JOIN journal ON journal.run = run.id
                WHERE run.signature IS NOT NULL AND run.feed <> 1 AND journal.position <= :head
                ORDER BY run.id, journal.offset
                """, arguments: ["child": child.text, "head": head.position])
        let parent = Addressee(peer: peer, isBelow: isBelow, confirmed: [:])
        var gathered = Gathered()
        while let row = try rows.next() {
            if try row[7] {
                try gathered.takeCommon(row, author: try author(id: row[1]).name)
            } else if !isBelow,
                try mayGo(position: row[8], record: row[9], run: row[0], source: row[10], to: parent)
            {
                try gathered.takeBesides(row)
            }
        }
        return try gathered.whole(upTo: head)
    }

    private var ownUnit: UnitCode {
        get throws {
            guard let unit = try identity?.unit else { throw ReplicaError.absent("node") }
            return unit
        }
    }

    /// What goes to the other end of a comparison.
    /// - Parameter lacking: what that end lacks of the holdings.
    package func difference(_ common: CommonHoldings, lacking: [Holding], in feed: Feed) throws -> Difference {
        var stretches: [Stretch] = common.besides[feed] ?? []
        for one in lacking where one.feed == feed {
            guard let run = common.runs[one.key] else { throw ReplicaError.damaged("holding") }
            stretches.append(Stretch(run: run, present: one.present))
        }
        let first = try db.cachedStatement(sql: "SELECT min(position) FROM journal WHERE run = ?")
        let placed = try stretches.map { ($0, try Int64.fetchOne(first, arguments: [$0.run]) ?? 0) }
        return Difference(
            feed: feed, stretches: placed.sorted { $0.1 < $1.1 }.map(\.0)[...], head: common.head, pin: pin.number)
    }

    /// The next batch of a difference; the last one moves the receiver's cursor.
    /// - Parameter budget: bytes after which no further run is begun.
    package func outgoing(
        _ difference: inout Difference, to addressee: Addressee, budget: Int
    ) throws -> OutgoingBatch {
        let feed = difference.feed
        // While it goes a unit may be moved away, and its former ancestors get nothing new.
        if addressee.isBelow, difference.pin != pin.number {
            difference.keepOnly(try commonHoldings(with: addressee.peer, isBelow: true), pin: pin.number)
        }
        var choice = BatchChoice()
        walk: while let stretch = difference.stretches.first, choice.size < budget {
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT offset, run.first + offset, journal.size FROM journal JOIN run ON run.id = journal.run
                        WHERE run.id = ? ORDER BY offset
                        """), arguments: [stretch.run])
            var done = Presence()
            for row in rows where stretch.present.contains(try row[0]) {
                guard
                    try choice.add(
                        stretch.run, row.count(1), row[2], self, to: addressee)
                else {
                    difference.stretches[difference.stretches.startIndex].present = stretch.present.subtracting(done)
                    break walk
                }
                done.insert(try row[0])
            }
            difference.stretches.removeFirst()
        }
        let end = difference.stretches.isEmpty ? difference.head : .start
        var batch = WireBatch()
        batch.feed = UInt32(feed.rawValue)
        batch.start = JournalCursor.start.wire(feed)
        batch.end = end.wire(feed)
        let introduced = try fill(&batch, with: choice.runs, for: addressee, from: .start)
        return OutgoingBatch(batch: batch, start: .start, end: end, introduced: introduced, hasMore: true)
    }
}

/// Holdings while their rows are read, a run's rows one after the other.
private struct Gathered {
    private var holdings: [Holding] = []
    private var runs: [Data: Int64] = [:]
    private var besides: [Feed: [Stretch]] = [:]
    private var changeSets = 0
    private var run: Int64?
    private var covered = 0
    private var held = 0
    private var current: Holding?

    mutating func takeCommon(_ row: Row, author: AuthorID) throws {
        let id: Int64 = try row[0]
        if id != run {
            close()
            run = id
            covered = try row[4]
            current = Holding(
                author: author, feed: try row.feed(2), from: try row.count(3), seal: try row.digest(5).prefix8,
                present: Presence())
        }
        current?.present.insert(try row[6])
        held += 1
        changeSets += 1
    }

    mutating func takeBesides(_ row: Row) throws {
        let feed = try row.feed(2)
        var last = Stretch(run: try row[0], present: Presence())
        if besides[feed]?.last?.run == last.run, let open = besides[feed]?.popLast() { last = open }
        last.present.insert(try row[6])
        besides[feed, default: []].append(last)
    }

    private mutating func close() {
        if let run, var current {
            if held == covered { current.present = .whole }
            holdings.append(current)
            runs[current.key] = run
        }
        current = nil
        run = nil
        held = 0
    }

    mutating func whole(upTo head: JournalCursor) throws -> CommonHoldings {
        close()
        return CommonHoldings(
            holdings: holdings, changeSets: changeSets, runs: runs, besides: besides, head: head)
    }
}
