extension RecordActs {
    /// What an act is in its author's view, the fold of its past; its pin and its author are known.
    func judge(_ at: Int, in outlook: Outlook) -> Role {
        let one = held[at], unit = unit(of: at)
        guard let view = views[one.pin] else { preconditionFailure("an act was judged before its pin was known") }
        if isBehind(one, view) { return .void(.pinBehind) }
        guard let rule = one.rule else { return .void(.unknownKind) }
        guard view.mayAct(unit, one.act.kind, lowestTier: rule.lowestTier), let tier = view.topology.tier(of: unit)
        else { return .void(.noPower) }
        let begins = rule.effect == .create
        guard one.act.parents.isEmpty == begins, one.act.isCreation == begins else {
            return .void(.creationOutOfPlace)
        }

        var custody = begins ? Custody(holder: unit, since: one.pin) : outlook.custody
        let (holder, moves) = holder(after: custody, under: view)
        custody.holder = holder
        let isCreator = outlook.creation.map { self.unit(of: $0) == unit } ?? begins
        if rule.byCreator, !isCreator { return .void(.notCreator) }
        if rule.byRoute, !reachesRouteEnd(unit, one.act.kind, outlook, view) { return .void(.notOnRoute) }
        if rule.once, one.fields.contains(where: { !outlook.tops(of: $0).isEmpty }) { return .void(.alreadyWritten) }

        let settling = one.fields.contains { isConflict(outlook.tops(of: $0)) }
        var rank = ChainRole.holderRank
        switch rule.effect {
        case .write where !settling && !one.act.answers:
            guard rule.from.isEmpty || custody.phase.map(rule.from.contains) == true else {
                return .void(.wrongPhase)
            }
            return .field(follows: follows(one.fields, in: outlook))
        case .reroute:
            return judgeReroute(one.act, by: unit, holder: holder, phase: custody.phase, rule, view)
        case .takeOver:
            guard let holder, view.topology.isAbove(unit, holder) else { return .void(.notAboveHolder) }
            rank = tier
        case .create, .keep, .write, .settle, .answer, .handOver:
            if unit != holder { return one.act.answers ? .void(.answersWithoutCustody) : .request }
        }

        switch advance(at, from: custody, in: outlook, under: view) {
        case .success(let after):
            return .chain(
                ChainRole(
                    previous: outlook.path.last,
                    epoch: moves,
                    rank: rank,
                    tier: tier,
                    after: after,
                    settles: settles(at, in: outlook)
                )
            )
        case .failure(let stop):
            // What a clerk typed into a field waits for the holder when the chain cannot move.
            return rule.effect == .write && !one.act.answers ? .request : .void(stop.reason)
        }
    }

    /// A pin that has seen less than an ancestor's (*because* a thief would pin the past).
    private func isBehind(_ one: HeldAct, _ view: CharterView) -> Bool {
        one.pinsSeen.first(below: views.count) { slot in
            slot != one.pin && views[slot].map { view.reach.isStrictSubset(of: $0.reach) } == true
        } != nil
    }

    private func judgeReroute(
        _ act: Act,
        by unit: UnitCode,
        holder: UnitCode?,
        phase: Phase?,
        _ rule: ActionRule,
        _ view: CharterView
    ) -> Role {
        guard !act.answers else { return .void(.unanswerable) }
        let added = (act.target.map { [$0] } ?? []) + act.route
        guard let holder, !added.isEmpty, view.topology.isAboveOrSelf(unit, holder),
            added.allSatisfy({ view.topology.isAbove(unit, $0) })
        else { return .void(.notAboveBoth) }
        guard rule.from.isEmpty || phase.map(rule.from.contains) == true else { return .void(.wrongPhase) }
        return .field(follows: [])
    }

    /// The settlings that a write follows: it falls with any of them.
    private func follows(_ fields: [Int], in outlook: Outlook) -> [Int] {
        guard !outlook.settlings.isEmpty else { return [] }
        var out: [Int] = []
        for field in fields {
            let last = outlook.settlings.last { held[$0].role?.chain?.settles.contains(field) == true }
            if let last, !out.contains(last) { out.append(last) }
        }
        return out
    }

    /// The fields whose disagreement a chain act ends: all that a settling writes, of other acts' those in conflict.
    private func settles(_ at: Int, in outlook: Outlook) -> [Int] {
        var out: [Int] = []
        for carried in carriedOut(by: at) {
            let one = held[carried]
            let isSettling = one.rule?.effect == .write || one.rule?.effect == .settle
            for field in one.fields where isSettling || isConflict(outlook.tops(of: field)) {
                if !out.contains(field) { out.append(field) }
            }
        }
        return out
    }

    // MARK: - Along the chain

    private struct Stop: Error {
        let reason: VoidReason
    }

    /// Declines, then admitted requests as listed, then the act itself: all legal, or none.
    private func advance(
        _ at: Int,
        from before: Custody,
        in outlook: Outlook,
        under view: CharterView
    ) -> Result<Custody, Stop> {
        let one = held[at], act = one.act
        let takes = one.rule?.effect == .takeOver
        let answered = act.admits + act.declines
        guard answered.allSatisfy({ isAnswerable($0, by: at, in: outlook) }), Set(answered).count == answered.count
        else {
            return .failure(Stop(reason: .unanswerable))
        }
        guard outlook.frozen.isEmpty || takes else { return .failure(Stop(reason: .frozen)) }
        var custody = before
        var written: [Int] = []
        for carried in carriedOut(by: at) {
            if carried == at, !takes, custody.holder != unit(of: at) {
                if one.rule?.effect != .answer { return .failure(Stop(reason: .custodyPassed)) }
                continue
            }
            if let reason = step(&custody, carried, by: at, written: &written, in: outlook, under: view) {
                return .failure(Stop(reason: reason))
            }
        }
        custody.since = one.pin
        custody.answers += act.admits.compactMap { index[$0].map { Answer(act: $0, admitted: true) } }
        custody.answers += act.declines.compactMap { index[$0].map { Answer(act: $0, admitted: false) } }
        return .success(custody)
    }

    /// An open request, or a proposal: a loser, or what a cut took the effect from.
    private func isAnswerable(_ leaf: Leaf, by at: Int, in outlook: Outlook) -> Bool {
        guard let asked = index[leaf], held[at].past.contains(asked), !outlook.onPath.contains(asked),
            outlook.custody.answer(to: asked) == nil, held[asked].rule?.effect != .takeOver
        else { return false }
        switch held[asked].role {
        case .request, .chain: return true
        case .field: return !outlook.merges(asked, held[asked].role)
        case .void, nil: return false
        }
    }

    /// Whether the unit stands at least as high as where the creation's route ends, or was granted the power.
    private func reachesRouteEnd(_ unit: UnitCode, _ kind: ActionKind, _ outlook: Outlook, _ view: CharterView) -> Bool
    {
        guard let end = outlook.creation.flatMap({ held[$0].act.route.last }),
            let needed = view.topology.tier(of: end)
        else { return true }
        return view.mayAct(unit, kind, lowestTier: needed)
    }

    /// Carries out one act; what keeps it from being legal, or nil.
    private func step(
        _ custody: inout Custody,
        _ carried: Int,
        by at: Int,
        written: inout [Int],
        in outlook: Outlook,
        under view: CharterView
    ) -> VoidReason? {
        let one = held[carried], evidence = held[at].act.evidence
        guard let rule = one.rule else { return .unknownKind }
        guard rule.isLegal(in: custody.phase) else { return .wrongPhase }
        if rule.decisive, custody.inDoubt, !evidence { return .inDoubt }
        if rule.once, one.fields.contains(where: { written.contains($0) || !outlook.tops(of: $0).isEmpty }) {
            return .alreadyWritten
        }
        written += one.fields
        custody.phase = rule.to ?? custody.phase
        custody.inDoubt = custody.inDoubt && !evidence
        switch rule.effect {
        case .handOver:
            guard let target = one.act.target, target != custody.holder, view.topology.contains(target) else {
                return .badTarget
            }
            custody.holder = target
        case .takeOver:
            custody.holder = unit(of: carried)
            custody.inDoubt = !evidence
        case .create, .keep, .write, .settle, .answer, .reroute: break
        }
        return nil
    }
}
