import ChangeSet
import Replica
import ServiceModel

/// What a cut says beside whom it cuts.
package struct CutWish: Sendable {
    /// The unit and the node that are cut.
    package var unit: UnitCode
    package var ordinal: UInt32
    /// Name of the line of a forked journal that stands; nil where there is no fork.
    package var keeping: String?
    /// Who has what the unit held; nil is the unit itself, by its next machine, or whoever the first cut says.
    package var heir: UnitCode?
    /// Whether a node that was cut before may have more stand than it has. What came since is anybody's who has its
    /// keys.
    package var further: Bool

    package init(
        unit: UnitCode, ordinal: UInt32, keeping: String? = nil, heir: UnitCode? = nil, further: Bool = false
    ) {
        self.unit = unit
        self.ordinal = ordinal
        self.keeping = keeping
        self.heir = heir
        self.further = further
    }

    /// As people name it.
    var node: String { "\(unit)#\(ordinal)" }
}

/// How far the casework of a node stands that was cut.
package struct CutOutcome: Hashable, Sendable {
    /// The last sequence that does; 0 where nothing does.
    package let through: UInt64
    /// Who has what the unit held.
    package let heir: UnitCode
    /// How many change sets stand by this cut that did not by the one before; nil where it is the first.
    package var more: Int?
    /// Of the line that was kept, how many change sets stand; nil where there is no fork.
    package var standing: Int?
    /// How many of it could, but go further than the cut before.
    package var withheld = 0
    /// How many of it lie beyond what one charter entry can name, and are proposals, as those of the other line.
    package var beyond = 0
}

extension Node {
    /// Cuts a node off (RULES, "Charter"): its casework stands as far as it is held here; what comes later are
    /// proposals, and only another enrollment gives its unit a machine again. Once it is cut, only `CutWish.further`
    /// lets more stand.
    /// - Parameter most: how much of the line that is kept the entry names.
    /// - Throws: `NodeError.notRoot`, `.unknownUnit`, `.unknownNode`; `CutError`.
    package func cut(_ wish: CutWish, naming most: Int = Limits.leavesPerCut, now: Moment) throws -> CutOutcome {
        guard isRoot else { throw NodeError.notRoot }
        guard wish.unit != name.unit || wish.ordinal != name.ordinal else { throw CutError.ownNode }
        // At once: what arrived in between would lie beyond the cut.
        return try write(now: now) { transaction in
            let (cut, outcome) = try CutDraft(wish, naming: most, transaction).made()
            try enter([.cut(WireCut(cut))], transaction, now: now)
            return outcome
        }
    }
}
