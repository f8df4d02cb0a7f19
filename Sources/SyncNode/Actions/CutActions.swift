import ChangeSet
import Foundation
import Replica
import ServiceModel

/// What a cut says beside whom it cuts.
package struct CutWish: Sendable {
    /// The unit and the node that are cut.
    package var unit: UnitCode
    package var ordinal: UInt32
    /// Name of the line of a forked journal that stands; nil where there is no fork.
    package var keeping: String?
    /// Who has what the unit held; nil is the unit itself, by its next machine.
    package var heir: UnitCode?

    package init(unit: UnitCode, ordinal: UInt32, keeping: String? = nil, heir: UnitCode? = nil) {
        self.unit = unit
        self.ordinal = ordinal
        self.keeping = keeping
        self.heir = heir
    }
}

/// How far the casework of a node stands that was cut.
package struct CutOutcome: Hashable, Sendable {
    /// The last sequence that does; 0 where nothing does.
    package let through: UInt64
    /// Of the line that was kept, how many change sets stand; nil where there is no fork.
    package var standing: Int?
    /// How many of it lie beyond what one charter entry can name, and are proposals, as those of the other line.
    package var beyond = 0
}

extension Node {
    /// Cuts a node off (RULES, "Charter"): its casework stands as far as it is held here; what comes later are
    /// proposals, and only another enrollment gives its unit a machine again.
    /// - Parameter most: how much of the line that is kept the entry names.
    /// - Throws: `NodeError.notRoot`, `.ownNode`, `.unknownNode`, `.chooseBranch`, `.forkOfPublished`.
    package func cut(_ wish: CutWish, naming most: Int = Limits.leavesPerCut, now: Moment) throws -> CutOutcome {
        guard isRoot else { throw NodeError.notRoot }
        guard wish.unit != name.unit || wish.ordinal != name.ordinal else { throw NodeError.ownNode }
        // At once: what arrived in between would lie beyond the cut.
        return try write(now: now) { transaction in
            let (cut, outcome) = try entry(for: wish, naming: most, transaction)
            try enter([.cut(cut)], transaction, now: now)
            return outcome
        }
    }

    private func entry(
        for wish: CutWish, naming most: Int, _ transaction: Transaction
    ) throws -> (WireCut, CutOutcome) {
        let topology = transaction.charter.current.topology
        for unit in [wish.unit, wish.heir ?? wish.unit] where !topology.contains(unit) {
            throw NodeError.unknownUnit(unit.text)
        }
        let evidence = try transaction.forkEvidence().filter {
            $0.author.unit == wish.unit && $0.author.enrollment == wish.ordinal
        }
        // A cut says how far casework stands; of what was published both lines do.
        let forks = evidence.filter { $0.feed == .casework }
        // The least incarnation that has forked: what it covers is all later.
        let fork = forks.min { $0.author.depth < $1.author.depth }
        let writing = try transaction.author(writingAt: wish.unit, enrollment: wish.ordinal)
        guard let id = fork?.author.id ?? writing, let author = try transaction.opening(of: id)?.author else {
            throw NodeError.unknownNode(wish.unit, wish.ordinal)
        }
        var cut = WireCut.with {
            $0.author = author.id.value.data
            $0.unit = author.unit.text
            $0.enrollment = author.enrollment
            $0.depth = author.depth
            $0.heir = (wish.heir ?? wish.unit).text
        }
        if let fork {
            guard let branch = fork.branches.first(where: { $0.name == wish.keeping }) else {
                throw NodeError.chooseBranch(fork.branches.map(\.name))
            }
            // The first of them: what another one goes on from stands with it.
            let kept = branch.links.prefix(most)
            let end = kept.last?.sequence ?? fork.from - 1
            cut.forkFrom = fork.from
            cut.forkKept = kept.map(\.leaf.value.data)
            // A cut from before the fork was seen may have gone further by number alone; this one has to raise it, and
            // what it lets stand is named.
            let before = transaction.charter.current.standing(of: author)?.through ?? 0
            cut.through = max(end, before)
            if end > before, let last = kept.last { cut.leaf = last.leaf.value.data }
            return (cut, CutOutcome(through: end, standing: kept.count, beyond: branch.changeSets - kept.count))
        }
        guard wish.keeping == nil else {
            throw evidence.contains { $0.feed == .published }
                ? NodeError.forkOfPublished : NodeError.chooseBranch([])
        }
        let head = try transaction.knownHeads(of: id).first { $0.feed == .casework }
        cut.through = head?.sequence ?? 0
        cut.leaf = head?.leaf.leaf.value.data ?? Data()
        return (cut, CutOutcome(through: cut.through))
    }
}
