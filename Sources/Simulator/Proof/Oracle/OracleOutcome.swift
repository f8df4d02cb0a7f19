import ServiceModel

extension Oracle {
    /// Under all that is known of the charter.
    func state() -> OracleState {
        let sight = charter.whole, judged = Set(role.keys), view = view(judged, sight)
        var out = OracleState()
        out.chain = view.path
        out.holder = passedOn(view.custody, sight).holder
        out.phase = view.custody.phase
        out.inDoubt = view.custody.inDoubt
        out.frozen = view.frozen.sorted()
        let parents = Set(judged.flatMap { acts[$0]?.parents.map(\.leaf) ?? [] })
        out.heads = judged.subtracting(parents).sorted()
        for (leaf, act) in acts { out.status[leaf] = status(act, view) }
        for (field, top) in view.top {
            guard let winner = winner(of: top, sight) else { continue }
            out.values[winner.field] = .init(value: winner.value, leaf: winner.position, writer: winner.writer)
            if view.isConflict(field) { out.conflicts[winner.field] = top.map(\.position).sorted() }
        }
        out.units = units(sight)
        out.audience = out.units.union(out.units.flatMap(sight.above))
        return out
    }

    private func status(_ act: OracleAct, _ view: View) -> String {
        let leaf = act.leaf
        if isLost(act) { return "lostByCut" }
        if let reason = role[leaf] == nil ? pending(act) : nil { return reason }
        if case .void(let reason) = role[leaf] { return reason }
        if view.path.contains(leaf) { return "effective" }
        let answer = view.custody.answers.first { $0.act == leaf }
        if let answer { return answer.admitted ? "admitted" : "declined" }
        if !view.standing.contains(leaf) { return "proposal.cut" }
        if case .request = role[leaf] { return "request" }
        if merges(leaf, view) { return "merged" }
        let isFrozen = !view.frozen.isDisjoint(with: past[leaf, default: []].union([leaf]))
        return isFrozen ? "proposal.frozen" : "proposal.outrun"
    }

    /// By policy, then depth, author, sequence, leaf.
    private func winner(of top: [Write], _ sight: OracleCharter.Sight) -> Write? {
        func precedes(_ a: Write, _ b: Write) -> Bool {
            guard let one = author(a.position), let two = author(b.position) else { return false }
            let isCounter = rules.counterFields.contains(String(a.field.prefix { $0 != "." }))
            func rank(_ unit: String) -> Int { sight.units[unit].map { isCounter ? -$0.tier : $0.tier } ?? .max }
            let depth = past[a.position, default: []].count, other = past[b.position, default: []].count
            let first = acts[a.position]?.sequence ?? 0, second = acts[b.position]?.sequence ?? 0
            return (rank(one.unit), -depth, one, first, a.position) < (rank(two.unit), -other, two, second, b.position)
        }
        return top.min(by: precedes)
    }

    private func isNoCreation(_ leaf: Leaf) -> Bool {
        guard case .chain? = role[leaf] else { return true }
        return acts[leaf].map { rules.actions[$0.kind]?.effect != .create } ?? true
    }

    private func units(_ sight: OracleCharter.Sight) -> Set<String> {
        var out: Set<String> = []
        for (leaf, role) in role {
            guard let act = acts[leaf], let effect = rules.actions[act.kind]?.effect else { continue }
            switch role {
            case .void: continue
            case .field where effect != .reroute: continue
            case .chain: out.insert(unit(leaf))
            case .request where past[leaf, default: []].allSatisfy(isNoCreation): continue
            case .field, .request: break
            }
            out.formUnion(act.route)
            if let target = act.target, effect == .handOver || effect == .reroute { out.insert(target) }
        }
        for (_, cut) in sight.cuts where out.contains(cut.author.unit) { out.formUnion(cut.heir.map { [$0] } ?? []) }
        return out
    }
}
