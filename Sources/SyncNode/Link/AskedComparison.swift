import Replica
import ServiceModel

/// A comparison with the parent that a person has asked for. What was found and signed before, or with another node,
/// answers nobody.
package struct AskedComparison: Sendable {
    private let parent: UnitCode
    /// Serial of the last one before.
    private let before: Int64

    /// Begun before either end is told to compare.
    /// - Throws: `ReplicaError`.
    package init(with parent: UnitCode, _ transaction: Transaction) throws {
        self.parent = parent
        before = try transaction.lastComparison()
    }

    /// What it came to, once it is over.
    /// - Parameters:
    ///   - through: who has answered, where that is known.
    ///   - needsNewerParent: whether the parent's program is of before there were comparisons.
    /// - Returns: the proof is there when nothing differed.
    /// - Throws: `NodeError.otherCompared`, `.olderParent`, `.notMade`, `.notProven`; `ReplicaError`.
    package func result(
        through: UpperNode? = nil, needsNewerParent: Bool = false, _ transaction: Transaction
    ) throws -> (outcome: ComparisonOutcome, proof: ProvenEquality?) {
        if let through, through.unit != parent { throw NodeError.otherCompared(through.unit, parent: parent) }
        guard let made = try transaction.comparison(with: parent, behind: before) else {
            throw needsNewerParent ? NodeError.olderParent(parent) : NodeError.notMade(parent)
        }
        guard !made.outcome.isEqual || made.proof != nil else { throw NodeError.notProven(parent) }
        return made
    }
}

extension LineState {
    /// Why the process that keeps the line compares with nobody before this has changed; nil where it may at any
    /// moment.
    package var keepsFromComparing: Words? {
        if isUp, let through, !through.isParent {
            let name = "\(through.unit)#\(through.node)"
            return Words(
                "\(name) stands in for the parent, with which alone this node compares",
                "\(name)正暂代上级，而本节点只与直接上级核对")
        }
        return isPaused && failure?.code == Self.hoursCode ? failure?.words : nil
    }

    /// Who waits for a serving node to compare waits in vain: the parent's program is of before there were comparisons.
    /// - Throws: `NodeError.olderParent`.
    package func demandComparingParent(_ parent: UnitCode) throws {
        if reachesParent, needsNewerParent { throw NodeError.olderParent(parent) }
    }

    /// Whether it is up to the parent itself, so that a comparison that is asked for goes on.
    package var reachesParent: Bool { isUp && through?.isParent == true }
}
