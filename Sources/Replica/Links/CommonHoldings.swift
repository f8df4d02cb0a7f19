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
    /// The row of each holding's run, by its key; none where all of it is retired.
    let runs: [Data: Int64]
    /// What of the holdings is retired, by key.
    let retired: [Data: RetiredHolding]
    /// What goes whatever the other end holds: what else this node owes upward, or downward again.
    let besides: [Feed: [Stretch]]
    /// Up to where the journal was looked at: to its end, or to what was not sealed yet.
    package let head: JournalCursor

    /// Of how many holdings the other end lacks something that is retired here.
    /// - Parameter lacking: what it lacks of them.
    package func retired(among lacking: [Holding]) -> Int {
        lacking.count { holding in
            retired[holding.key].map { !$0.present.intersection(holding.present).isEmpty } ?? false
        }
    }
}

/// Retired change sets of a run.
struct RetiredHolding: Sendable {
    /// Of the run's seal.
    let digest: Digest32
    /// Change sets that the run covers.
    let count: Int
    let present: Presence
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
    /// Records of cases of which the stub goes.
    fileprivate var stubs: ArraySlice<Int64>
    fileprivate var stretches: ArraySlice<Stretch>
    fileprivate let head: JournalCursor
    /// Charter entry by which it was reckoned what both ends should hold.
    fileprivate var pin: UInt64

    /// Of the change sets of this many runs something goes.
    package var runs: Int { stretches.count }
    fileprivate var isEmpty: Bool { stubs.isEmpty && stretches.isEmpty }

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
        let above = JSONText.array(charter.current.topology.above(child).map(\.text))
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    \(Self.withCommon)
                    SELECT run.id, run.author, run.feed, run.first, run.count, run.digest, journal.offset,
                        author.unit IN below OR coalesce(record IN common, false),
                        journal.position, journal.record, journal.source
                    FROM run JOIN author ON author.id = run.author JOIN journal ON journal.run = run.id
                    WHERE run.signature IS NOT NULL AND run.feed <> 1 AND journal.position <= :head
                    ORDER BY run.id, journal.offset
                    """), arguments: ["child": child.text, "above": above, "head": head.position])
        let parent = Addressee(peer: peer, isBelow: isBelow, confirmed: [:])
        let again =
            try !isBelow
            ? []
            : recordsOwedAgain(
                to: peer.unit, behind: cursors(peer, .casework).sent.position, through: head.position)
        var gathered = Gathered()
        while let row = try rows.next() {
            if try row[7] {
                try gathered.takeCommon(row, author: try author(id: row[1]).name)
                let record: Int64? = try row[9]
                if let record, again.contains(record) { try gathered.takeBesides(row) }
            } else if !isBelow,
                try mayGo(position: row[8], record: row[9], run: row[0], source: row[10], to: parent)
            {
                try gathered.takeBesides(row)
            }
        }
        // A retired change set counts as held: it was, and is above.
        let retired = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    \(Self.withCommon)
                    SELECT author, first, retired.digest, count, offsets
                    FROM retired JOIN author ON author.id = retired.author JOIN stub USING (record)
                    WHERE wished IS NULL AND (coalesce(author.unit IN below, false) OR record IN common)
                    """), arguments: ["child": child.text, "above": above])
        while let row = try retired.next() { try gathered.takeRetired(row, author: try author(id: row[0]).name) }
        return gathered.whole(upTo: head)
    }

    /// Takes `:child` and, as a JSON array, `:above`.
    private static let withCommon = """
        WITH below(unit) AS MATERIALIZED (SELECT unit FROM unit_above WHERE ancestor = :child),
            above(unit) AS MATERIALIZED (SELECT value FROM json_each(:above)),
            common(record) AS MATERIALIZED (
                SELECT record FROM audience JOIN below USING (unit)
                UNION
                SELECT record.id FROM record JOIN author ON author.id = record.author
                WHERE feed = 3 AND (author.unit IN below OR author.unit IN above))
        """

    private var ownUnit: UnitCode {
        get throws {
            guard let unit = try identity?.unit else { throw ReplicaError.absent("node") }
            return unit
        }
    }

    /// What goes to the other end of a comparison.
    /// - Parameters:
    ///   - lacking: what that end lacks of the holdings.
    ///   - stubs: records of retired cases of which that end is told the stub.
    package func difference(
        _ common: CommonHoldings, lacking: [Holding], stubs: [Int64], in feed: Feed
    ) throws -> Difference {
        var stretches: [Stretch] = common.besides[feed] ?? []
        for one in lacking where one.feed == feed {
            guard let run = common.runs[one.key] else {
                guard common.retired[one.key] != nil else { throw ReplicaError.damaged("holding") }
                continue
            }
            stretches.append(Stretch(run: run, present: one.present))
        }
        let first = try db.cachedStatement(sql: "SELECT min(position) FROM journal WHERE run = ?")
        let placed = try stretches.map { ($0, try Int64.fetchOne(first, arguments: [$0.run]) ?? 0) }
        return Difference(
            feed: feed, stubs: feed == .casework ? stubs[...] : [],
            stretches: placed.sorted { $0.1 < $1.1 }.map(\.0)[...], head: common.head, pin: pin.number)
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
            difference.stubs = ArraySlice(try difference.stubs.filter { try concerns($0, addressee.peer.unit) })
        }
        guard difference.stubs.isEmpty else { return try self.stubs(of: &difference, to: addressee, budget: budget) }
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
        let end = difference.isEmpty ? difference.head : .start
        var batch = WireBatch(of: feed, through: end)
        let introduced = try fill(&batch, with: choice.runs, for: addressee, from: .start)
        return OutgoingBatch(batch: batch, start: .start, end: end, introduced: introduced, hasMore: true)
    }

    /// Whether a case is of a unit at or below another.
    private func concerns(_ record: Int64, _ unit: UnitCode) throws -> Bool {
        let find = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM audience JOIN unit_above USING (unit) WHERE record = ? AND ancestor = ?)
                """)
        return try Bool.fetchOne(find, arguments: [record, unit.text]) ?? false
    }

    /// The next batch of stubs.
    private func stubs(
        of difference: inout Difference, to addressee: Addressee, budget: Int
    ) throws -> OutgoingBatch {
        var stubs: [WireStub] = []
        var load = BatchLoad()
        var order: [AuthorID] = []
        var size = 0
        while let record = difference.stubs.first, size < budget, stubs.count < Limits.stubsPerBatch {
            let message = try message(ofStub: record)
            let bytes = try message.serializedData().count
            var (next, new) = try load.with(stubOf: record, bytes: bytes, hasChains: true, self, to: addressee)
            // A first one goes alone, and then by what its own authors are known by.
            if stubs.isEmpty, !next.isTaken {
                (next, new) = try load.with(stubOf: record, bytes: bytes, hasChains: false, self, to: addressee)
            }
            guard stubs.isEmpty || next.isTaken else { break }
            load = next
            order += new
            stubs.append(message)
            size += bytes
            difference.stubs.removeFirst()
        }
        let end = difference.isEmpty ? difference.head : .start
        var batch = WireBatch(of: difference.feed, through: end)
        batch.openings = order.compactMap { load.openings[$0] }
        batch.stubs = stubs
        return OutgoingBatch(batch: batch, start: .start, end: end, introduced: order, hasMore: true)
    }
}

extension BatchLoad {
    /// With one more stub, and the openings that its receiver lacks.
    /// - Parameter hasChains: with those that lead to its authors.
    fileprivate func with(
        stubOf record: Int64, bytes: Int, hasChains: Bool, _ transaction: Transaction, to addressee: Addressee
    ) throws -> (load: BatchLoad, introduced: [AuthorID]) {
        var next = self
        var introduced: [AuthorID] = []
        next.addRun(bytes: bytes)
        for author in try transaction.authors(ofStub: record) {
            let chain = try transaction.openings(leadingTo: author, unknownTo: addressee, beside: next.openings)
            for opening in chain.suffix(hasChains ? chain.count : 1) {
                next.add(opening.bytes, of: opening.author)
                introduced.append(opening.author)
            }
        }
        return (next, introduced)
    }
}

extension WireBatch {
    /// Of a difference.
    fileprivate init(of feed: Feed, through end: JournalCursor) {
        self.init()
        self.feed = UInt32(feed.rawValue)
        start = JournalCursor.start.wire(feed)
        self.end = end.wire(feed)
    }
}

/// Holdings while their rows are read, a run's rows one after the other.
private struct Gathered {
    private struct Run {
        var holding: Holding
        /// Its row; nil where all that is common of it is retired.
        let row: Int64?
        /// Change sets that it covers.
        let count: Int
        var held = 0
    }

    /// In the order in which they were met.
    private var runs: [Run] = []
    private var places: [Data: Int] = [:]
    private var retired: [Data: RetiredHolding] = [:]
    private var besides: [Feed: [Stretch]] = [:]
    private var changeSets = 0

    mutating func takeCommon(_ row: Row, author: AuthorID) throws {
        let id: Int64 = try row[0]
        if runs.last?.row != id {
            let holding = Holding(
                author: author, feed: try row.feed(2), from: try row.count(3), seal: try row.digest(5).prefix8,
                present: Presence())
            places[holding.key] = runs.count
            runs.append(Run(holding: holding, row: id, count: try row[4]))
        }
        runs[runs.count - 1].holding.present.insert(try row[6])
        runs[runs.count - 1].held += 1
        changeSets += 1
    }

    /// - Parameter row: author, first, digest of the seal, count, offsets.
    mutating func takeRetired(_ row: Row, author: AuthorID) throws {
        let digest = try row.digest(2), count: Int = try row[3]
        let present = try Presence(retired: row, 4)
        let offsets = present.offsets(below: count)
        let holding = Holding(
            author: author, feed: .casework, from: try row.count(1), seal: digest.prefix8, present: Presence())
        let key = holding.key
        let place = places[key] ?? runs.count
        if place == runs.count {
            places[key] = place
            runs.append(Run(holding: holding, row: nil, count: count))
        }
        runs[place].holding.present = runs[place].holding.present.union(present)
        runs[place].held += offsets.count
        changeSets += offsets.count
        let before = retired[key]?.present ?? Presence()
        retired[key] = RetiredHolding(digest: digest, count: count, present: before.union(present))
    }

    mutating func takeBesides(_ row: Row) throws {
        let feed = try row.feed(2)
        var last = Stretch(run: try row[0], present: Presence())
        if besides[feed]?.last?.run == last.run, let open = besides[feed]?.popLast() { last = open }
        last.present.insert(try row[6])
        besides[feed, default: []].append(last)
    }

    func whole(upTo head: JournalCursor) -> CommonHoldings {
        CommonHoldings(
            holdings: runs.map { $0.held == $0.count ? $0.holding.with(.whole) : $0.holding }, changeSets: changeSets,
            runs: Dictionary(
                runs.compactMap { run in run.row.map { (run.holding.key, $0) } }, uniquingKeysWith: { one, _ in one }),
            retired: retired, besides: besides, head: head)
    }
}
