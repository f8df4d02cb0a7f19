import ChangeSet
import ServiceModel

/// Invariant 8: no body reaches a unit outside audience and ancestors, in whatever way it came.
struct SightJudge: Judge {
    let law = Law.noBodyAstray
    /// By unit, everything that it has ever stood above.
    private var everBelow: [String: Set<String>] = [:]
    private var read: Set<EntryDigest> = []

    mutating func judge(_ hearing: Hearing) -> [Violation] {
        noteLineages(hearing.truth.charter)
        return hearing.replicas.flatMap { name, replica -> [Violation] in
            var out = replica.journal.strays.map { Violation(law, at: name, "a body in no row of the journal: \($0)") }
            guard name != hearing.world.root else { return out }
            for row in replica.journal.rows where row.place.feed == .casework {
                let author = hearing.truth.authors[row.place.author]?.unit
                let record = hearing.truth[row.leaf.leaf]
                // What is unsealed here and counts nowhere is its own author's.
                let concerned = (record?.state.units ?? []).union(author.map { [$0] } ?? [])
                guard !concerned.contains(where: { $0 == name || everBelow[name]?.contains($0) == true }) else {
                    continue
                }
                let whom = concerned.sorted().joined(separator: ", ")
                out.append(
                    Violation(law, at: name, record: record?.creation, place: row.place, "a body that is for \(whom)"))
            }
            return out
        }
    }

    /// An ancestor of yesterday keeps what it has.
    private mutating func noteLineages(_ charter: OracleCharter) {
        for entry in charter.whole.entries where read.insert(entry).inserted {
            guard charter.entries[entry]?.change.changesUnits == true, let sight = charter.sight(at: entry) else {
                continue
            }
            for unit in sight.units.keys {
                for above in sight.above(unit) { everBelow[above, default: []].insert(unit) }
            }
        }
        for unit in charter.whole.units.keys {
            for above in charter.whole.above(unit) { everBelow[above, default: []].insert(unit) }
        }
    }
}

extension OracleCharter.Change {
    fileprivate var changesUnits: Bool {
        switch self {
        case .units, .move, .join: true
        default: false
        }
    }
}
