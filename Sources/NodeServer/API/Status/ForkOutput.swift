import ChangeSet
import Replica

/// A journal that two machines have written under one name, as a program reads it.
package struct ForkOutput: Encodable {
    package struct Branch: Encodable {
        package let name: String
        package let changeSets: Int
        /// How many of them, from the first on, stand where a cut keeps this line; all of what no cut takes away: of
        /// published items, and of the root.
        package let kept: Int
        /// Seconds since 1970, as claimed.
        package let sealedFrom: Int64
        package let sealedUntil: Int64
        package let through: UInt64
        package let isOwn: Bool
    }

    package let unit: String
    package let node: UInt32
    package let feed: String
    package let from: UInt64
    package let branches: [Branch]

    /// - Parameter most: how much of a line a cut names.
    package static func all(
        _ transaction: Transaction, naming most: Int = Limits.leavesPerCut
    ) throws -> [ForkOutput] {
        let root = transaction.genesis?.root
        return try transaction.forkEvidence().map { evidence in
            let isCuttable = evidence.feed == .casework && evidence.author.unit != root
            return ForkOutput(
                unit: evidence.author.unit.text, node: evidence.author.enrollment, feed: "\(evidence.feed)",
                from: evidence.from,
                branches: evidence.branches.map {
                    let kept = isCuttable ? min($0.changeSets, most) : $0.changeSets
                    return Branch(
                        name: $0.name, changeSets: $0.changeSets, kept: kept, sealedFrom: $0.sealed.lowerBound,
                        sealedUntil: $0.sealed.upperBound, through: $0.through, isOwn: $0.isOwn)
                })
        }
    }
}
