@testable import ServiceModel

/// What people at the counters do, and how their machines meet.
extension TownWorld {
    mutating func someWrites() -> [(String, String)] {
        let fields = ["phone", "address", "material.form", "material.photo"]
        let first = random.below(fields.count)
        let count = random.one(in: 3) ? 2 : 1
        return (0..<count).map { (fields[(first + $0) % fields.count], String(random.below(3))) }
    }

    mutating func type() {
        let at = holding()
        if !isStopped(at) { write(Draft("amend", writes: someWrites()), by: at, honestly: true) }
    }

    mutating func work() {
        var at = holding()
        let holder = nodes[at].state(authors).holder
        if let holder, random.one(in: 2), let other = nodes.firstIndex(where: { $0.unit == holder && !$0.acts.isEmpty })
        {
            at = other
        }
        guard !isStopped(at) else { return }
        let state = nodes[at].state(authors)
        let options = state.holder == nodes[at].unit ? holderDrafts(at, state) : otherDrafts(at, state)
        write(random.pick(options), by: at, honestly: true)
    }

    mutating func holderDrafts(_ at: Int, _ state: CaseState) -> [Draft] {
        var out = [
            Draft("amend", writes: someWrites()), Draft("evaluate", writes: [("grade", String(random.below(3)))]),
        ]
        for leaf in (state.requests + state.proposals).prefix(3) {
            out.append(Draft("answer"))
            out[out.count - 1].admits = [leaf]
            out.append(Draft("answer"))
            out[out.count - 1].declines = [leaf]
        }
        for kind in ["correct", "receive", "suspend", "resume", "decide", "decide", "decide", "issue", "deliver_copy"] {
            out.append(Draft(kind))
            out[out.count - 1].evidence = kind == "decide" && random.one(in: 2)
        }
        if random.one(in: 5) { out += [Draft("withdraw"), Draft("terminate")] }
        for target in [Town.code("T1"), Town.code("K1"), random.pick(Town.names)] {
            out.append(Draft("hand_over", route: random.one(in: 4) ? [random.pick(Town.names)] : []))
            out[out.count - 1].target = target
        }
        for field in state.conflicts.keys.sorted() {
            out += Array(repeating: Draft("settle", writes: [(field, String(random.below(3)))]), count: 3)
        }
        return out
    }

    mutating func otherDrafts(_ at: Int, _ state: CaseState) -> [Draft] {
        var out = [
            Draft("amend", writes: someWrites()), Draft("withdraw"), Draft("correct"), Draft("suspend"),
            Draft("hand_over"),
            Draft("takeover"), Draft("takeover"), Draft("reroute"), Draft("decide"),
        ]
        out[4].target = random.pick(Town.names)
        out[5].evidence = true
        out[7].target = random.pick(Town.names)
        return out
    }

    /// The holder decides, and so does a unit above it that does not hear of it, or a clone.
    mutating func duel() {
        let some = holding()
        guard let holder = nodes[some].state(authors).holder else { return }
        let at = node(of: holder)
        guard !nodes[at].acts.isEmpty, !isStopped(at) else { return }
        let other: Int
        if random.one(in: 3) {
            nodes.append(nodes[at])
            other = nodes.count - 1
        } else {
            guard let parent = nodes[at].charter.current.topology.parent(of: holder) else { return }
            swap(at, node(of: parent))
            other = node(of: parent)
            var takeover = Draft("takeover")
            takeover.evidence = true
            write(takeover, by: other, honestly: true)
        }
        write(Draft("decide"), by: at, honestly: true)
        write(Draft("decide"), by: other, honestly: true)
    }

    // MARK: - Exchange

    mutating func give(_ from: Int, _ to: Int, skipping: Int) {
        guard from != to else { return }
        for entry in nodes[from].entries { nodes[to].take(entry) }
        let state = nodes[from].state(authors)
        let isAbove = nodes[from].charter.current.topology.isAboveOrSelf(nodes[to].unit, nodes[from].unit)
        guard state.audience.contains(nodes[to].unit) || isAbove else { return }
        for act in nodes[from].acts.dropFirst(skipping) { nodes[to].take(act) }
    }

    mutating func swap(_ one: Int, _ two: Int, skipping: Int = 0) {
        give(one, two, skipping: skipping)
        give(two, one, skipping: skipping)
    }

    func node(of unit: UnitCode) -> Int { nodes.firstIndex { $0.unit == unit } ?? 0 }

    mutating func sync(skipping: Int) {
        let at = random.below(nodes.count)
        guard let parent = nodes[at].charter.current.topology.parent(of: nodes[at].unit) else { return }
        swap(at, node(of: parent), skipping: skipping)
    }

    mutating func carryUp() {
        var at = holding()
        for unit in nodes[at].charter.current.topology.above(nodes[at].unit) {
            swap(at, node(of: unit))
            at = node(of: unit)
        }
    }

    mutating func meetAll() {
        for _ in 0..<2 { for at in nodes.indices.dropFirst() { swap(at, 0) } }
    }
}
