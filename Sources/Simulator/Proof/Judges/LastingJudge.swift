import ChangeSet
import ServiceModel

/// Invariant 5: effect is lost only for a reason that the rules name; a change set is judged once; what waits resolves
/// once and, when all has healed, has resolved. It compares what each replica shows with what it showed before.
struct LastingJudge: Judge {
    private struct Before {
        let replica: HeldReplica
        let truth: Truth
        let leaves: Set<Leaf>
        let status: [Leaf: String]

        init(_ replica: HeldReplica, _ truth: Truth) {
            self.replica = replica
            self.truth = truth
            leaves = Set(replica.journal.rows.filter(\.counts).map(\.leaf.leaf))
            status = replica.shown.values.reduce(into: [:]) { $0.merge($1.status) { one, _ in one } }
        }
    }

    let law = Law.effectLasts
    private var before: [String: Before] = [:]

    mutating func judge(_ hearing: Hearing) -> [Violation] {
        var out: [Violation] = []
        var seen: [String: Before] = [:]
        for (name, replica) in hearing.replicas {
            guard let truth = hearing.own[name] else { continue }
            let now = Before(replica, truth)
            if let then = before[name], Self.goesOn(then, now) { out += changes(then, now, name) }
            seen[name] = now
        }
        before = seen
        return hearing.world.hasHealed ? out + waiting(hearing) : out
    }

    /// Whether the replica is the one of before and has only grown: one that was rolled back, and one whose program
    /// has learnt something, is judged anew.
    private static func goesOn(_ then: Before, _ now: Before) -> Bool {
        let gone = then.leaves.subtracting(now.leaves).subtracting(left(then, now))
        return then.replica.incarnation == now.replica.incarnation && gone.isEmpty
            && then.truth.lacking == now.truth.lacking
            && then.truth.charter.whole.entries.isSubset(of: now.truth.charter.whole.entries)
    }

    /// What has left with its case since.
    private static func left(_ then: Before, _ now: Before) -> [Leaf] {
        then.replica.journal.rows.filter { now.replica.keepsStub(of: $0, evenIfAskedFor: true) }.map(\.leaf.leaf)
    }

    private func changes(_ then: Before, _ now: Before, _ name: String) -> [Violation] {
        let news = now.truth.charter.whole.cuts.filter { !then.truth.charter.whole.entries.contains($0.entry) }
        // What a cut states as lost was never there: all is judged again.
        guard news.allSatisfy(\.cut.lost.isEmpty) else { return [] }
        let left = Set(Self.left(then, now))
        return then.status.compactMap { leaf, was in
            if left.contains(leaf) && now.status[leaf] == nil { return nil }
            let state = now.status[leaf] ?? "nothing"
            guard was != state else { return nil }
            func violation(_ finding: String) -> Violation {
                let record = now.truth[leaf]
                return Violation(
                    law, at: name, record: record?.creation, place: record?.acts[leaf]?.row.place,
                    "\(finding): \(was), then \(state)")
            }
            if was.hasPrefix("pending") { return nil }
            if state.hasPrefix("pending") {
                return Self.awaitsWhatComes(leaf, then, now, left) ? nil : violation("waits again")
            }
            if was.hasPrefix("void") || state.hasPrefix("void") { return violation("was judged twice") }
            let took = ["effective", "admitted"]
            guard took.contains(was), !took.contains(state) else { return nil }
            guard let old = then.truth[leaf], let new = now.truth[leaf] else { return violation("is gone") }
            let isCut = Self.concerns(news.map(\.cut), [old, new], now.truth.charter.whole)
            return isCut || Self.reason(old, new) != nil ? nil : violation("lost its effect for no reason")
        }
    }

    /// Whether it waits for what is on its way, or for something that does. A distance back leads along the seals once
    /// a fork is known, and what was told before that is told again with them, behind the run that shows it; and a case
    /// that had left comes back in as many batches as it needs.
    private static func awaitsWhatComes(_ leaf: Leaf, _ then: Before, _ now: Before, _ left: Set<Leaf>) -> Bool {
        guard let state = now.status[leaf], state.hasPrefix("pending"), let record = now.truth[leaf],
            let act = record.oracle.acts[leaf]
        else { return false }
        let isForkNew = now.replica.forked.contains(act.author) && !then.replica.forked.contains(act.author)
        if state == "pending.parentMissing", isForkNew { return true }
        return act.parents.contains { parent in
            record.acts[parent.leaf] == nil
                ? left.contains(parent.leaf) : awaitsWhatComes(parent.leaf, then, now, left)
        }
    }

    /// Whether cuts that were not known before may change what stands of a case, or who holds it: they cover somebody
    /// who wrote in it, or a unit that has held it or inherits from one that has.
    private static func concerns(
        _ news: [OracleCut], _ records: [Truth.Record], _ sight: OracleCharter.Sight
    ) -> Bool {
        guard !news.isEmpty else { return false }
        let authors = records.flatMap { record in record.acts.keys.compactMap { record.oracle.author($0) } }
        var holders = Set(records.compactMap(\.state.holder) + records.flatMap(\.holders))
        // In their order, so that an heir's heir is one too.
        for (_, cut) in sight.cuts where holders.contains(cut.author.unit) {
            if let heir = cut.heir { holders.insert(heir) }
        }
        return news.contains { cut in holders.contains(cut.author.unit) || authors.contains { cut.covers($0) } }
    }

    /// Why the chain goes another way than before.
    private static func reason(_ old: Truth.Record, _ new: Truth.Record) -> String? {
        let one = old.state.chain, two = new.state.chain
        guard let at = one.indices.first(where: { $0 >= two.count || two[$0] != one[$0] }) else { return nil }
        guard at < two.count else { return new.state.frozen.isEmpty ? nil : "fork" }
        guard case .chain(_, let epoch, _, _, _, _) = new.oracle.role[one[at]],
            case .chain(_, let other, let rank, _, _, _) = new.oracle.role[two[at]]
        else { return nil }
        if rank < OracleRole.holder { return "takeover" }
        if other > epoch { return "cut" }
        if new.oracle.highest(two[at]) < new.oracle.highest(one[at]) { return "higher unit" }
        let deposed = new.oracle.author(one[at]), chosen = new.oracle.author(two[at])
        return deposed?.unit == chosen?.unit && deposed != chosen ? "two incarnations" : nil
    }

    /// What waits for an entry that a rolled back root has forgotten, and nobody else had, waits for good; so does what
    /// follows something that was lost with its disks.
    private func waiting(_ hearing: Hearing) -> [Violation] {
        hearing.truth.records.flatMap { record -> [Violation] in
            var excused: Set<Leaf> = []
            var open = record.state.status.filter { $0.value.hasPrefix("pending") }
            var grew = true
            while grew {
                grew = false
                for (leaf, status) in open {
                    guard let act = record.oracle.acts[leaf] else { continue }
                    let isLost = status == "pending.entryUnknown" && hearing.ledger.hasLostEntries
                    let rests = act.parents.contains { parent in
                        excused.contains(parent.leaf)
                            || record.acts[parent.leaf] == nil
                                && (hearing.ledger.isExcused(parent.leaf)
                                    || Self.hasLostSeals(of: act, behind: parent.sequence, hearing))
                    }
                    guard isLost || rests else { continue }
                    excused.insert(leaf)
                    open[leaf] = nil
                    grew = true
                }
            }
            return open.map { leaf, status in
                Violation(law, record: record.creation, place: record.acts[leaf]?.row.place, "still waits: \(status)")
            }
        }
    }
}

extension LastingJudge {
    /// Whether a distance back leads along seals that were lost with their disk: something of that line between was, of
    /// which people had been told.
    private static func hasLostSeals(of act: OracleAct, behind sequence: UInt64, _ hearing: Hearing) -> Bool {
        hearing.ledger.confirmed.contains {
            $0.place.author == act.author && $0.place.feed == .casework && $0.place.sequence > sequence
                && $0.place.sequence < act.sequence && hearing.ledger.isExcused($0.leaf)
        }
    }
}

extension Truth.Record {
    /// Whoever holds it after one of its acts, effective or not; who created it held it first.
    fileprivate var holders: [String] {
        let after = oracle.role.values.compactMap { role -> String? in
            if case .chain(_, _, _, _, let after, _) = role { after.holder } else { nil }
        }
        return after + (first.map { [oracle.unit($0.leaf)] } ?? [])
    }
}

extension Oracle {
    /// The tier of the highest unit that acted on the branch that begins with an act, of what stands today.
    fileprivate func highest(_ leaf: Leaf) -> Int {
        let standing = view(Set(role.keys), charter.whole).standing
        var branches: [Leaf?: [Leaf]] = [:]
        for leaf in standing {
            if case .chain(let previous, _, _, _, _, _) = role[leaf] { branches[previous, default: []].append(leaf) }
        }
        return best(leaf, branches)
    }
}
