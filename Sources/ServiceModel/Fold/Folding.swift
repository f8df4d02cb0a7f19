extension RecordActs {
    /// Who holds under `view` what an act of the chain left, and how many cuts moved it.
    func holder(after custody: Custody, under view: CharterView) -> (holder: UnitCode?, moves: Int) {
        guard let since = custody.since, let seen = views[since] else { return (custody.holder, 0) }
        return view.heir(of: custody.holder, since: seen.reach)
    }

    /// What the author of an act saw: the fold of its past under its pin.
    func outlook(before at: Int) -> Outlook {
        let reads = !held[at].fields.isEmpty || held[at].act.answers
        return outlook(of: held[at].past, cuts: views[held[at].pin], writes: reads)
    }

    /// The outlook of the judged acts in `among`, which has the ancestors of each. `cuts` nil leaves all standing.
    func outlook(of among: IndexBits, cuts: CharterView?, writes: Bool) -> Outlook {
        let members = order.filter(among.contains)
        var out = Outlook()
        out.standing = cuts.map { standing(members, among, under: $0) } ?? among
        out.creation = creation(among: members)
        walk(members, into: &out)
        if let last = out.path.last {
            out.custody = held[last].role?.chain?.after ?? Custody()
        } else if let creation = out.creation {
            out.custody = Custody(holder: unit(of: creation), since: held[creation].pin)
        }
        if writes { gatherTops(members, into: &out) }
        return out
    }

    private func creation(among members: [Int]) -> Int? {
        members.filter { held[$0].act.parents.isEmpty && held[$0].role?.chain != nil }
            .min { (author(of: $0), held[$0].act.leaf) < (author(of: $1), held[$1].act.leaf) }
    }

    // MARK: - Cuts

    private struct CutKey: Hashable {
        let author: Int
        let kind: ActionKind
    }

    private func standing(_ members: [Int], _ among: IndexBits, under view: CharterView) -> IndexBits {
        let covered = authors.map { $0.map(view.isCut) ?? false }
        guard covered.contains(true) else { return among }
        var found: [CutKey: CharterView.StandingCut?] = [:]
        var beyond = IndexBits()
        var firsts: [(act: Int, cut: CharterPlace)] = []
        for at in members where covered[held[at].author] {
            let one = held[at]
            let key = CutKey(author: one.author, kind: one.act.kind)
            let cut = found[key] ?? view.cut(of: author(of: at), for: one.act.kind)
            found[key] = .some(cut)
            guard let cut, !cut.part.leavesStanding(one.act.leaf, of: one.act.author, at: one.act.sequence) else {
                continue
            }
            beyond.insert(at)
            firsts.append((at, cut.first))
        }
        guard !firsts.isEmpty else { return among }
        var out = IndexBits()
        for at in members where !beyond.contains(at) { out.insert(at) }
        for (at, cut) in firsts where isBuiltUpon(at, cut: cut, by: members, beyond: beyond) { out.insert(at) }
        return out
    }

    /// The rescue of RULES.md: a change set of another author stands upon it that is not void, not itself after a cut,
    /// and did not know of this one.
    private func isBuiltUpon(_ at: Int, cut: CharterPlace, by members: [Int], beyond: IndexBits) -> Bool {
        members.contains { other in
            let one = held[other]
            return one.past.contains(at) && one.author != held[at].author && one.role?.isVoid == false
                && !beyond.contains(other) && views[one.pin]?.reach.contains(cut) == false
        }
    }

    // MARK: - The chain

    private func walk(_ members: [Int], into out: inout Outlook) {
        // Children of each act as a list through `sibling`; the slot behind the last act is the beginning.
        let beginning = held.count
        var child = [Int](repeating: -1, count: beginning + 1)
        var sibling = [Int](repeating: -1, count: beginning)
        var best = [Int](repeating: Int.max, count: beginning + 1)
        for at in members.reversed() where out.standing.contains(at) {
            guard let role = held[at].role?.chain else { continue }
            let previous = role.previous ?? beginning
            sibling[at] = child[previous]
            child[previous] = at
            best[at] = min(best[at], role.tier)
            best[previous] = min(best[previous], best[at])
        }
        var head = beginning
        while child[head] >= 0 {
            var branches: [Int] = []
            var next = child[head]
            while next >= 0 {
                branches.append(next)
                next = sibling[next]
            }
            guard let first = branches.min(by: { precedes($0, $1, best) }) else { return }
            let same = branches.filter { held[$0].author == held[first].author }
            if same.count > 1 {
                out.frozen = same
                return
            }
            head = first
            out.path.append(head)
            out.onPath.insert(head)
            if held[head].role?.chain?.settles.isEmpty == false { out.settlings.append(head) }
        }
    }

    /// Whether the branch of `a` is taken before that of `b`: custody gained by a cut, the highest unit that acted,
    /// takeover before holder, then enrollment, incarnation, name.
    private func precedes(_ a: Int, _ b: Int, _ best: [Int]) -> Bool {
        guard let one = held[a].role?.chain, let two = held[b].role?.chain else { return false }
        if one.epoch != two.epoch { return one.epoch > two.epoch }
        if best[a] != best[b] { return best[a] < best[b] }
        if one.rank != two.rank { return one.rank < two.rank }
        let first = author(of: a), second = author(of: b)
        if first.enrollment != second.enrollment { return first.enrollment < second.enrollment }
        if first.depth != second.depth { return first.depth < second.depth }
        if first.id != second.id { return first.id < second.id }
        return held[a].act.leaf < held[b].act.leaf
    }

    // MARK: - Fields

    private func gatherTops(_ members: [Int], into out: inout Outlook) {
        out.tops = [[TopWrite]](repeating: [], count: fieldNames.count)
        let declined = Set(out.custody.answers.filter { !$0.admitted }.map(\.act))
        // Backwards, so that whatever follows a write is met before it.
        for at in members.reversed() {
            if out.onPath.contains(at) {
                for writer in carriedOut(by: at).reversed() { gather(writer, at: at, into: &out) }
            } else if out.merges(at, held[at].role), !declined.contains(at) {
                gather(at, at: at, into: &out)
            }
        }
    }

    private func gather(_ writer: Int, at position: Int, into out: inout Outlook) {
        for (write, field) in held[writer].fields.enumerated().reversed() {
            let followed = out.tops[field].contains {
                $0.position == position || held[$0.position].past.contains(position)
            }
            if !followed { out.tops[field].append(TopWrite(position: position, writer: writer, write: write)) }
        }
    }

    func value(of top: TopWrite) -> String { held[top.writer].act.writes[top.write].value }

    /// Whether several different values stand side by side.
    func isConflict(_ tops: [TopWrite]) -> Bool {
        guard tops.count > 1 else { return false }
        let first = value(of: tops[0]).utf8
        return tops.dropFirst().contains { !value(of: $0).utf8.elementsEqual(first) }
    }

    /// The write that counts until the holder settles: by policy, then depth, author, sequence, leaf.
    func winner(of tops: [TopWrite], policy: MergePolicy, topology: Topology) -> TopWrite? {
        guard tops.count > 1 else { return tops.first }
        func rank(_ top: TopWrite) -> Int {
            let tier = topology.tier(of: unit(of: top.position))
            switch policy {
            case .authority: return tier ?? Int.max
            case .counter: return tier.map { -$0 } ?? Int.max
            }
        }
        return tops.min { a, b in
            let one = held[a.position], two = held[b.position]
            let first = rank(a), second = rank(b)
            if first != second { return first < second }
            #if PLANTED
                if Planted.present == .tieBrokenByArrival { return a.position < b.position }
            #endif
            if one.depth != two.depth { return one.depth > two.depth }
            let who = author(of: a.position), other = author(of: b.position)
            if who != other { return who < other }
            if one.act.sequence != two.act.sequence { return one.act.sequence < two.act.sequence }
            return one.act.leaf < two.act.leaf
        }
    }
}
