import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

/// A line of the charter that nothing else stands on yet.
package struct CharterBranch: Sendable {
    /// Its last entry.
    package let tip: CharterEntry
    /// What only this branch has, the oldest first.
    package let own: [CharterEntry]
}

/// A root that was restored and went on without what it had entered since: its charter has two branches. Both are held
/// and read in the order of their numbers, but the pins of one do not compare with the other's, until the authority
/// adopts one (RULES, "Charter").
extension Node {
    /// The branches, the one that goes on last; a single one where there is no split.
    package func charterBranches() throws -> [CharterBranch] { try replica.read { $0.charter.branches } }

    /// Reads the key that founded the network.
    /// - Throws: `NodeError`, `KeyProblem`.
    package func authorityKey(_ file: URL) throws -> AuthorityKey {
        try directory.readKey(file) { try AuthorityKey(pem: $0) }
    }

    /// Adopts every branch but the one that goes on.
    /// - Parameter authority: the key that founded the network.
    /// - Returns: how many were adopted.
    /// - Throws: `NodeError.notRoot`, `.notAuthority`.
    package func joinBranches(authority: AuthorityKey) throws -> Int {
        guard isRoot else { throw NodeError.notRoot }
        guard authority.publicKey == trustAnchor.publicKey else { throw NodeError.notAuthority }
        return try replica.write { transaction in
            let orphans = transaction.charter.branches.dropLast().map(\.tip)
            for orphan in orphans {
                let content = try WireJoin.with {
                    $0.number = max(transaction.pin.number, orphan.number) + 1
                    $0.previous = transaction.pin.digest.value.data
                    $0.orphan = orphan.digest.value.data
                }.serializedData()
                let signed = try WireSigned.with {
                    $0.content = content
                    $0.signature = try authority.signature(for: content)
                }
                try transaction.enter(join: try signed.serializedData())
            }
            return orphans.count
        }
    }
}

extension Charter {
    fileprivate var branches: [CharterBranch] {
        tips.compactMap { tip in
            guard let entry = entry(tip) else { return nil }
            let others = tips.filter { $0 != tip }
            var own: [CharterEntry] = []
            var next: CharterEntry? = entry
            while let one = next, !others.contains(where: { isBehind(one.digest, $0) }) {
                own.append(one)
                next = one.previous.flatMap { self.entry($0) }
            }
            return CharterBranch(tip: entry, own: others.isEmpty ? [] : own.reversed())
        }
    }
}
