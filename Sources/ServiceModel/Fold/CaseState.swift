/// The value that a field has at present.
package struct FieldValue: Hashable, Sendable {
    package let value: String
    /// The change set that brought it into effect: the write itself, or the holder's that admitted it.
    package let leaf: Leaf
    /// The change set that wrote it.
    package let writer: Leaf

    package init(value: String, leaf: Leaf, writer: Leaf) {
        self.value = value
        self.leaf = leaf
        self.writer = writer
    }
}

/// What a record's change sets, their authors' openings and the charter come to (RULES.md, "Fold" and "Visibility").
package struct CaseState: Equatable, Sendable {
    /// Of every change set that was handed in.
    package var status: [Leaf: Status] = [:]
    /// The effective chain acts, oldest first.
    package var chain: [Leaf] = []
    /// The unit with custody; nil while no creation is folded.
    package var holder: UnitCode?
    /// Nil while no creation is in effect.
    package var phase: Phase?
    /// Custody was taken over, and nobody has said what became of the deposed unit's work.
    package var custodyInDoubt = false
    package var values: [String: FieldValue] = [:]
    /// Fields with several different values: the sorted leaves of the maximal writes, which make the conflict's id.
    package var conflicts: [String: [Leaf]] = [:]
    /// The units that the record concerns. Only grows while the record is open.
    package var units: Set<UnitCode> = []
    /// Those of them that its acts name; the others are heirs of cuts, which later cuts may add to.
    package var namedUnits: Set<UnitCode> = []
    /// `units` and their present ancestors: who may see the record.
    package var audience: Set<UnitCode> = []
    /// Heads of the folded part, sorted: the parents of the next change set.
    package var heads: [Leaf] = []
    /// The branches of one incarnation between which a cut must choose, sorted.
    package var frozen: [Leaf] = []
    /// Open requests, by depth in the DAG, author, sequence and leaf.
    package var requests: [Leaf] = []
    /// Open proposals, in the same order.
    package var proposals: [Leaf] = []
    /// Something flagged must-understand is not understood: no decisive action here.
    package var hasPendingMust = false

    /// Of no record: nothing was handed in.
    package init() {}
}

/// What a change set would be, or is, in its author's view.
package enum Verdict: Hashable, Sendable {
    case pending(PendingReason)
    case void(VoidReason)
    /// It acts along the holder's chain, and this is what the chain says after it.
    case chain(holder: UnitCode?, phase: Phase?, inDoubt: Bool)
    /// It waits for the holder.
    case request
    /// It merges.
    case write
    /// A cut states it as lost.
    case lost
}
