/// The fold of one record: takes its acts in any order and says what they come to (RULES.md, "Fold").
///
/// Results depend on nothing but the set of acts, their authors' openings, the charter and the rules. Each act is
/// judged once, in its author's own view; only what cuts state as lost makes the fold judge again.
package struct CaseFold: Sendable {
    package let rules: CaseRules

    private(set) var acts = RecordActs()
    private var lost = LostSequences()
    private var heads: [Int] = []
    /// Acts to try.
    private var queue: [Int] = []
    /// Acts that wait for a charter entry, an opening or understanding.
    private var stalled: [Int] = []
    /// Acts that wait for a parent, by its leaf.
    private var waiting: [Leaf: [Int]] = [:]
    /// The outlook of everything judged, as if there were no cuts: extended act by act where history is a line.
    private var running = Outlook()
    private var isRunning = true
    private var mark = Bytes16(high: 0, low: 0)

    package init(rules: CaseRules) { self.rules = rules }

    /// How many change sets are held, folded or not.
    package var count: Int { acts.held.count }

    /// Takes an act in; one that is held already changes nothing.
    package mutating func insert(_ act: Act) {
        if let at = acts.add(act, rule: rules.actions[act.kind]) { queue.append(at) }
    }

    /// What the record comes to under everything that is known.
    package mutating func state(charter: Charter, authors: [AuthorID: Author]) -> CaseState {
        let current = charter.current
        judgeAll(charter, current, authors)
        defer { acts.views = [] }
        guard hasCut(current) else {
            runAll()
            return acts.state(running, under: current, heads: heads, lost: lost, rules: rules)
        }
        let outlook = acts.outlook(of: acts.judged, cuts: current, writes: true)
        return acts.state(outlook, under: current, heads: heads, lost: lost, rules: rules)
    }

    /// What an act would be if its author wrote it now; nothing is changed by asking. An act that is held is told as it
    /// was judged.
    package func wouldBe(_ act: Act, charter: Charter, authors: [AuthorID: Author]) -> Verdict {
        var copy = self
        copy.insert(act)
        copy.judgeAll(charter, charter.current, authors)
        return copy.acts.verdict(act.leaf, lost: copy.lost)
    }

    /// Whether a cut covers any author of the record.
    private func hasCut(_ view: CharterView) -> Bool {
        !view.ledger.cuts.isEmpty && acts.authors.contains { $0.map(view.isCut) ?? false }
    }

    private mutating func runAll() {
        guard !isRunning else { return }
        running = acts.outlook(of: acts.judged, cuts: nil, writes: true)
        isRunning = true
    }

    private mutating func judgeAll(_ charter: Charter, _ current: CharterView, _ authors: [AuthorID: Author]) {
        reconcile(charter, authors)
        acts.views = acts.pins.map(charter.view(at:))
        #if PLANTED
            if Planted.present == .pinIgnored { acts.views = acts.views.map { $0 == nil ? nil : current } }
        #endif
        let hasCut = hasCut(current)
        queue += stalled
        stalled.removeAll(keepingCapacity: true)
        var next = 0
        while next < queue.count {
            let at = queue[next]
            next += 1
            guard !lost.contains(acts.held[at].act), let parents = parents(of: at) else { continue }
            guard acts.authors[acts.held[at].author] != nil, acts.views[acts.held[at].pin] != nil,
                acts.held[at].isUnderstood
            else {
                stalled.append(at)
                continue
            }
            judge(at, on: parents, hasCut: hasCut)
            if !waiting.isEmpty { queue += waiting.removeValue(forKey: acts.held[at].act.leaf) ?? [] }
        }
        queue.removeAll(keepingCapacity: true)
    }

    private mutating func judge(_ at: Int, on parents: [Int], hasCut: Bool) {
        acts.place(at, on: parents)
        let role: Role
        let isForward = parents.count == heads.count && parents.allSatisfy(heads.contains)
        if isForward, !hasCut {
            runAll()
            role = acts.judge(at, in: running)
        } else {
            role = acts.judge(at, in: acts.outlook(before: at))
            isRunning = false
        }
        acts.give(role, to: at)
        heads.removeAll(where: parents.contains)
        heads.append(at)
        if isRunning, role.chain != nil, !running.frozen.isEmpty { isRunning = false }
        if isRunning { running.extend(by: at, in: acts) }
    }

    /// The parents that are not lost, each once; nil, and it waits, while one is not judged.
    private mutating func parents(of at: Int) -> [Int]? {
        var out: [Int] = []
        for parent in acts.held[at].act.parents {
            let found = acts.index[parent.leaf]
            if lost.contains(parent, held: found.map { acts.held[$0].act }) { continue }
            guard let found, acts.held[found].role != nil else {
                waiting[parent.leaf, default: []].append(at)
                return nil
            }
            if !out.contains(found) { out.append(found) }
        }
        return out
    }

    /// Drops all roles where one may have been judged under something else than what is handed in now.
    private mutating func reconcile(_ charter: Charter, _ authors: [AuthorID: Author]) {
        var changed = charter.lost != lost
        lost = charter.lost
        for (slot, id) in acts.authorIDs.enumerated() {
            let now = authors[id]
            if let known = acts.authors[slot], known != now { changed = true }
            acts.authors[slot] = now
        }
        if charter.mark != mark {
            changed = changed || !acts.order.allSatisfy { charter.contains(acts.held[$0].act.pin) }
            mark = charter.mark
        }
        guard changed else { return }
        acts.forgetRoles()
        heads = []
        stalled = []
        waiting = [:]
        queue = Array(acts.held.indices)
        running = Outlook()
        isRunning = true
    }
}
