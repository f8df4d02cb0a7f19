@testable import ServiceModel

/// Delivers a history in an order of its own and looks at every step. Names a property that fails.
struct FoldProperties {
    let world: TownWorld
    let acts: [Act]
    let authors: [AuthorID: Author]
    private(set) var tally = FoldTally()
    private var random: SplitMix

    enum Item {
        case act(Act)
        case entry(CharterEntry)
        case author(Author)
    }

    struct Moment {
        let state: CaseState
        let fold: CaseFold
        let knownEntries: Int
        let knownCuts: Int
        let view: CharterView

        /// Whether a cut covers the author of a judged act.
        func isCut(_ leaf: Leaf) -> Bool {
            fold.acts.index[leaf].map { view.isCut(fold.acts.author(of: $0)) } ?? false
        }
    }

    init(_ world: TownWorld, seed: UInt64) {
        self.world = world
        acts = world.acts
        authors = world.authors
        random = SplitMix(seed: seed ^ 0xFEED)
    }

    /// Nil when all hold.
    mutating func check() -> String? {
        var charter = Charter(), known: [AuthorID: Author] = [:], fold = CaseFold(rules: Town.rules)
        var delivered: [Item] = [], last: Moment?
        for item in delivery() {
            delivered.append(item)
            switch item {
            case .act(let act): fold.insert(act)
            case .entry(let entry): charter.add(entry)
            case .author(let author): known[author.id] = author
            }
            let now = Moment(
                state: fold.state(charter: charter, authors: known),
                fold: fold,
                knownEntries: charter.count,
                knownCuts: world.entries.filter { entry in
                    if case .cut = entry.change { charter.contains(entry.digest) } else { false }
                }.count,
                view: charter.current
            )
            if let last, let failure = compare(last, now) { return failure }
            if random.one(in: 25), anew(delivered) != now.state {
                return "P1 a part of the history depends on its order"
            }
            last = now
        }
        guard let last else { return nil }
        return atTheEnd(last, charter)
    }

    // MARK: - Delivery

    /// Everything, with repetitions: in no order at all, or in order with some late.
    private mutating func delivery() -> [Item] {
        var items = world.entries.map(Item.entry) + authors.values.sorted().map(Item.author) + acts.map(Item.act)
        for _ in 0..<items.count / 4 { items.append(random.pick(items)) }
        guard !random.one(in: 3) else { return items.shuffled(using: &random) }
        var keyed: [(Int, Item)] = []
        for (place, item) in items.enumerated() {
            keyed.append((place + (random.one(in: 4) ? random.below(40) : random.below(3)), item))
        }
        return keyed.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
    }

    /// A fold that gets the same things in another order, and is asked once.
    private mutating func anew(_ items: [Item]) -> CaseState {
        var charter = Charter(), known: [AuthorID: Author] = [:], fold = CaseFold(rules: Town.rules)
        for item in items.shuffled(using: &random) {
            switch item {
            case .act(let act): fold.insert(act)
            case .entry(let entry): charter.add(entry)
            case .author(let author): known[author.id] = author
            }
        }
        return fold.state(charter: charter, authors: known)
    }

    // MARK: - From one step to the next

    private mutating func compare(_ old: Moment, _ new: Moment) -> String? {
        let newCut = new.knownCuts > old.knownCuts
        let moved = new.knownEntries > old.knownEntries
        tally.add(
            "pin gaps",
            new.state.status.values.contains(.pending(.entryUnknown)) && new.state != old.state ? 1 : 0
        )
        tally.add(
            "audience widenings",
            !old.state.units.isEmpty && new.state.units.count > old.state.units.count ? 1 : 0
        )
        let lost = old.state.status.filter { $0.value.acts && new.state.status[$0.key]?.acts == false }.map(\.key)
        if !lost.isEmpty, !newCut, !isExcused(old, new) {
            return "P3 an effective act lost its effect by nothing named"
        }
        for (leaf, before) in old.state.status {
            guard let after = new.state.status[leaf] else { return "P1 a change set vanished" }
            if after.isPending, !before.isPending, !newCut { return "P4 pending again" }
            // What a cut had made a proposal may have been declined as such before a rescue was seen.
            let wasProposal = after == .declined && new.isCut(leaf)
            if before == .merged, ![.merged, .admitted].contains(after), !newCut, lost.isEmpty, !wasProposal {
                return "P3 a merged write was lost: \(after.code)"
            }
        }
        if !newCut, let failure = compareConflicts(old.state, new, lost: !lost.isEmpty) { return failure }
        if !moved, !old.state.units.isSubset(of: new.state.units) { return "P7 the audience shrank" }
        return nil
    }

    private func compareConflicts(_ old: CaseState, _ now: Moment, lost: Bool) -> String? {
        let new = now.state
        var touched: Set<String> = []
        for act in acts where old.status[act.leaf] != new.status[act.leaf] {
            touched.formUnion(fields(of: act))
        }
        for (field, leaves) in old.conflicts where new.conflicts[field] != leaves {
            guard touched.contains(field) else { return "P6 a conflict was changed by something unrelated" }
            guard new.conflicts[field] == nil, !lost, now.knownCuts == 0 else { continue }
            let top = now.fold.acts.tops(field)
            let byHolder =
                top.allSatisfy { new.chain.contains($0) }
                || acts.contains {
                    new.chain.contains($0.leaf) && !old.chain.contains($0.leaf) && fields(of: $0).contains(field)
                }
            let news = acts.filter {
                fields(of: $0).contains(field) && old.status[$0.leaf].map(\.isPending) != false
                    && new.status[$0.leaf]?.isPending == false
            }
            if !byHolder, top.count < 2, news.count < 2 { return "P6 a conflict went without the holder" }
        }
        return nil
    }

    private func fields(of act: Act) -> Set<String> {
        var out = Set(act.writes.map(\.field))
        for leaf in act.admits + act.declines {
            for one in acts where one.leaf == leaf { out.formUnion(one.writes.map(\.field)) }
        }
        return out
    }

    /// Invariant 5: by a takeover, an heir, a higher unit in another branch, a fork or a lost incarnation.
    private func isExcused(_ old: Moment, _ new: Moment) -> Bool {
        let one = old.state.chain, two = new.state.chain, record = new.fold.acts
        guard let at = one.indices.first(where: { $0 >= two.count || two[$0] != one[$0] }) else { return false }
        guard at < two.count else { return !new.state.frozen.isEmpty }
        guard let gone = record.index[one[at]], let came = record.index[two[at]],
            let was = record.held[gone].role?.chain, let now = record.held[came].role?.chain
        else { return false }
        if now.rank != ChainRole.holderRank || now.epoch > was.epoch { return true }
        if record.bestTier(from: came) < record.bestTier(from: gone) { return true }
        return record.unit(of: gone) == record.unit(of: came) && record.held[gone].author != record.held[came].author
    }

    // MARK: - At the end

    private mutating func atTheEnd(_ last: Moment, _ charter: Charter) -> String? {
        let state = last.state, record = last.fold.acts
        var whole = CaseFold(rules: Town.rules), full = Charter()
        for entry in world.entries { full.add(entry) }
        for act in acts { whole.insert(act) }
        if whole.state(charter: full, authors: authors) != state { return "P1 the order of delivery matters" }
        let byLeaf = Dictionary(acts.map { ($0.leaf, $0) }) { $1 }
        for (one, two) in zip(state.chain, state.chain.dropFirst()) {
            guard let first = record.index[one], let second = record.index[two],
                record.held[second].past.contains(first),
                record.held[second].role?.chain?.previous == first
            else { return "P2 effective acts are no chain" }
        }
        let acting = state.chain.flatMap { (byLeaf[$0]?.admits ?? []) + [$0] }
        if Set(acting).count != acting.count { return "P5 something acted twice" }
        if acting.filter({ byLeaf[$0]?.kind == Town.kind("decide") }).count > 1 { return "P2 decided twice" }
        if let holder = state.holder, !state.audience.contains(holder) { return "P7 the holder is not in the audience" }
        if !state.units.isSubset(of: state.audience) { return "P7 a unit is not in its audience" }
        if state.hasPendingMust { return "P4 all was understood" }
        let hasLoss = state.status.values.contains(.lostByCut)
        for act in acts {
            guard let status = state.status[act.leaf] else { return "P8 no status" }
            if case .pending(let reason) = status, !missesAncestor(act, byLeaf, record) {
                return "P4 pending for ever: \(reason)"
            }
            if case .void(let reason) = status, world.honest.contains(act.leaf), !hasLoss, mayJudge(act, byLeaf) {
                return "P8 an honest act is void: \(reason)"
            }
        }
        for (field, leaves) in state.conflicts where leaves.count < 2 || state.values[field] == nil {
            return "P6 a conflict of one"
        }
        if let failure = blind(state, charter) { return failure }
        count(state, record)
        return nil
    }

    /// Whether something before it is on no disk any more, or was judged while a loss was not known.
    private func missesAncestor(_ act: Act, _ byLeaf: [Leaf: Act], _ record: RecordActs) -> Bool {
        act.parents.contains { parent in
            guard let found = byLeaf[parent.leaf] else { return true }
            return missesAncestor(found, byLeaf, record)
        }
    }

    private func mayJudge(_ act: Act, _ byLeaf: [Leaf: Act]) -> Bool {
        act.parents.allSatisfy { byLeaf[$0.leaf] != nil }
    }

    /// What is not understood, and what follows it, changes nothing else: as if it had not arrived.
    private mutating func blind(_ state: CaseState, _ charter: Charter) -> String? {
        guard acts.count > 1 else { return nil }
        let hidden = random.pick(Array(acts.dropFirst())).leaf
        var blind = CaseFold(rules: Town.rules), without = CaseFold(rules: Town.rules)
        for act in acts {
            blind.insert(act.leaf == hidden ? act.notUnderstood : act)
            if act.leaf != hidden { without.insert(act) }
        }
        var one = blind.state(charter: charter, authors: authors)
        let two = without.state(charter: charter, authors: authors)
        let isLost = state.status[hidden] == .lostByCut
        if one.hasPendingMust == isLost { return "P4 what is not understood was overlooked" }
        one.hasPendingMust = false
        one.status[hidden] = nil
        for (leaf, status) in one.status where status != two.status[leaf] {
            guard status == .pending(.parentPending),
                two.status[leaf] == .pending(.parentMissing) || two.status[leaf] == status
            else { return "P4 what is not understood had an effect" }
        }
        one.status = two.status
        return one == two ? nil : "P4 what is not understood had an effect"
    }

    private mutating func count(_ state: CaseState, _ record: RecordActs) {
        tally.add("histories")
        tally.add("change sets", acts.count)
        let decisions = record.order.filter {
            record.held[$0].act.kind == Town.kind("decide") && record.held[$0].role?.chain != nil
        }
        for (place, one) in decisions.enumerated() {
            for two in decisions.dropFirst(place + 1) where !record.held[two].past.contains(one) {
                tally.add("concurrent decisions")
            }
        }
        for at in record.order {
            let one = record.held[at], status = state.status[one.act.leaf]
            if case .request = one.role { tally.add("requests") }
            if one.role?.chain != nil, one.rule?.effect == .takeOver { tally.add("takeovers") }
            if one.act.parents.count > 2 { tally.add("three-head merges") }
            if one.act.answers, status == .effective { tally.add("answers") }
            if let role = one.role?.chain, status == .effective {
                tally.add("heirs' acts", role.epoch > 0 ? 1 : 0)
                tally.add("settlings", role.settles.isEmpty ? 0 : 1)
            }
        }
        for status in state.status.values { tally.add("lost by cut", status == .lostByCut ? 1 : 0) }
        tally.add("frozen", state.frozen.isEmpty ? 0 : 1)
        tally.add("open conflicts", state.conflicts.count)
        tally.add("charter splits", world.orphans.isEmpty ? 0 : 1)
        var full = Charter()
        for entry in world.entries {
            full.add(entry)
            if case .cut = entry.change { tally.add("cuts") }
        }
        let view = full.current
        for at in record.order {
            let one = record.held[at].act
            guard let cut = view.cut(of: record.author(of: at), for: one.kind),
                !cut.part.leavesStanding(one.leaf, of: one.author, at: one.sequence),
                [.effective, .merged, .request].contains(state.status[one.leaf])
            else { continue }
            tally.add("rescued")
        }
    }
}

extension Status {
    var isPending: Bool { if case .pending = self { true } else { false } }
    var acts: Bool { self == .effective || self == .admitted }
}

extension Act {
    var notUnderstood: Act {
        Act(
            leaf: leaf,
            author: author,
            sequence: sequence,
            isCreation: isCreation,
            parents: parents,
            pin: pin,
            kind: kind,
            target: target,
            route: route,
            writes: writes,
            admits: admits,
            declines: declines,
            evidence: evidence,
            understood: false
        )
    }
}

extension RecordActs {
    /// The highest tier that acted in the branch that begins with an act.
    func bestTier(from start: Int) -> Int {
        order.filter { at in
            var next: Int? = at
            while let here = next, here != start { next = held[here].role?.chain?.previous }
            return next == start
        }.compactMap { held[$0].role?.chain?.tier }.min() ?? Int.max
    }

    /// The leaves of the maximal writes of a field, were there no cuts.
    func tops(_ field: String) -> [Leaf] {
        guard let slot = fieldNames.firstIndex(of: field) else { return [] }
        return outlook(of: judged, cuts: nil, writes: true).tops(of: slot).map { held[$0.position].act.leaf }
    }
}
