import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// How many change sets from here and below the parent has not confirmed.
    /// - Parameter parent: nil counts everything, for a node that never met one.
    package func backlog(toward parent: Peer?) throws -> Int {
        let confirmed = try parent.map { try cursors($0, .casework).sent.position } ?? 0
        let published = try parent.map { try cursors($0, .published).sent.position } ?? 0
        return try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM journal JOIN run ON run.id = journal.run
                JOIN author ON author.id = run.author
                JOIN unit_above ON unit_above.unit = author.unit AND ancestor = (SELECT unit FROM node)
                WHERE (source IS NULL OR source <> ?1)
                AND ((journal.feed = 2 AND position > ?2) OR (journal.feed = 3 AND position > ?3))
                """, arguments: [parent?.row, confirmed, published]) ?? 0
    }

    /// How many cases there are, and how many wait for somebody: a conflict, a request, something that has not come.
    package func caseCounts() throws -> (all: Int, unsettled: Int) {
        let row = try Row.fetchOne(
            db, sql: "SELECT count(*), coalesce(sum(conflicts + requests + pending > 0), 0) FROM service_case")
        return (row?[0] ?? 0, row?[1] ?? 0)
    }
}
