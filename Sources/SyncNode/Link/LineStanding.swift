import Replica
import ServiceModel

/// How the line to the parent stands by what is on disk: it outlives a restart of the process.
package struct LineStanding: Hashable, Sendable {
    /// Change sets from here and below that the parent has not confirmed; 0 at the root.
    package let unsent: Int
    /// The last word from the parent, in seconds since 1970 by this node's clock; nil when there never was one.
    package let heard: Int64?
}

extension Node {
    /// - Throws: `ReplicaError`.
    package func lineStanding(_ transaction: Transaction) throws -> LineStanding {
        guard !isRoot else { return LineStanding(unsent: 0, heard: nil) }
        return LineStanding(
            unsent: try transaction.count(try unsent(transaction)), heard: try contactAbove(transaction)?.time)
    }

    /// Which change sets wait for the parent; none at the root.
    /// - Throws: `ReplicaError`.
    package func unsent(_ transaction: Transaction) throws -> Unsent {
        guard !isRoot else { return .nothing }
        let parent = try contactAbove(transaction).flatMap {
            try transaction.latestPeer(unit: $0.unit, node: $0.node)
        }
        return try transaction.unsent(toward: parent)
    }

    /// The last contact with a node of the parent.
    private func contactAbove(_ transaction: Transaction) throws -> (unit: UnitCode, node: UInt32, time: Int64)? {
        let above = transaction.charter.current.topology.parent(of: name.unit)
        return try transaction.contacts().filter { $0.unit == above && $0.time > 0 }.max { $0.time < $1.time }
    }
}
