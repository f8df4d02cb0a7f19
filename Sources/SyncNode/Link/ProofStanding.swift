import Replica
import ServiceModel

/// Whether a neighbour holds the same as this node, as far as it is known.
package struct ProofStanding: Hashable, Sendable {
    /// The last comparison with it; nil while there was none.
    package let comparison: ComparisonOutcome?
    /// Of the last proof that both have signed, in seconds since 1970 by this node's clock; nil while there is none.
    package let proven: Int64?

    package init(comparison: ComparisonOutcome?, proven: Int64?) {
        self.comparison = comparison
        self.proven = proven
    }

    /// Nothing differed when both were compared last.
    package var isEqual: Bool { difference == nil && (proven != nil || comparison != nil) }

    /// What differed. A proof ends a comparison that found nothing, so that one found later speaks against every proof,
    /// whatever the clock showed then.
    package var difference: ComparisonOutcome? { comparison.flatMap { $0.isEqual ? nil : $0 } }

    /// What differed and was not sent.
    package var isUnsettled: Bool { difference.map { !$0.isSent } ?? false }
}

extension Transaction {
    /// nil while both were never compared, and at the root.
    /// - Throws: `ReplicaError`.
    package func proofStanding() throws -> ProofStanding? {
        guard let own = try identity?.unit, let above = charter.current.topology.parent(of: own) else { return nil }
        return try proofStandings()[above]
    }

    /// With each unit with whose node this one was compared.
    /// - Throws: `ReplicaError`.
    package func proofStandings() throws -> [UnitCode: ProofStanding] {
        // Of a unit's machines the one that was compared last speaks.
        let last = Dictionary(try comparisons().map { ($0.unit, $0) }) { $1 }
        let proven = Dictionary(try equalities().map { ($0.unit, $0.time) }) { $1 }
        return Set(last.keys).union(proven.keys).reduce(into: [:]) { out, unit in
            out[unit] = ProofStanding(comparison: last[unit], proven: proven[unit])
        }
    }
}
