extension RecordActs {
    /// What the record comes to: `outlook` is that of all judged acts under `view`, the whole charter.
    func state(
        _ outlook: Outlook,
        under view: CharterView,
        heads: [Int],
        lost: LostSequences,
        rules: CaseRules
    ) -> CaseState {
        var out = CaseState()
        out.chain = outlook.path.map { held[$0].act.leaf }
        out.holder = holder(after: outlook.custody, under: view).holder
        out.phase = outlook.custody.phase
        out.custodyInDoubt = outlook.custody.inDoubt
        out.heads = heads.map { held[$0].act.leaf }.sorted()
        out.frozen = outlook.frozen.map { held[$0].act.leaf }.sorted()
        out.hasPendingMust = held.contains { !$0.isUnderstood && !lost.contains($0.act) }
        gatherStatus(outlook, lost, into: &out)
        gatherFields(outlook, rules, view.topology, into: &out)
        gatherAudience(view, into: &out)
        return out
    }

    // MARK: - Status

    private func gatherStatus(_ outlook: Outlook, _ lost: LostSequences, into out: inout CaseState) {
        out.status.reserveCapacity(held.count)
        var open: [Int] = []
        let answers = Dictionary(
            outlook.custody.answers.map { ($0.act, $0.admitted) },
            uniquingKeysWith: { first, _ in first }
        )
        for at in held.indices {
            let status = status(at, outlook, answers, lost)
            out.status[held[at].act.leaf] = status
            if status.isOpen { open.append(at) }
        }
        guard !open.isEmpty else { return }
        open.sort { a, b in
            let one = held[a], two = held[b]
            if one.depth != two.depth { return one.depth < two.depth }
            let who = author(of: a), other = author(of: b)
            if who != other { return who < other }
            if one.act.sequence != two.act.sequence { return one.act.sequence < two.act.sequence }
            return one.act.leaf < two.act.leaf
        }
        for at in open {
            let leaf = held[at].act.leaf
            if out.status[leaf] == .request { out.requests.append(leaf) } else { out.proposals.append(leaf) }
        }
    }

    private func status(_ at: Int, _ outlook: Outlook, _ answers: [Int: Bool], _ lost: LostSequences) -> Status {
        if lost.contains(held[at].act) { return .lostByCut }
        guard let role = held[at].role else { return .pending(pendingReason(at, lost)) }
        if case .void(let reason) = role { return .void(reason) }
        if outlook.onPath.contains(at) { return .effective }
        if let admitted = answers[at] { return admitted ? .admitted : .declined }
        if !outlook.standing.contains(at) { return .proposal(.cut) }
        switch role {
        case .request: return .request
        case .field where outlook.merges(at, role): return .merged
        case .field, .chain, .void:
            let isFrozen = outlook.frozen.contains { $0 == at || held[at].past.contains($0) }
            return .proposal(isFrozen ? .frozen : .outrun)
        }
    }

    private func pendingReason(_ at: Int, _ lost: LostSequences) -> PendingReason {
        let one = held[at]
        let parents = one.act.parents.map { ($0, index[$0.leaf]) }
            .filter { parent, found in !lost.contains(parent, held: found.map { held[$0].act }) }.map(\.1)
        if parents.contains(nil) { return .parentMissing }
        if parents.contains(where: { $0.map { held[$0].role == nil } == true }) { return .parentPending }
        if authors[one.author] == nil { return .authorUnknown }
        return views[one.pin] == nil ? .entryUnknown : .notUnderstood
    }

    /// What an act is in its author's view.
    func verdict(_ leaf: Leaf, lost: LostSequences) -> Verdict {
        guard let at = index[leaf], !lost.contains(held[at].act) else { return .lost }
        switch held[at].role {
        case nil: return .pending(pendingReason(at, lost))
        case .void(let reason): return .void(reason)
        case .request: return .request
        case .field: return .write
        case .chain(let role):
            return .chain(holder: role.after.holder, phase: role.after.phase, inDoubt: role.after.inDoubt)
        }
    }

    // MARK: - Fields

    private func gatherFields(
        _ outlook: Outlook,
        _ rules: CaseRules,
        _ topology: Topology,
        into out: inout CaseState
    ) {
        out.values.reserveCapacity(outlook.tops.count)
        for (field, tops) in outlook.tops.enumerated() {
            let policy = tops.count > 1 ? rules.policy(of: fieldNames[field]) : .authority
            guard let top = winner(of: tops, policy: policy, topology: topology) else { continue }
            // One name can be spelled in two ways that Unicode holds equal: which was held first must not show.
            let name = held[top.writer].act.writes[top.write].field
            out.values[name] = FieldValue(
                value: value(of: top),
                leaf: held[top.position].act.leaf,
                writer: held[top.writer].act.leaf
            )
            if isConflict(tops) { out.conflicts[name] = tops.map { held[$0.position].act.leaf }.sorted() }
        }
    }

    // MARK: - Audience

    /// RULES.md, "Visibility": the units of authorized chain acts and requests, effective or not. Who asks has seen the
    /// case's creation (*because* whoever knows but its number could name itself).
    private func gatherAudience(_ view: CharterView, into out: inout CaseState) {
        var seen = IndexBits()
        var creations: [Int] = []
        for at in order {
            let one = held[at]
            switch one.role {
            case .chain:
                if one.rule?.effect == .create { creations.append(at) }
                if !seen.contains(one.author) {
                    seen.insert(one.author)
                    out.units.insert(unit(of: at))
                }
            case .request where creations.contains(where: one.past.contains): break
            case .field where one.rule?.effect == .reroute: break
            case .request, .field, .void, nil: continue
            }
            if let target = one.act.target, one.rule?.effect == .handOver || one.rule?.effect == .reroute {
                out.units.insert(target)
            }
            out.units.formUnion(one.act.route)
        }
        out.namedUnits = out.units
        out.units = view.withHeirs(out.namedUnits)
        out.audience = out.units
        for unit in out.units { out.audience.formUnion(view.topology.above(unit)) }
    }
}
