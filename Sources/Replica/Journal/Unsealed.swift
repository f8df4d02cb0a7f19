import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What an earlier incarnation of this node left unsealed: a backup that was restored held it so. Nobody can be sent it
/// under its author's name, so that it must not count here either; it is kept. Where it had been sealed and sent before
/// the disk was lost, the neighbours bring it back.
extension Transaction {
    /// SQL of what counts, over the run of a change set: all that is sealed, and what the present author will seal.
    static let counts = "(run.signature IS NOT NULL OR run.author = (SELECT author FROM node))"

    /// SQL of what does not, as `counts` has it, said so that only the open runs are looked at.
    static let rests = "run.signature IS NULL AND run.author <> (SELECT author FROM node)"

    /// How many change sets of earlier incarnations of this node are held that never came back sealed.
    package func unsentOfEarlierIncarnations() throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(*) FROM run JOIN journal ON journal.run = run.id WHERE \(Self.rests)
                    """)) ?? 0
    }

    /// Derives again what such change sets had a part in.
    func deriveWithoutUnsealed() throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT journal.feed, record FROM journal JOIN run ON run.id = journal.run
                WHERE NOT \(Self.counts) ORDER BY journal.feed, record
                """)
        guard !rows.isEmpty else { return }
        records = HeldRecords()
        if try rows.contains(where: { try $0.feed(0) == .charter }) {
            // The charter is shorter than it was, and everything hangs on it.
            memory = ReplicaMemory()
            try refresh()
            try rebuild()
        } else {
            for feed in [Feed.casework, .published] {
                let touched = try rows.filter { try $0.feed(0) == feed }.map { try $0[1] as Int64? }
                // Of two cases under one number it may have been one, and the other is alone now.
                for record in try Set(separatingTwins(touched, in: feed).compactMap(\.self)).sorted() {
                    try derive(record, arrivedBehind: 0, isAnew: true)
                }
            }
        }
        try dropWideningsToNobody()
    }

    /// Takes away what was held unsealed of a change set that now comes in its sealed run: it arrives here and now, and
    /// goes from here to those who were sent past it. What stands there with other bytes was never sealed by anyone who
    /// let it out, proves nothing, and stays.
    func removeUnsealed(_ placed: PlacedChangeSet, of author: Int64) throws {
        let find = try db.cachedStatement(
            sql: """
                SELECT \(Self.placeColumns) FROM run JOIN journal ON journal.run = run.id
                WHERE author = ?1 AND run.feed = ?2 AND first + offset = ?3 AND NOT \(Self.counts)
                """)
        let place = placed.place
        guard
            let row = try Row.fetchOne(
                find, arguments: [author, place.feed.rawValue, Int64(place.sequence)])
        else { return }
        guard try self.placed(row).leaf == placed.leaf else { return }
        let run: Int64 = try row[0]
        // What is packed already stays in there, where no row leads to it any more.
        try db.cachedStatement(sql: "DELETE FROM unpacked WHERE run = ? AND offset = ?").execute(arguments: [
            run, try row[7] as Int64,
        ])
        try vacate(try row[9])
        // It may be one of the two that prove a fork.
        if try !isHeld(run) { try removeRun(run) }
    }

    /// Whether anything of this author is held that does not count.
    func hasUncounted(_ author: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM run WHERE author = ? AND signature IS NULL AND NOT \(Self.counts))
                    """), arguments: [author]) ?? false
    }
}
