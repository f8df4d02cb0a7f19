import ChangeSet
import ServiceModel

/// How often a simulation met what it is for.
package struct Tally: Sendable {
    package enum Thing: String, CaseIterable, Sendable {
        case confirmations, exchanges, cuts, abandoned, duplicates, crashes, cutWrites, torn, strainedDisks,
            refusedWrites, restarts, restores
        case madeRestores, anchorsLost, incarnations, refusals, moves, machinesCut, grants, retired, fetched
        case concurrentDecisions, requests, answers, conflicts, takeovers, widenings, pinGaps, threeHeadMerges
        case losses
        case merges, volumesWritten, volumesRead, volumesForAnother, volumesRefused, clones, forksCut, renamed, older,
            upgrades
        case rollbacks, disksLost, rotten, portals
    }

    private var counts: [Thing: Int] = [:]

    package init() {}

    package subscript(_ thing: Thing) -> Int { counts[thing, default: 0] }

    package mutating func add(_ thing: Thing, _ count: Int = 1) { counts[thing, default: 0] += count }

    package mutating func add(_ other: Tally) { counts.merge(other.counts, uniquingKeysWith: +) }

    /// What a network met, as the judges see it when it has healed.
    init(_ hearing: Hearing) {
        for record in hearing.truth.records {
            let oracle = record.oracle, acts = oracle.acts.values
            let decisions = acts.filter { $0.kind == CaseAction.decide.rawValue }.map(\.leaf)
            for (index, one) in decisions.enumerated() {
                for two in decisions.dropFirst(index + 1) {
                    let isBehind = oracle.past[one]?.contains(two) == true || oracle.past[two]?.contains(one) == true
                    add(.concurrentDecisions, isBehind ? 0 : 1)
                }
            }
            add(.threeHeadMerges, acts.count { $0.parents.count > 2 })
            add(.conflicts, record.state.conflicts.count)
            add(.answers, acts.count { !$0.answers.isEmpty })
            add(.takeovers, acts.count { $0.kind == CaseAction.takeOver.rawValue })
            add(.requests, record.state.status.values.count { ["request", "admitted", "declined"].contains($0) })
            add(.losses, record.state.status.values.count { $0.hasPrefix("pending") })
        }
        let held = hearing.world.replicas.values.map(\.journal)
        let everywhere = held.reduce(into: Set<Digest32>()) { $0.formUnion($1.leaves) }
        add(.losses, hearing.ledger.confirmed.count { !everywhere.contains($0.leaf) })
        add(.widenings, held.reduce(0) { $0 + $1.widenings })
        add(.confirmations, hearing.ledger.confirmed.count)
    }

    /// One line.
    package var line: String { Thing.allCases.map { "\($0.rawValue) \(self[$0])" }.joined(separator: ", ") }
}
