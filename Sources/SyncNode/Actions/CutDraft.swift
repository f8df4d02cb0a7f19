import ChangeSet
import Replica
import ServiceModel

/// A cut in the making, beside the one that stands of the same journal.
struct CutDraft {
    private let wish: CutWish
    private let most: Int
    private let transaction: Transaction
    private let author: Author
    /// The fork of the author's casework: of what was published both lines stand.
    private let fork: ForkEvidence?
    private let standing: Cut?
    private let heir: UnitCode

    /// - Parameter most: how much of a line an entry names.
    init(_ wish: CutWish, naming most: Int, _ transaction: Transaction) throws {
        (self.wish, self.most, self.transaction) = (wish, most, transaction)
        let view = transaction.charter.current
        for unit in [wish.unit, wish.heir ?? wish.unit] where !view.topology.contains(unit) {
            throw NodeError.unknownUnit(unit.text)
        }
        let evidence = try transaction.forkEvidence().filter {
            $0.author.unit == wish.unit && $0.author.enrollment == wish.ordinal
        }
        // The least incarnation that has forked: what it covers is all later.
        let fork = evidence.filter { $0.feed == .casework }.min { $0.author.depth < $1.author.depth }
        let writing = try transaction.author(writingAt: wish.unit, enrollment: wish.ordinal)
        guard let id = fork?.author.id ?? writing, let found = try transaction.opening(of: id)?.author else {
            throw NodeError.unknownNode(wish.unit, wish.ordinal)
        }
        if wish.keeping != nil, fork == nil {
            throw evidence.isEmpty ? CutError.chooseBranch([]) : CutError.forkOfPublished
        }
        let standing = view.fullCut(of: found)
        // Over a cut that left something standing only one of the same incarnation goes further.
        let raised = wish.keeping == nil ? standing.flatMap { $0.through > 0 ? $0.author : nil } : nil
        let author = raised ?? found
        self.author = author
        self.fork = fork?.author.id == author.id ? fork : nil
        self.standing = standing
        let first = view.firstFullCut(naming: author)
        heir = first.map { $0.heir ?? author.unit } ?? wish.heir ?? author.unit
        if let wished = wish.heir, wished != heir { throw CutError.heirStays(node: wish.node, heir: heir) }
    }

    /// - Throws: `CutError.chooseBranch`, and `.stands` or `.final` where it would change nothing.
    func made() throws -> (cut: Cut, outcome: CutOutcome) {
        let line = try keptLine()
        let lines = line.map { [$0] } ?? []
        let isOpen = wish.further || standing == nil
        let named = line?.links.prefix(most)
        let kept = named?.filter { isOpen || reaches($0) }
        let choice = fork.flatMap { fork in
            kept.map { Cut.Fork(from: fork.from, kept: Set($0.map(\.leaf))) }
        }
        let head = try transaction.knownHeads(of: author.id).first { $0.feed == .casework }
        // The first of the line, where not all can be named: what another one goes on from stands with it.
        let last = kept.map { ($0.last?.sequence, $0.last?.leaf) } ?? (head?.sequence, head?.leaf.leaf)
        let end = last.0 ?? choice.map { $0.from - 1 } ?? 0
        // A cut from before the fork was seen may have gone further by number alone; this one has to raise it, and what
        // it lets stand is named.
        let through = isOpen ? max(end, before) : before
        let cut = Cut(
            author: author, through: through, digest: through > before ? last.1 : nil, fork: choice, heir: heir)
        if let standing {
            guard cut.raises(standing), choice != nil || standing.fork == nil else { throw CutError.final(mark) }
            guard !cut.isNoMore(than: standing) else { throw try refusal(of: lines) }
        }
        var outcome = CutOutcome(through: min(end, through), heir: heir)
        if standing != nil { outcome.more = isOpen ? try further(than: lines) : 0 }
        if let line, let named, let kept {
            outcome.standing = kept.count
            outcome.withheld = named.count - kept.count
            outcome.beyond = line.changeSets - named.count
        }
        return (cut, outcome)
    }

    // MARK: - What stands

    private var before: UInt64 { standing?.through ?? 0 }

    private func reaches(_ link: ForkBranch.Link) -> Bool { standing?.reaches(link.leaf, at: link.sequence) ?? false }

    /// The lines that have all that the standing cut names.
    private var chosen: [ForkBranch] {
        guard let fork, let kept = standing?.fork?.kept, standing?.author.id == fork.author.id else { return [] }
        return fork.branches.filter { Set($0.links.map(\.leaf)).isSuperset(of: kept) }
    }

    private var mark: CutError.StandingCut {
        CutError.StandingCut(
            node: wish.node, through: before, line: chosen.count == 1 ? chosen.first?.name : nil)
    }

    /// The line that is kept; nil where there is no fork.
    private func keptLine() throws -> ForkBranch? {
        guard let fork else {
            guard standing == nil || wish.further else { throw try refusal(of: []) }
            return nil
        }
        if let line = fork.branches.first(where: { $0.name == wish.keeping }) { return line }
        // Nothing is left to choose where the fork is beyond what stands, or the choice was made.
        let isChosen = standing.map { standing in
            standing.author.id != author.id || fork.from > standing.through
                || standing.fork.map { $0.from <= fork.from } ?? false
        }
        guard isChosen == true else { throw CutError.chooseBranch(fork.branches.map(\.name)) }
        guard wish.keeping == nil else { throw CutError.final(mark) }
        let lines = chosen.isEmpty ? fork.branches : chosen
        guard wish.further else { throw try refusal(of: lines) }
        guard chosen.count == 1 else { throw CutError.chooseBranch(lines.map(\.name)) }
        return chosen[0]
    }

    /// How many change sets would stand, if it were further, that do not by the cut that does.
    /// - Parameter lines: those that it may keep.
    private func further(than lines: [ForkBranch]) throws -> Int {
        let next = before + 1
        let end = lines.isEmpty ? UInt64.max : max(fork?.from ?? next, next)
        let links = Set(lines.flatMap { $0.links.prefix(most) }).filter { !reaches($0) }
        return try transaction.caseworkHeld(of: author.id, in: next..<end) + links.count
    }

    private func refusal(of lines: [ForkBranch]) throws -> CutError {
        let beyond = try further(than: lines)
        let isFull = beyond == 0 && lines.contains { $0.changeSets > most }
        return isFull ? .final(mark) : .stands(mark, beyond: beyond)
    }
}
