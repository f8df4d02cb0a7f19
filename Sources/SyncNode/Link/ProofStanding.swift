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

    /// Nothing differed when both were compared last, or they were proven equal since.
    package var isEqual: Bool { difference == nil && (proven != nil || comparison != nil) }

    /// What differed, where no proof has come since.
    package var difference: ComparisonOutcome? {
        comparison.flatMap { $0.isEqual || $0.time < proven ?? .min ? nil : $0 }
    }

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
        let last = Dictionary(grouping: try comparisons(), by: \.unit).mapValues { $0.max { $0.time < $1.time } }
        let proven = Dictionary(grouping: try equalities(), by: \.unit).mapValues { $0.map(\.time).max() }
        return Set(last.keys).union(proven.keys).reduce(into: [:]) { out, unit in
            out[unit] = ProofStanding(comparison: last[unit] ?? nil, proven: proven[unit] ?? nil)
        }
    }
}
