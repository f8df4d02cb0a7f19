import ChangeSet
import ServiceModel

/// Invariant 9: a replica drops no copy before a unit above it holds one, backed up on another disk. What the
/// simulation itself took from a disk was not dropped.
struct KeepingJudge: Judge {
    let law = Law.noCopyDropped
    private var before: [String: HeldReplica] = [:]

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
        return out
    }

    /// Whether a file is what the other one has become: where it ended, it is still recognized.
    private static func continues(_ then: HeldReplica, _ now: HeldReplica) -> Bool {
        guard then.incarnation == now.incarnation, then.node == now.node else { return false }
        guard let head = then.rolling.keys.max() else { return true }
        return now.rolling[head] == then.rolling[head]
    }

    /// Whoever has ever stood above by the charter that is held here counts: one who let a case go on the word of the
    /// unit above, and was moved away from it then, has passed that word on to those below.
    private func isKept(_ row: HeldJournal.Row, above name: String, _ hearing: Hearing) -> Bool {
        guard let charter = hearing.own[name]?.charter else { return false }
        let above = Set(charter.whole.ordered.flatMap { charter.sight(at: $0.digest)?.above(name) ?? [] })
        return above.contains { hearing.ledger.isBackedUp(row.leaf, at: $0) }
    }
}
