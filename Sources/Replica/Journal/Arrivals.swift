import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A change set of a case in the order of arrival.
package struct Arrival: Hashable, Sendable {
    package let position: Int64
    package let place: Place
    /// Where its case was created.
    package let record: Place
}

extension Transaction {
    /// What has come, or was written here, of cases behind a position; the oldest first.
    /// - Throws: `ReplicaError.damaged`.
    package func arrivals(behind position: Int64) throws -> [Arrival] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT position, author.name, run.first + journal.offset, creator.name, record.sequence
                FROM journal JOIN run ON run.id = journal.run JOIN author ON author.id = run.author
                JOIN record ON record.id = journal.record JOIN author AS creator ON creator.id = record.author
                WHERE position > ? AND run.feed = ? ORDER BY position
                """, arguments: [position, Int64(Feed.casework.rawValue)])
        return try rows.map { row in
            guard let author = Bytes16(try row[1] as Data), let creator = Bytes16(try row[3] as Data) else {
                throw ReplicaError.damaged("author.name")
            }
            return Arrival(
                position: try row[0],
                place: Place(author: AuthorID(author), feed: .casework, sequence: try row.count(2)),
                record: Place(author: AuthorID(creator), feed: .casework, sequence: try row.count(4)))
        }
    }
}
