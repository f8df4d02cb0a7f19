import ChangeSet
import ServiceModel

/// One record with its history and what that comes to.
package struct CaseRecord: Sendable {
    package let row: Int64
    package let creation: Place
    package let history: RecordHistory
    /// Where the history's entries stand in the order of arrival.
    let positions: [Int64]
    package let state: CaseState
    package let fold: CaseFold
    package let authors: [AuthorID: Author]

    /// Where the folded heads stand, for the next change set to name as its parents.
    package var heads: [(place: Place, leaf: Leaf)] {
        state.heads.compactMap { leaf in history.entry(leaf).map { ($0.placed.place, leaf) } }
    }

    /// The change set that created it; nil while that has not come.
    package var acceptance: RecordHistory.Entry? { history.entries.first { $0.changeSet.record == .created } }
}

extension Transaction {
    /// The fold of a case that nobody has accepted yet.
    package var emptyFold: CaseFold { CaseFold(rules: rules) }

    /// Reads a record's change sets from the journal and folds them.
    /// - Throws: `ReplicaError.damaged`, `.trapped`.
    package func caseRecord(_ row: Int64) throws -> CaseRecord {
        try refuseTrap(row)
        let held = try heldRecord(row)
        var fold = CaseFold(rules: rules)
        let acts = held.history.acts
        for act in acts { fold.insert(act) }
        let authors = try authors(of: acts)
        let state = fold.state(charter: charter, authors: authors)
        return CaseRecord(
            row: row, creation: held.creation, history: held.history, positions: held.positions, state: state,
            fold: fold, authors: authors)
    }
}
