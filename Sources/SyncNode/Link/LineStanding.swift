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
        let above = transaction.charter.current.topology.parent(of: name.unit)
        let contact = try transaction.contacts().filter { $0.unit == above && $0.time > 0 }.max { $0.time < $1.time }
        let parent = try contact.flatMap { try transaction.latestPeer(unit: $0.unit, node: $0.node) }
        return LineStanding(unsent: try transaction.backlog(toward: parent), heard: contact?.time)
    }
}
