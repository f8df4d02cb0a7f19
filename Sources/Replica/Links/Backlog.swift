import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Which change sets wait to go up: those from here and below that no node above has confirmed. What rests is none of
/// them: nobody can ever be sent it.
package struct Unsent: Hashable, Sendable {
    /// The databases above: what came from there need not go there.
    fileprivate let above: [Int64]
    /// The positions up to which one of them has confirmed.
    fileprivate let casework: Int64
    fileprivate let published: Int64

    /// At the root, which has nobody above.
    package static let nothing = Unsent(above: [], casework: .max, published: .max)

    fileprivate init(above: [Int64], casework: Int64, published: Int64) {
        self.above = above
        self.casework = casework
        self.published = published
    }

    /// What follows `FROM`; takes `arguments`. In just this order of tables the few rows behind what was confirmed are
    /// read, and not all that was ever written here.
    static let sql = """
        journal CROSS JOIN run ON run.id = journal.run CROSS JOIN author ON author.id = run.author
        CROSS JOIN unit_above ON unit_above.unit = author.unit AND ancestor = (SELECT unit FROM node)
        WHERE (source IS NULL OR source NOT IN (SELECT value FROM json_each(:above)))
        AND \(Transaction.counts)
        AND ((journal.feed = 2 AND position > :casework) OR (journal.feed = 3 AND position > :published))
        """

    var arguments: [String: (any DatabaseValueConvertible)?] {
        ["above": above.jsonArray, "casework": casework, "published": published]
    }
}

/// What waits to go up, in figures.
package struct UnsentFigures: Hashable, Sendable {
    package var changeSets: Int
    /// To which they belong; published items are none.
    package var cases: Int
    /// When that of them was written which came here first, in seconds since 1970 by its author's clock; nil when
    /// nothing waits, or where the disk has changed it.
    package var oldest: Int64?

    package init(changeSets: Int = 0, cases: Int = 0, oldest: Int64? = nil) {
        self.changeSets = changeSets
        self.cases = cases
        self.oldest = oldest
    }
}

extension Transaction {
    /// - Parameter above: nodes above; of none everything waits, for a node that never met one.
    package func unsent(toward above: [Peer]) throws -> Unsent {
        Unsent(
            above: above.map(\.row),
            casework: try above.map { try cursors($0, .casework).sent.position }.max() ?? 0,
            published: try above.map { try cursors($0, .published).sent.position }.max() ?? 0)
    }

    /// How many change sets were written here that no node above has confirmed and that a copy of this database does
    /// not hold sealed: what would go with it. Of the charter all count, since nobody is above who writes one.
    /// - Parameters:
    ///   - above: nodes above; of none everything waits.
    ///   - sealed: the last sealed sequences that the copy holds of each author, by feed.
    package func writtenHere(unsentTo above: [Peer], beyond sealed: [AuthorID: [UInt64]]) throws -> Int {
        let unsent = try unsent(toward: above)
        let confirmed = [Feed.casework: unsent.casework, .published: unsent.published]
        let find = try db.cachedStatement(
            sql: """
                SELECT count(*) FROM run JOIN journal ON journal.run = run.id
                WHERE run.author = ?1 AND run.feed = ?2 AND first + run.count > ?3
                AND first + offset > ?3 AND source IS NULL AND position > ?4 AND \(Self.counts)
                """)
        var count = 0
        for row in try Row.fetchAll(db, sql: "SELECT id, name FROM author WHERE unit = (SELECT unit FROM node)") {
            let heads = sealed[AuthorID(try row.bytes16(1))] ?? [0, 0, 0]
            for (feed, head) in zip(Feed.allCases, heads) {
                count +=
                    try Int.fetchOne(
                        find,
                        arguments: [
                            try row[0] as Int64, feed.rawValue, Int64(clamping: head), confirmed[feed] ?? 0,
                        ]) ?? 0
            }
        }
        return count
    }

    /// How much waits, and since when.
    package func figures(_ unsent: Unsent) throws -> UnsentFigures {
        let arguments = StatementArguments(unsent.arguments)
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*), count(DISTINCT journal.record) FILTER (WHERE journal.feed = 2) FROM \(Unsent.sql)
                """, arguments: arguments)
        let first = try Row.fetchOne(
            db, sql: "SELECT \(Self.placeColumns) FROM \(Unsent.sql) ORDER BY journal.position LIMIT 1",
            arguments: arguments)
        return UnsentFigures(
            changeSets: try row?[0] ?? 0, cases: try row?[1] ?? 0, oldest: try first.flatMap(claimedTime))
    }

    /// Whatever its author claims, not before 1970; nil where the disk has changed it, which is noted and told by who
    /// looks after that.
    private func claimedTime(_ row: Row) throws -> Int64? {
        do {
            let placed = try placed(row)
            return max(0, try ChangeSet(bytes: placed.bytes, sequence: placed.place.sequence).time)
        } catch ReplicaError.damagedRun, ReplicaError.damagedOpening {
            return nil
        } catch is WireError {
            return nil
        }
    }

    /// Those of the cases of which a change set waits.
    package func records(_ records: [Int64], with unsent: Unsent) throws -> Set<Int64> {
        var arguments = unsent.arguments
        arguments["records"] = records.jsonArray
        return try Int64.fetchSet(
            db,
            sql: """
                SELECT journal.record FROM \(Unsent.sql)
                AND journal.record IN (SELECT value FROM json_each(:records))
                """, arguments: StatementArguments(arguments))
    }

    /// How many cases there are, and how many wait for somebody: a conflict, a request, something that has not come.
    package func caseCounts() throws -> (all: Int, unsettled: Int) {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT count(*), coalesce(sum(conflicts + requests + pending > 0), 0) FROM service_case"))
        return (try row?[0] ?? 0, try row?[1] ?? 0)
    }
}

extension [Int64] {
    /// For SQLite's `json_each`.
    fileprivate var jsonArray: String { "[\(map(String.init).joined(separator: ","))]" }
}
