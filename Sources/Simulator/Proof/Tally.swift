/// How often a simulation met what it is for.
package struct Tally: Sendable {
    package enum Thing: String, CaseIterable, Sendable {
        case confirmations, exchanges, cuts, abandoned, duplicates, crashes, cutWrites, torn, strainedDisks,
            refusedWrites, restarts, restores
        case madeRestores, anchorsLost, incarnations, refusals, moves, machinesCut, grants
        case concurrentDecisions, requests, answers, conflicts, takeovers, widenings, pinGaps, threeHeadMerges
        case losses
    }

    private var counts: [Thing: Int] = [:]

    package init() {}

    package subscript(_ thing: Thing) -> Int { counts[thing, default: 0] }

    package mutating func add(_ thing: Thing, _ count: Int = 1) { counts[thing, default: 0] += count }

    package mutating func add(_ other: Tally) { counts.merge(other.counts, uniquingKeysWith: +) }

    /// One line.
    package var line: String { Thing.allCases.map { "\($0.rawValue) \(self[$0])" }.joined(separator: ", ") }
}
