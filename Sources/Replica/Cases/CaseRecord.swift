import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// One record with its history and what that comes to.
package struct CaseRecord: Sendable {
    package let row: Int64
    package let creation: Place
    package let history: RecordHistory
    package let state: CaseState
    package let fold: CaseFold
    package let authors: [AuthorID: Author]

    /// Where the folded heads stand, for the next change set to name as its parents.
    package var heads: [(place: Place, leaf: Leaf)] {
        state.heads.compactMap { leaf in history.entry(leaf).map { ($0.placed.place, leaf) } }
    }

    /// The creation that took effect; while a fork lets none, the one with the least digest, whichever came first.
    package var acceptance: RecordHistory.Entry? {
        let first = state.chain.first.flatMap(history.entry)
        let creations = history.entries.filter { $0.changeSet.record == .created }
        return first ?? creations.min { $0.placed.leaf.leaf < $1.placed.leaf.leaf }
    }
}

extension Transaction {
    /// The fold of a case that nobody has accepted yet.
    package var emptyFold: CaseFold { CaseFold(rules: rules) }

    /// Reads a record's change sets from the journal and folds them.
    /// - Throws: `ReplicaError.damaged`.
    package func caseRecord(_ row: Int64) throws -> CaseRecord {
        let history = try history(of: row)
        var fold = CaseFold(rules: rules)
        let acts = history.acts
        for act in acts { fold.insert(act) }
        let authors = try authors(of: acts)
        let state = fold.state(charter: charter, authors: authors)
        return CaseRecord(
            row: row, creation: try creation(of: row), history: history, state: state, fold: fold, authors: authors)
    }

    /// The held change sets of one record in the order of arrival.
    package func history(of record: Int64) throws -> RecordHistory {
        let find = try db.cachedStatement(
            sql: """
                SELECT run.author, run.feed, run.first, run.seed, offset, salt, bytes, run.pin_digest, run.digest,
                    run.previous
                FROM journal JOIN run ON run.id = journal.run WHERE journal.record = ? ORDER BY position
                """)
        var history = RecordHistory()
        let rows = try Row.fetchCursor(find, arguments: [record])
        while let row = try rows.next() {
            let placed = try placed(
                author: row[0], feed: row[1], first: row[2], seed: row[3], offset: row[4], salt: row[5], bytes: row[6])
            guard let pin = Bytes16(row[7] as Data) else { throw ReplicaError.damaged("run.pin_digest") }
            let digest: Data? = row[8]
            let previous: Data? = row[9]
            let seals = digest.flatMap { Digest32($0) }.flatMap { one in
                previous.flatMap { Digest32($0) }.map { (one, $0) }
            }
            history.append(try RecordHistory.Entry(placed, pin: EntryDigest(pin), run: seals))
        }
        return history
    }
}
