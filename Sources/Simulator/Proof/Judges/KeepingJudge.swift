import ChangeSet
import ServiceModel

/// Invariant 9: a replica drops no copy before a unit above it holds one, backed up on another disk. What the
/// simulation itself took from a disk was not dropped.
struct KeepingJudge: Judge {
    let law = Law.noCopyDropped
    private var before: [String: HeldReplica] = [:]
    /// What each unit's machine had of the charter then: another one of the same unit begins with nothing.
    private var charters: [String: OracleCharter] = [:]

    mutating func judge(_ hearing: Hearing) -> [Violation] {
        var out: [Violation] = []
        for (name, replica) in hearing.replicas {
            guard let then = before[name] else { continue }
            let held = Set(replica.journal.rows.map(\.leaf))
            let goesOn = Self.continues(then, replica)
            for row in then.journal.rows where !held.contains(row.leaf) {
                let wasTaken =
                    hearing.ledger.wasTaken(row.leaf, from: name) && (!goesOn || hearing.world.isImpaired(name))
                guard !wasTaken, !isKept(row, above: name, hearing) else { continue }
                let finding = "dropped, and no unit above holds it backed up"
                out.append(Violation(law, at: name, record: row.record, place: row.place, finding))
            }
        }
        before = hearing.world.replicas
        charters = hearing.own.mapValues(\.charter)
        return out
    }

    /// Whether a file is what the other one has become: where it ended, it is still recognized.
    private static func continues(_ then: HeldReplica, _ now: HeldReplica) -> Bool {
        guard then.incarnation == now.incarnation, then.node == now.node else { return false }
        guard let head = then.rolling.keys.max() else { return true }
        return now.rolling[head] == then.rolling[head]
    }

    /// Above is who stood there at any time since the last look. One of them that has let the case go itself, on the
    /// word of a unit from which it was moved away then, passes that word on to those below.
    private func isKept(_ row: HeldJournal.Row, above name: String, _ hearing: Hearing) -> Bool {
        let held = [charters[name], hearing.own[name]?.charter].compactMap { $0 }
        let sights = held.flatMap { charter in
            charter.whole.ordered.compactMap { charter.sight(at: $0.digest) } + [charter.whole]
        }
        let known = charters[name]?.whole.entries ?? []
        let lately = sights.filter { $0.entries == known || !$0.entries.isSubset(of: known) }
        let above = Set(lately.flatMap { $0.above(name) })
        if above.contains(where: { hearing.ledger.isBackedUp(row.leaf, at: $0) }) { return true }
        guard above.contains(where: { hearing.world.replicas[$0]?.keepsStub(of: row, evenIfAskedFor: true) == true })
        else { return false }
        return Set(sights.flatMap { $0.above(name) }).contains { hearing.ledger.isBackedUp(row.leaf, at: $0) }
    }
}
