import ChangeSet
import Foundation
import ServiceModel

/// Invariant 1: what a person was told is saved stands at one position of each journal that holds it, and once all has
/// healed wherever it must be seen.
struct StandingJudge: Judge {
    private struct Standing: Hashable {
        let leaf: Digest32
        let line: Data?
    }

    let law = Law.confirmedStands

    func judge(_ hearing: Hearing) -> [Violation] {
        var out: [Violation] = []
        for (name, replica) in hearing.replicas {
            var seen: Set<Standing> = []
            for row in replica.journal.rows {
                // What was not sealed yet when a disk was copied is on both lines of the fork.
                let line = replica.forked.contains(row.place.author) ? row.seal : nil
                guard !seen.insert(Standing(leaf: row.leaf, line: line)).inserted else { continue }
                out.append(Violation(law, at: name, place: row.place, "one change set stands at two positions"))
            }
        }
        return hearing.world.hasHealed ? out + lost(hearing) + missing(hearing) : out
    }

    private func lost(_ hearing: Hearing) -> [Violation] {
        let everywhere = hearing.world.replicas.values.reduce(into: Set<Digest32>()) { $0.formUnion($1.journal.leaves) }
        return hearing.ledger.confirmed.compactMap { one in
            func violation(_ finding: String, at name: String? = nil) -> Violation {
                Violation(
                    law, at: name, record: one.record, place: one.place, "\(one.action) of \(one.unit) \(finding)")
            }
            guard everywhere.contains(one.leaf) else {
                return hearing.ledger.isExcused(one.leaf)
                    ? nil : violation("is held nowhere, and was when the last disk was lost that had it")
            }
            guard let record = hearing.truth[one.leaf.leaf] else { return violation("belongs to no case") }
            let status = record.state.status[one.leaf.leaf] ?? ""
            return status.hasPrefix("void") ? violation("was confirmed and is \(status)") : nil
        }
    }

    /// A case is held whole by whoever must see it, or was and has left, a stub remaining; the root keeps all.
    private func missing(_ hearing: Hearing) -> [Violation] {
        let held = hearing.world.replicas.mapValues { Set($0.journal.leaves.map(\.leaf)) }
        return hearing.truth.records.flatMap { record in
            let readers = Set(hearing.readers(of: record) + [hearing.world.root]).sorted()
            return readers.flatMap { name in
                record.acts.values.filter { act in
                    held[name]?.contains(act.leaf) == false
                        && (name == hearing.world.root
                            || hearing.world.replicas[name]?.keepsStub(of: act.row) == false)
                }.map { act in
                    Violation(law, at: name, record: record.creation, place: act.row.place, "a change set is missing")
                }
            }
        }
    }
}
