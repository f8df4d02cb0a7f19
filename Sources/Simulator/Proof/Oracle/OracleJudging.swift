import ServiceModel

extension Oracle {
    private func fields(_ act: OracleAct) -> Set<String> { Set(act.writes.map(\.field)) }

    private func carriedOut(by leaf: Leaf) -> [OracleAct] {
        (acts[leaf]?.admits ?? []).compactMap { acts[$0] } + [acts[leaf]].compactMap { $0 }
    }

    // MARK: - Fields

    func merges(_ leaf: Leaf, _ view: View) -> Bool {
        guard case .field(let follows) = role[leaf] else { return false }
        return view.standing.contains(leaf) && follows.allSatisfy(view.path.contains)
    }

    /// The writes that no other follows.
    func gatherWrites(_ among: Set<Leaf>, _ view: inout View) {
        let declined = view.custody.answers.filter { !$0.admitted }.map(\.act)
        let merging = among.filter { merges($0, view) && !declined.contains($0) }
        let placed = view.path.map { ($0, carriedOut(by: $0)) } + merging.map { ($0, [acts[$0]].compactMap { $0 }) }
        let writes = placed.flatMap { position, carried in
            carried.flatMap { act in act.writes.map { (act.leaf, $0) } }.enumerated().map { order, one in
                Write(field: one.1.field, value: one.1.value, position: position, writer: one.0, order: order)
            }
        }
        for (field, all) in Dictionary(grouping: writes, by: \.field) {
            view.top[field] = all.filter { one in
                !all.contains { other in
                    past[other.position]?.contains(one.position) == true
                        || other.position == one.position && other.order > one.order
                }
            }
        }
    }

    // MARK: - Judging

    func judge(_ act: OracleAct) -> OracleRole {
        guard let sight = charter.sight(at: act.pin), let author = authors[act.author], let past = past[act.leaf] else {
            preconditionFailure("what waits is not judged")
        }
        let isBehind = past.contains { leaf in
            acts[leaf].flatMap { charter.sight(at: $0.pin) }.map { sight.entries.isStrictSubset(of: $0.entries) }
                ?? false
        }
        if isBehind { return .void("void.pinBehind") }
        guard let rule = rules.actions[act.kind] else { return .void("void.unknownKind") }
        guard let tier = sight.units[author.unit]?.tier, sight.may(author.unit, act.kind, lowest: rule.lowestTier)
        else {
            return .void("void.noPower")
        }
        guard act.parents.isEmpty == act.isCreation, (rule.effect == .create) == act.isCreation else {
            return .void("void.creationOutOfPlace")
        }
        let view = view(past, sight)
        var custody = rule.effect == .create ? OracleCustody(holder: author.unit, since: act.pin) : view.custody
        let (holder, moves) = passedOn(custody, sight)
        custody.holder = holder
        if rule.byCreator, author.unit != (view.creation.map(unit) ?? author.unit) { return .void("void.notCreator") }
        let end = rule.byRoute ? view.creation.flatMap { acts[$0]?.route.last } : nil
        if let lowest = end.flatMap({ sight.units[$0]?.tier }), !sight.may(author.unit, act.kind, lowest: lowest) {
            return .void("void.notOnRoute")
        }
        if rule.once, fields(act).contains(where: { view.top[$0]?.isEmpty == false }) {
            return .void("void.alreadyWritten")
        }

        var rank = OracleRole.holder
        switch rule.effect {
        case .write where act.answers.isEmpty && !fields(act).contains(where: view.isConflict):
            let settlings = fields(act).compactMap { field in view.path.last { settles($0).contains(field) } }
            return rule.allows(custody.phase) ? .field(follows: settlings) : .void("void.wrongPhase")
        case .reroute:
            guard act.answers.isEmpty else { return .void("void.unanswerable") }
            let added = act.target.map { [$0] + act.route } ?? act.route
            let isAbove = holder.map { ([$0] + sight.above($0)).contains(author.unit) } ?? false
            guard isAbove, !added.isEmpty, added.allSatisfy({ sight.above($0).contains(author.unit) }) else {
                return .void("void.notAboveBoth")
            }
            return rule.allows(custody.phase) ? .field(follows: []) : .void("void.wrongPhase")
        case .takeOver:
            guard let holder, sight.above(holder).contains(author.unit) else { return .void("void.notAboveHolder") }
            rank = tier
        default:
            if author.unit != holder { return act.answers.isEmpty ? .request : .void("void.answersWithoutCustody") }
        }
        if let reason = advance(act, &custody, view, sight) {
            return rule.effect == .write && act.answers.isEmpty ? .request : .void(reason)
        }
        return .chain(
            previous: view.path.last, epoch: moves, rank: rank, tier: tier, after: custody,
            settles: carriedOut(by: act.leaf).reduce(into: []) { out, carried in
                let effect = rules.actions[carried.kind]?.effect
                let isSettling = effect == .write || effect == .settle
                out.formUnion(fields(carried).filter { isSettling || view.isConflict($0) })
            })
    }

    private func settles(_ leaf: Leaf) -> Set<String> {
        if case .chain(_, _, _, _, _, let settles) = role[leaf] { settles } else { [] }
    }

    // MARK: - Along the chain

    /// Admitted acts as listed, then the act itself; why they are not all legal.
    private func advance(
        _ act: OracleAct, _ custody: inout OracleCustody, _ view: View, _ sight: OracleCharter.Sight
    ) -> String? {
        let rule = rules.actions[act.kind], answers = act.answers
        guard answers.allSatisfy({ isAnswerable($0, by: act, view) }), Set(answers).count == answers.count else {
            return "void.unanswerable"
        }
        if !view.frozen.isEmpty, rule?.effect != .takeOver { return "void.frozen" }
        var written: Set<String> = []
        for carried in carriedOut(by: act.leaf) {
            if carried.leaf == act.leaf, rule?.effect != .takeOver, custody.holder != unit(act.leaf) {
                if rule?.effect == .answer { break }
                return "void.custodyPassed"
            }
            if let reason = step(carried, by: act, &custody, &written, view, sight) { return reason }
        }
        custody.since = act.pin
        custody.answers += act.admits.map { ($0, true) } + act.declines.map { ($0, false) }
        return nil
    }

    private func isAnswerable(_ leaf: Leaf, by act: OracleAct, _ view: View) -> Bool {
        guard past[act.leaf]?.contains(leaf) == true, !view.path.contains(leaf),
            !view.custody.answers.contains(where: { $0.act == leaf }),
            acts[leaf].flatMap({ rules.actions[$0.kind]?.effect }) != .takeOver
        else { return false }
        switch role[leaf] {
        case .request, .chain: return true
        case .field: return !merges(leaf, view)
        case .void, nil: return false
        }
    }

    private func step(
        _ carried: OracleAct, by act: OracleAct, _ custody: inout OracleCustody, _ written: inout Set<String>,
        _ view: View, _ sight: OracleCharter.Sight
    ) -> String? {
        guard let rule = rules.actions[carried.kind] else { return "void.unknownKind" }
        guard (rule.effect == .create) == (custody.phase == nil), rule.allows(custody.phase) else {
            return "void.wrongPhase"
        }
        if rule.decisive, custody.inDoubt, !act.evidence { return "void.inDoubt" }
        let names = fields(carried)
        if rule.once, names.contains(where: { written.contains($0) || view.top[$0]?.isEmpty == false }) {
            return "void.alreadyWritten"
        }
        written.formUnion(names)
        custody.phase = rule.to ?? custody.phase
        if act.evidence { custody.inDoubt = false }
        if rule.effect == .handOver {
            guard let target = carried.target, target != custody.holder, sight.units[target] != nil else {
                return "void.badTarget"
            }
            custody.holder = target
        }
        if rule.effect == .takeOver { (custody.holder, custody.inDoubt) = (unit(carried.leaf), !act.evidence) }
        return nil
    }
}
