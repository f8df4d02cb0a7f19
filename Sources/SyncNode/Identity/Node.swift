import ChangeSet
import Foundation
import Replica
import ServiceModel
import Synchronization
import Trust

/// A node: its replica, its keys, and every action that it can take. Synchronous; time and randomness are handed in.
package final class Node: Sendable {
    /// What for one is opened.
    package enum Purpose: Sendable {
        /// It is looked at as it lies there, and nothing begins: no incarnation, no anchor.
        case reading
        /// It goes on, as the next incarnation where it must.
        case work
        /// The same, also where that leaves behind what it has written and not sealed.
        case workLeavingUnsealed
    }

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
    /// Running numbers that are set aside for this process, and for whom: who goes on as another author, in whatever
    /// process, may have left a gap behind them.
    let numbers = Mutex<(author: AuthorID, range: ClosedRange<UInt64>)?>(nil)
    let chains = Mutex(ChainCache())
    /// What the anchor was last told by this process.
    let noted = Mutex<SealedHeads?>(nil)

    /// Opens the node of a folder. What comes from a backup, or may, goes on as a new incarnation that closes the one
    /// before, unless it is only read.
    /// - Parameter entropy: gives so many random bytes.
    /// - Throws: `NodeError`, `ReplicaError`.
    package init(
        _ directory: NodeDirectory, for purpose: Purpose = .work, now: Moment,
        entropy: @escaping @Sendable (Int) -> Data
    ) throws {
        try directory.demandNode()
        guard !directory.isBackup else { throw NodeError.isBackup(directory.url.path) }
        try directory.demandWritable()
        self.directory = directory
        self.entropy = entropy
        anchor = Anchor(directory, isFixed: purpose == .reading)
        replica = try directory.openReplica()
        let (genesis, identity) = try replica.founded()
        self.genesis = genesis
        guard let authority = try? AuthorityCertificate(der: genesis.authority) else {
            throw ReplicaError.damaged("node.genesis")
        }
        trustAnchor = TrustAnchor(authority, root: genesis.root)
        // Every leaf is named after it: where the disk has changed it, all that is held would seem damaged.
        guard trustAnchor.publicKey.isValidSignature(genesis.signature, for: genesis.content) else {
            throw ReplicaError.damaged("node.genesis")
        }
        try directory.takeNext { $0.isOwner(of: identity, in: genesis) }
        try directory.demandKeys()
        nodeKey = try directory.readNodeKey(directory.nodeKey)
        sealKey = try directory.readKey(directory.sealKey) { try SealKey(pem: $0) }
        chain = try directory.readCertificates()
        name = chain.leaf.name
        try chain.demandOwner(of: identity, in: genesis, at: directory.replica.path)
        guard purpose != .reading else { return }
        guard nodeKey.publicKey == chain.leaf.publicKey else { throw NodeError.otherKey(directory.nodeKey.path) }
        let leavesUnsealed = purpose == .workLeavingUnsealed
        do {
            try beginIncarnationIfNeeded(leavingUnsealed: leavesUnsealed)
        } catch ReplicaError.damagedRun, ReplicaError.damagedOpening {
            // Nothing can be read before the charter can.
            try takeOutDamage(startingLeavingUnsealed: leavesUnsealed, now: now)
            try beginIncarnationIfNeeded(leavingUnsealed: leavesUnsealed)
        }
        guard try replica.read({ try $0.isSealed(by: sealKey) }) else {
            throw NodeError.otherKey(directory.sealKey.path)
        }
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
