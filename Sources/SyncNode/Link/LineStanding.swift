import Replica
import ServiceModel

/// How the line upward stands by what is on disk: it outlives a restart of the process.
package struct LineStanding: Hashable, Sendable {
    /// Change sets from here and below that no node above has confirmed; 0 at the root.
    package let unsent: Int
    /// The last word from above, in seconds since 1970 by this node's clock; nil when there never was one.
    package let heard: Int64?
}

extension Node {
    /// - Throws: `ReplicaError`.
    package func lineStanding(_ transaction: Transaction) throws -> LineStanding {
        guard !isRoot else { return LineStanding(unsent: 0, heard: nil) }
        return LineStanding(
            unsent: try transaction.count(try unsent(transaction)),
            heard: try contactsAbove(transaction).map(\.time).max())
    }

    /// Which change sets wait to go up; none at the root.
    /// - Throws: `ReplicaError`.
    package func unsent(_ transaction: Transaction) throws -> Unsent {
        guard !isRoot else { return .nothing }
        let peers = try contactsAbove(transaction).compactMap {
            try transaction.latestPeer(unit: $0.unit, node: $0.node)
        }
        return try transaction.unsent(toward: peers)
    }

    /// The last contact with each node above: of the parent, and of those that stood in for it.
    private func contactsAbove(_ transaction: Transaction) throws -> [(unit: UnitCode, node: UInt32, time: Int64)] {
        let topology = transaction.charter.current.topology
        return try transaction.contacts().filter { $0.time > 0 && topology.isAbove($0.unit, name.unit) }
    }
}
