import ChangeSet
import Replica
import ServiceModel
import Trust

/// Whether keys and database of a folder belong to each other: somebody may have copied another machine's.
extension CertificateChain {
    /// Whether a database is that of the node that the certificates name. One that is enrolled again is renamed in its
    /// database before its certificates are put in place.
    func isOwner(of database: NodeIdentity, in genesis: SignedGenesis) -> Bool {
        leaf.name.unit == database.unit && leaf.name.ordinal == database.ordinal && isIn(genesis)
    }

    /// - Parameter path: of the database.
    /// - Throws: `NodeError.otherDatabase`.
    func demandOwner(of database: NodeIdentity, in genesis: SignedGenesis, at path: String) throws {
        guard isOwner(of: database, in: genesis) else {
            throw NodeError.otherDatabase(
                path, of: "\(database.unit)#\(database.ordinal)", network: isIn(genesis) ? nil : genesis.network,
                keys: "\(leaf.name.unit)#\(leaf.name.ordinal)")
        }
    }

    /// Whether they lead to the authority of a network, wherever the unit stood in it, and whatever the time.
    func isIn(_ genesis: SignedGenesis) -> Bool {
        (try? verify(TrustAnchor(genesis), lineage: { _, _ in true }, at: nil)) != nil
    }
}

extension Transaction {
    /// Whether what this node writes is to be sealed with a key: others hold its seals against the one in its author's
    /// opening. Any key will do while nobody has written.
    func isSealed(by key: SealKey) throws -> Bool {
        guard let author = try identity?.author, let opening = try opening(of: author)?.opening else { return true }
        return opening.sealKey == key.publicKey
    }
}
