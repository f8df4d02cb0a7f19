import ChangeSet
import Foundation
import Replica
import ServiceModel
import Synchronization
import Trust

/// A node: its replica, its keys, and every action that it can take. Synchronous; time and randomness are handed in.
package final class Node: Sendable {
    package let directory: NodeDirectory
    package let replica: Replica
    package let name: NodeName
    package let genesis: SignedGenesis
    /// The unit that is the root of the network.
    package var isRoot: Bool { name.unit == genesis.root }

    let anchor: Anchor
    let nodeKey: NodeKey
    let sealKey: SealKey
    package let chain: CertificateChain
    let trustAnchor: TrustAnchor
    /// So many random bytes, from the system.
    let entropy: @Sendable (Int) -> Data
    private let numbers = Mutex<ClosedRange<UInt64>?>(nil)
    let chains = Mutex(ChainCache())
    /// What the anchor was last told by this process.
    let noted = Mutex<SealedHeads?>(nil)

    /// Opens the node of a folder. A database that is behind the anchor, or that does not know who wrote last, comes
    /// from a backup: it goes on as a new incarnation that closes the one before.
    /// - Parameter entropy: gives so many random bytes.
    /// - Throws: `NodeError`, `ReplicaError`.
    package init(_ directory: NodeDirectory, now: Moment, entropy: @escaping @Sendable (Int) -> Data) throws {
        guard directory.isFounded else { throw NodeError.notFounded(directory.url.path) }
        try directory.demandWritable()
        self.directory = directory
        self.entropy = entropy
        anchor = Anchor(directory)
        replica = try Replica(path: directory.replica.path)
        guard let (genesis, ordinal) = try replica.read({ try Self.identity($0) }) else {
            throw NodeError.notFounded(directory.url.path)
        }
        try directory.takeNext(ordinal: ordinal)
        nodeKey = try directory.readKey(directory.nodeKey) { try NodeKey(pem: $0) }
        sealKey = try directory.readKey(directory.sealKey) { try SealKey(pem: $0) }
        chain = try directory.readCertificates()
        name = chain.leaf.name
        self.genesis = genesis
        trustAnchor = TrustAnchor(try AuthorityCertificate(der: genesis.authority), root: genesis.root)
        try beginIncarnationIfNeeded()
    }

    private static func identity(_ transaction: Transaction) throws -> (SignedGenesis, UInt32)? {
        guard let genesis = transaction.genesis, let identity = try transaction.identity else { return nil }
        return (genesis, identity.ordinal)
    }

    /// The author that this node writes as.
    package func author(_ transaction: Transaction) throws -> AuthorID {
        guard let author = try transaction.identity?.author else { throw NodeError.notFounded(directory.url.path) }
        return author
    }

    func newSeed() -> Seed {
        guard let seed = Seed(entropy(16)) else { preconditionFailure("entropy gives what it is asked for") }
        return seed
    }

    /// The next number for a paper. Every start begins behind the ceiling of the last one.
    func nextNumber() throws -> UInt64 {
        try numbers.withLock { held in
            let range = try held ?? anchor.reserveNumbers()
            held = range.count > 1 ? range.lowerBound + 1...range.upperBound : nil
            return range.lowerBound
        }
    }

    private func beginIncarnationIfNeeded() throws {
        if try replica.read({ try $0.identity?.author == nil }) { try anchor.forgetAuthor() }
        let known = try anchor.read()
        let opened = try replica.write { transaction -> Author? in
            guard let author = try transaction.identity?.author else {
                return try open(in: transaction, closing: nil, above: nil)
            }
            guard let known, !known.author.isEmpty, let earlier = try passed(author, by: known, transaction) else {
                return nil
            }
            let opened = try open(in: transaction, closing: earlier, above: known.depth)
            try transaction.renew(incarnation: Self.incarnation(entropy))
            return opened
        }
        // From now on a database that does not know this one comes from a backup, whether or not this one writes.
        if let opened { try anchor.note([0, 0, 0], of: opened) }
    }

    /// Whether somebody wrote under this node's name what its database does not hold.
    /// - Returns: the latest author that it does know, whom the next one closes; nil when it knows everything.
    private func passed(
        _ author: AuthorID, by known: Anchor.Content, _ transaction: Transaction
    ) throws -> AuthorID? {
        if known.author == author.description {
            let sealed = try transaction.sealedHeads(of: author)
            return zip(sealed, known.heads).contains { $0 < $1 } ? author : nil
        }
        guard let last = Bytes16(hex: known.author).map(AuthorID.init), let later = try transaction.opening(of: last)
        else { return author }
        let depth = try transaction.opening(of: author)?.opening.depth ?? 0
        return later.opening.depth > depth ? last : nil
    }

    /// Writes the opening of a new incarnation.
    /// - Parameter above: the depth of one that may be unknown here.
    private func open(in transaction: Transaction, closing earlier: AuthorID?, above: UInt32?) throws -> Author {
        let closed = try earlier.flatMap { try transaction.opening(of: $0) }?.opening.depth
        let depth = earlier == nil ? 0 : max(closed ?? 0, above ?? 0) + 1
        let opening = try SignedOpening(
            Opening(
                unit: name.unit, node: name.ordinal, random: entropy(8), certificates: chain.der.map { Data($0) },
                sealKey: sealKey.publicKey, earlier: earlier,
                earlierHeads: try earlier.map { try transaction.knownHeads(of: $0) } ?? [], depth: depth),
            sign: { try nodeKey.signature(for: $0) })
        try transaction.introduce(opening)
        try transaction.write(as: opening.author.id)
        return opening.author
    }

    /// Checks an author's opening: its certificates lead to the authority, name its unit and node, and signed it.
    /// - Throws: `CertificateProblem`, `WireError.signature`.
    func check(_ opening: SignedOpening, charter: Charter) throws {
        let verified = try chains.withLock { cache in
            try cache.verify(
                der: opening.opening.certificates, trustAnchor,
                lineage: { charter.hasEverBeenAbove($0, $1) }, at: nil)
        }
        guard verified.name.unit == opening.opening.unit, verified.name.ordinal == opening.opening.node,
            verified.publicKey.isValidSignature(opening.signature, for: opening.content)
        else { throw WireError.signature }
    }
}
