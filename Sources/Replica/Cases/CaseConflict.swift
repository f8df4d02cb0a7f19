import ChangeSet
import Foundation
import ServiceModel

/// Two people really disagreed: the same winner everywhere, the losers kept, until the holder settles it.
package struct CaseConflict: Hashable, Sendable {
    package let field: String
    package let id: Digest32
    package let chosen: String
    /// The values that lost, sorted.
    package let others: [String]
}

extension CaseRecord {
    /// By field.
    package var conflicts: [CaseConflict] {
        guard let creation = acceptance?.placed.leaf.leaf else { return [] }
        return state.conflicts.sorted { $0.key < $1.key }.map { field, leaves in
            let chosen = state.values[field]?.value ?? ""
            let written = Set(leaves.flatMap { values(writtenTo: field, through: $0) })
            return CaseConflict(
                field: field,
                id: Digest32(conflictOn: field, of: self.creation, creation: creation, writes: leaves),
                chosen: chosen, others: written.subtracting([chosen]).sorted())
        }
    }

    /// What a change set wrote to a field, itself or by the last request that it admitted.
    private func values(writtenTo field: String, through leaf: Leaf) -> [String] {
        guard let entry = history.entry(leaf) else { return [] }
        let act = history.act(entry)
        let acts = act.admits.compactMap { history.entry($0).map(history.act) } + [act]
        return acts.last { $0.writes.contains { $0.field == field } }?
            .writes.last { $0.field == field }.map { [$0.value] } ?? []
    }
}
