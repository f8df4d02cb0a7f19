import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// Closes what this node has written and not sealed. The anchor knows of it before any of it can leave.
    package func seal(now: Moment) throws { try readSealed(now: now) { _ in } }

    /// Reads what may leave: nothing that this node has written stays unsealed when it began.
    func readSealed<T>(now: Moment, _ body: (Transaction) throws -> T) throws -> T {
        let (open, found): (AuthorID?, T?) = try replica.read { transaction in
            let author = try self.author(transaction)
            return try transaction.hasUnsealed(author) ? (author, nil) : (nil, body(transaction))
        }
        if let found { return found }
        if let open { try close(open, now: now) }
        return try replica.read(body)
    }

    private func close(_ author: AuthorID, now: Moment) throws {
        let sealed = try replica.write { transaction in
            try transaction.sealAndDerive(
                author, key: sealKey.key, quoted: try transaction.quotedAcknowledgement(), time: now.seconds)
            let sealed = try self.sealed(transaction)
            try demandKnown(sealed)
            return sealed
        }
        try noteSealed(sealed)
    }

    /// What was sealed before is still there. Else the database was right when it was opened and the disk has changed
    /// an index since, and what is sealed now may stand where something has stood before.
    /// - Throws: `ReplicaError.index`; nothing is sealed then.
    private func demandKnown(_ sealed: SealedHeads?) throws {
        #if PLANTED
            if Planted.present == .sequenceReusedAfterRestore { return }
        #endif
        guard let sealed, let known = try anchor.read(), known.author == sealed.author.id.description else { return }
        guard sealed.reach(known.heads) else { throw ReplicaError.index("run_place") }
    }

    /// How far this node has sealed what it writes.
    func sealed(_ transaction: Transaction) throws -> SealedHeads? {
        guard let author = try transaction.opening(of: try author(transaction))?.author else { return nil }
        var sealed = SealedHeads(author: author, heads: try transaction.ownSealedHeads(of: author.id))
        guard try transaction.forkedAuthors().contains(author), let known = try anchor.read(),
            known.author == author.id.description
        else { return sealed }
        sealed.elsewhere = try transaction.endsElsewhere(known.heads, of: author.id)
        return sealed
    }

    /// Brings the anchor up to this before any of it leaves. Whoever sealed it may have died before noting it.
    func noteSealed(_ sealed: SealedHeads?) throws {
        guard let sealed else { return }
        try noted.withLock { last in
            guard last != sealed else { return }
            try anchor.note(sealed, ifLost: anchorFromReplica)
            last = sealed
        }
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

/// The last sealed sequences of an author, by feed.
struct SealedHeads: Equatable, Sendable {
    let author: Author
    /// Of the line that goes on here.
    var heads: [UInt64] = [0, 0, 0]
    /// In forked journals what the anchor knew, where another line ends there; else 0. It was taken for the end of the
    /// only one, before there was a fork.
    var elsewhere: [UInt64] = [0, 0, 0]

    /// Whether all is there that was known to be sealed.
    func reach(_ known: [UInt64]) -> Bool {
        zip(zip(heads, elsewhere), known).allSatisfy { $0.0 >= $1 || $0.1 == $1 }
    }

    /// What is known with this.
    func added(to known: [UInt64]) -> [UInt64] {
        zip(zip(heads, elsewhere), known).map { $0.1 == $1 ? $0.0 : max($0.0, $1) }
    }
}
