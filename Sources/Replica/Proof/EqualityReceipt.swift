import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// One end's statement in a proof of equality, as it is kept.
package struct KeptStatement: Hashable, Sendable {
    /// What it says; nil where the bytes are no statement any more.
    package let said: SignedEquality?
    /// Who has signed it, by the author's opening; nil where nobody here knows.
    package let signer: Author?
    /// Whether the signature is the author's, over just this.
    package let isSigned: Bool

    static var unreadable: KeptStatement { KeptStatement(said: nil, signer: nil, isSigned: false) }
}

/// A proof of equality, with what each end has signed: whoever has it can hold it against the author's key.
package struct EqualityReceipt: Hashable, Sendable {
    package let proof: ProvenEquality
    package let own: KeptStatement
    package let theirs: KeptStatement

    /// Both have signed, each to the other, and both say the same.
    package var holds: Bool {
        guard own.isSigned, theirs.isSigned, let here = own.said, let there = theirs.said,
            let signer = theirs.signer
        else { return false }
        return here.digest == there.digest && here.runs == there.runs && here.changeSets == there.changeSets
            && here.runs == UInt64(exactly: proof.runs) && here.changeSets == UInt64(exactly: proof.changeSets)
            && signer.unit == proof.unit && signer.enrollment == proof.node
    }
}

extension Transaction {
    /// The last proof with each neighbour, by neighbour.
    /// - Throws: `ReplicaError`.
    package func equalityReceipts() throws -> [EqualityReceipt] {
        let rows = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM equality ORDER BY unit, node"))
        return try rows.compactMap { row in
            guard let proof = try equality(row) else { return nil }
            let own = try kept(try row[5], saidTo: (proof.unit, proof.node))
            // It was said to the name that this node had then; where that cannot be read any more, to today's.
            let name = try own.signer.map { ($0.unit, $0.enrollment) } ?? identity.map { ($0.unit, $0.ordinal) }
            let theirs = try name.map { try kept(try row[6], saidTo: $0) }
            return EqualityReceipt(proof: proof, own: own, theirs: theirs ?? .unreadable)
        }
    }

    private func kept(_ bytes: Data, saidTo other: (unit: UnitCode, node: UInt32)) throws -> KeptStatement {
        guard let wire = try? WireEquality(serializedBytes: bytes),
            let said = try? SignedEquality(wire: wire, to: other.unit, other.node)
        else { return .unreadable }
        let signer = try opening(of: said.author)?.author
        return KeptStatement(
            said: said, signer: signer,
            isSigned: try signer.map { try isSigned(said, by: $0.unit, $0.enrollment) } ?? false)
    }
}
