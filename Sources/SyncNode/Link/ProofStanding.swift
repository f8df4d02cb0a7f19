import Replica
import ServiceModel

/// Whether the node above holds the same as this one, as far as it is known.
package struct ProofStanding: Hashable, Sendable {
    /// The last comparison with it; nil while there was none.
    package let comparison: ComparisonOutcome?
    /// Of the last proof that both have signed, in seconds since 1970 by this node's clock; nil while there is none.
    package let proven: Int64?

    package init(comparison: ComparisonOutcome?, proven: Int64?) {
        self.comparison = comparison
        self.proven = proven
    }

    /// Nothing differed when both were compared last, or they were proven equal since.
    package var isEqual: Bool { difference == nil && (proven != nil || comparison != nil) }

    /// What differed, where no proof has come since.
    package var difference: ComparisonOutcome? {
        comparison.flatMap { $0.isEqual || $0.time < proven ?? .min ? nil : $0 }
    }
}

extension Transaction {
    /// nil while both were never compared, and at the root.
    /// - Throws: `ReplicaError`.
    package func proofStanding() throws -> ProofStanding? {
        guard let own = try identity?.unit, let above = charter.current.topology.parent(of: own) else { return nil }
        let last = try comparisons().filter { $0.unit == above }.max { $0.time < $1.time }
        let proven = try equalities().filter { $0.unit == above }.map(\.time).max()
        return last == nil && proven == nil ? nil : ProofStanding(comparison: last, proven: proven)
    }
}
