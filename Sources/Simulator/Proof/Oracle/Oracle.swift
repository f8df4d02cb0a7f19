import ServiceModel

/// The fold of one record, the slow way: each act is judged by folding all that lies before it, and nothing is kept but
/// what was judged. Written from RULES.md and PROTOCOL 11; of `ServiceModel` it takes names alone.
struct Oracle {
    struct Write {
        let field: String
        let value: String
        /// The act that brings it into effect, and the one that wrote it.
        let position: Leaf
        let writer: Leaf
        let order: Int
    }

    struct View {
        var standing: Set<Leaf> = [], frozen: Set<Leaf> = []
        var path: [Leaf] = []
        var creation: Leaf?
        var custody = OracleCustody()
        var top: [String: [Write]] = [:]

        func isConflict(_ field: String) -> Bool { Set((top[field] ?? []).map { Array($0.value.utf8) }).count > 1 }
    }

    let rules: OracleRules
    let charter: OracleCharter
    let authors: [AuthorID: OracleAuthor]
    let acts: [Leaf: OracleAct]
    private(set) var past: [Leaf: Set<Leaf>] = [:]
    private(set) var role: [Leaf: OracleRole] = [:]

    init(
        _ acts: [OracleAct], authors: [AuthorID: OracleAuthor], charter: OracleCharter, rules: OracleRules = .version1
    ) {
        self.rules = rules
        self.charter = charter
        self.authors = authors
        self.acts = Dictionary(acts.map { ($0.leaf, $0) }) { one, _ in one }
        var grew = true
        while grew {
            grew = false
            for (leaf, act) in self.acts where role[leaf] == nil && !isLost(act) && pending(act) == nil {
                past[leaf] = parents(of: act).reduce(into: []) {
                    $0.formUnion(past[$1.leaf, default: []].union([$1.leaf]))
                }
                role[leaf] = judge(act)
                grew = true
            }
        }
    }

    // MARK: - Ready or pending

    func isLost(_ act: OracleAct) -> Bool { isLost(act.author, act.sequence) }

    func isLost(_ author: AuthorID, _ sequence: UInt64) -> Bool {
        charter.whole.cuts.contains { $0.cut.author.id == author && $0.cut.lost.contains { $0.contains(sequence) } }
    }

    private func parents(of act: OracleAct) -> [OracleAct.Parent] {
        act.parents.filter { !isLost($0.author, $0.sequence) && acts[$0.leaf].map(isLost) != true }
    }

    func pending(_ act: OracleAct) -> String? {
        if parents(of: act).contains(where: { acts[$0.leaf] == nil }) { return "pending.parentMissing" }
        if parents(of: act).contains(where: { role[$0.leaf] == nil }) { return "pending.parentPending" }
        if authors[act.author] == nil { return "pending.authorUnknown" }
        if charter.sight(at: act.pin) == nil { return "pending.entryUnknown" }
        let isKnown = act.isReadable && rules.actions[act.kind] != nil
        return act.mustUnderstand && !isKnown ? "pending.notUnderstood" : nil
    }

    // MARK: - What a set of acts comes to

    func unit(_ leaf: Leaf) -> String { acts[leaf].flatMap { authors[$0.author]?.unit } ?? "" }
    func author(_ leaf: Leaf) -> OracleAuthor? { acts[leaf].flatMap { authors[$0.author] } }
    private func seen(_ leaf: Leaf) -> Set<EntryDigest> {
        acts[leaf].flatMap { charter.sight(at: $0.pin)?.entries } ?? []
    }

    /// The first cut of an act's author for its kind, and the one that says how much stands.
    private func cut(_ act: OracleAct, _ sight: OracleCharter.Sight) -> (first: EntryDigest, part: OracleCut)? {
        guard let author = authors[act.author] else { return nil }
        var out: (first: EntryDigest, part: OracleCut)?
        for (entry, cut) in sight.cuts where cut.covers(author) && cut.scope?.contains(act.kind) ?? true {
            if let before = out {
                if cut.raises(before.part) { out = (before.first, cut) }
            } else {
                out = (entry, cut)
            }
        }
        return out
    }

    private func isBeyond(_ leaf: Leaf, _ sight: OracleCharter.Sight) -> Bool {
        acts[leaf].map { act in cut(act, sight).map { !$0.part.leaves(act) } ?? false } ?? false
    }

    private func stands(_ leaf: Leaf, among: Set<Leaf>, _ sight: OracleCharter.Sight) -> Bool {
        guard let act = acts[leaf], isBeyond(leaf, sight), let first = cut(act, sight)?.first else { return true }
        return among.contains { other in
            guard past[other]?.contains(leaf) == true, acts[other]?.author != act.author else { return false }
            if case .void = role[other] { return false }
            return !seen(other).contains(first) && !isBeyond(other, sight)
        }
    }

    /// Who holds by now what an act of the chain left, and how many cuts moved it.
    func passedOn(_ custody: OracleCustody, _ sight: OracleCharter.Sight) -> (holder: String?, moves: Int) {
        guard let since = custody.since.flatMap({ charter.sight(at: $0)?.entries }) else { return (custody.holder, 0) }
        var holder = custody.holder, moves = 0, dated: Set<AuthorID> = []
        for (entry, cut) in sight.cuts where cut.scope == nil {
            let isFirst = dated.insert(cut.author.id).inserted
            guard isFirst, !since.contains(entry), cut.author.unit == holder, let heir = cut.heir else { continue }
            holder = heir
            moves += 1
        }
        return (holder, moves)
    }

    func view(_ among: Set<Leaf>, _ sight: OracleCharter.Sight) -> View {
        var out = View()
        out.standing = among.filter { stands($0, among: among, sight) }
        var branches: [Leaf?: [Leaf]] = [:]
        for leaf in out.standing {
            if case .chain(let previous, _, _, _, _, _) = role[leaf] { branches[previous, default: []].append(leaf) }
        }
        while let options = branches[out.path.last] {
            let sorted = options.sorted { order($0, branches).lexicographicallyPrecedes(order($1, branches)) }
            let same = sorted.filter { acts[$0]?.author == acts[sorted[0]]?.author }
            guard same.count == 1 else {
                out.frozen = Set(same)
                break
            }
            out.path.append(sorted[0])
        }
        out.creation =
            among.compactMap { leaf -> (OracleAuthor, Leaf)? in
                guard case .chain = role[leaf], acts[leaf]?.parents.isEmpty == true else { return nil }
                return author(leaf).map { ($0, leaf) }
            }.min { $0 < $1 }?.1
        if case .chain(_, _, _, _, let after, _) = out.path.last.flatMap({ role[$0] }) {
            out.custody = after
        } else if let creation = out.creation {
            out.custody = OracleCustody(holder: unit(creation), since: acts[creation]?.pin)
        }
        gatherWrites(among, &out)
        return out
    }

    /// The highest unit of a branch, by its tier.
    func best(_ leaf: Leaf, _ branches: [Leaf?: [Leaf]]) -> Int {
        guard case .chain(_, _, _, let tier, _, _) = role[leaf] else { return .max }
        return (branches[leaf] ?? []).reduce(tier) { min($0, best($1, branches)) }
    }

    private func order(_ leaf: Leaf, _ branches: [Leaf?: [Leaf]]) -> [UInt64] {
        guard case .chain(_, let epoch, let rank, _, _, _) = role[leaf], let author = author(leaf) else { return [] }
        return [
            .max - UInt64(epoch), UInt64(best(leaf, branches)), UInt64(rank), UInt64(author.enrollment),
            UInt64(author.depth), author.id.value.high, author.id.value.low, leaf.value.high, leaf.value.low,
        ]
    }
}
