import Replica
import ServiceModel

/// How the line upward stands by what is on disk: it outlives a restart of the process.
package struct LineStanding: Hashable, Sendable {
    /// What came from here and below and no node above has confirmed; nothing at the root.
    package var waiting = UnsentFigures()
    /// The last word from above, in seconds since 1970 by this node's clock; nil when there never was one.
    package var heard: Int64?

    /// Change sets that wait.
    package var unsent: Int { waiting.changeSets }

    /// For how long what waits has waited, in seconds by this node's clock; nil when nothing does.
    package func lag(at now: Moment) -> Int64? { waiting.oldest.map { max(0, now.seconds - $0) } }
}

extension Transaction {
    /// Whether this node is the root of its network, which has nobody above.
    var isRoot: Bool { get throws { try identity?.unit == genesis?.root } }

    /// - Throws: `ReplicaError`.
    package func lineStanding() throws -> LineStanding {
        guard try !isRoot else { return LineStanding() }
        return LineStanding(waiting: try figures(try unsentUpward()), heard: try contactsAbove().map(\.time).max())
    }

    /// Which change sets wait to go up; none at the root.
    /// - Throws: `ReplicaError`.
    package func unsentUpward() throws -> Unsent {
        guard try !isRoot else { return .nothing }
        return try unsent(toward: try peersAbove())
    }

    /// How many change sets were written here that no node above has, nor a copy of this database: what would go with
    /// it. The root has nobody above, so that whatever the copy lacks counts there.
    /// - Parameter sealed: the last sealed sequences that the copy holds of each author of this unit, by feed.
    /// - Throws: `ReplicaError`.
    func writtenHereAlone(beyond sealed: [AuthorID: [UInt64]]) throws -> Int {
        try writtenHere(unsentTo: try peersAbove(), beyond: sealed)
    }

    private func peersAbove() throws -> [Peer] {
        try contactsAbove().compactMap { try latestPeer(unit: $0.unit, node: $0.node) }
    }

    /// The last contact with each node above: of the parent, and of those that stood in for it.
    private func contactsAbove() throws -> [(unit: UnitCode, node: UInt32, time: Int64)] {
        guard let own = try identity?.unit else { return [] }
        let topology = charter.current.topology
        return try contacts().filter { $0.time > 0 && topology.isAbove($0.unit, own) }
    }
}
