import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// Closes what this node has written and not sealed. The anchor knows of it before any of it can leave.
    package func seal(now: Moment) throws {
        let open: AuthorID? = try replica.read { transaction in
            let author = try self.author(transaction)
            return try transaction.hasUnsealed(author) ? author : nil
        }
        guard let author = open else { return }
        let (opened, heads) = try replica.write { transaction in
            _ = try transaction.seal(
                author, key: sealKey.key, quoted: try transaction.quotedAcknowledgement(), time: now.seconds)
            return (try transaction.opening(of: author)?.author, try transaction.sealedHeads(of: author))
        }
        if let opened { try anchor.note(heads, of: opened) }
    }

    /// A join is bare bytes under the authority's signature.
    /// - Throws: `WireError.signature`.
    func checkJoin(_ bytes: Data) throws {
        guard let signed = try? WireSigned(serializedBytes: bytes) else { throw WireError.malformed("join") }
        guard trustAnchor.publicKey.isValidSignature(signed.signature, for: signed.content) else {
            throw WireError.signature
        }
    }
}
