import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

/// What a restore of keys alone did.
package struct KeyRestoration: Sendable {
    /// `379902#1`, by the database.
    package let nodeName: String
    /// Files that were taken from the backup, by name; none where all that lie there fit.
    package let taken: [String]
    /// Files that lay there before, by the names that they have now.
    package let setAside: [String]
    /// Whether the node will go on as the author that it was: its anchor is there, and its database is no copy.
    package let goesOn: Bool
}

extension Backup {
    /// Puts back what is missing or damaged of the keys and certificates of a node, or is another's. The database, the
    /// anchor and the settings are left alone, whatever an earlier program or the disk has made of them. What has to
    /// give way is moved aside; whatever there is to refuse is refused before. Nobody else may use the directory
    /// meanwhile.
    /// - Throws: `BackupError`, `RestoreError`, `NodeError`, `ReplicaError`.
    package func restoreKeys(
        into directory: NodeDirectory, now: Moment, progress: (BackupStep) -> Void = { _ in }
    ) throws -> KeyRestoration {
        try directory.demandNoBackup()
        try directory.demandReplica()
        try directory.demandWritable()
        let (owner, isCopy) = try self.owner(of: directory)
        let lacking = try owner.filesLacking(in: directory)
        try check(lacking, progress: progress)
        if let other = try owner.filesLacking(in: NodeDirectory(folder)).first(where: lacking.contains) {
            throw RestoreError.otherKey(directory.url.path, file: other)
        }
        let contents = try lacking.map { try NodeDirectory.read(file($0)) }
        var aside = FilesAside.beforeRestore(now)
        for (name, content) in zip(lacking, contents) {
            let place = directory.url.appending(path: name)
            try aside.take(place)
            try NodeDirectory.write(content, to: place)
        }
        let hasAnchor = (try? Anchor(directory).read()) != nil
        return KeyRestoration(
            nodeName: manifest.nodeName, taken: lacking, setAside: aside.names, goesOn: hasAnchor && !isCopy)
    }

    /// Whose keys the database of a directory asks for, and whether it is a copy.
    /// - Throws: `RestoreError`, `ReplicaError` where somebody else, or a newer program, can read it.
    private func owner(of directory: NodeDirectory) throws -> (KeyOwner, isCopy: Bool) {
        let path = directory.url.path
        let (identity, network, owner, isCopy): (NodeIdentity, String, KeyOwner, Bool)
        do {
            (identity, network, owner, isCopy) = try Replica.lookUnread(at: directory.replica.path) { transaction in
                guard let identity = try transaction.identity, let genesis = transaction.genesis,
                    let opening = try identity.author.flatMap({ try transaction.opening(of: $0) }),
                    let owner = KeyOwner(opening.opening, genesis)
                else { throw ReplicaError.damaged("node") }
                // Where that cannot be told, as in a database of the first release, it may be one.
                let isCopy = (try? transaction.copied() != nil) ?? true
                return (identity, genesis.id.description, owner, isCopy)
            }
        } catch {
            switch ReplicaFacts.failure(error) {
            case .busy, .newer: throw error
            case let failure: throw RestoreError.unreadable(path, why: failure.code)
            }
        }
        guard identity.unit.text == manifest.unit, identity.ordinal == manifest.node else {
            throw RestoreError.otherNode(
                path, found: "\(identity.unit)#\(identity.ordinal)", wanted: manifest.nodeName)
        }
        guard network == manifest.network else { throw RestoreError.otherNetwork(path) }
        return (owner, isCopy)
    }
}

/// Whose keys and certificates a database asks for: by the opening of the author that it goes on as.
private struct KeyOwner {
    private let network: TrustAnchor
    private let certificate: NodeCertificate
    private let sealKey: Data

    /// nil for an opening without a certificate that can be read.
    init?(_ opening: Opening, _ genesis: SignedGenesis) {
        guard let network = try? TrustAnchor(genesis),
            let certificate = opening.certificates.first.flatMap({ try? NodeCertificate(der: $0) })
        else { return nil }
        self.network = network
        self.certificate = certificate
        sealKey = opening.sealKey
    }

    /// Which files are missing, damaged or another's in a directory, by name; the certificates last, whose presence
    /// says that a node lives there.
    /// - Throws: `NodeError.file` where this account may not look.
    func filesLacking(in directory: NodeDirectory) throws -> [String] {
        let looks: [(file: URL, fits: () throws -> Bool)] = [
            (
                directory.nodeKey,
                {
                    try directory.readKey(directory.nodeKey) { try NodeKey(pem: $0) }.publicKey
                        == certificate.publicKey
                }
            ),
            (
                directory.sealKey,
                { try directory.readKey(directory.sealKey) { try SealKey(pem: $0) }.publicKey == sealKey }
            ),
            (
                directory.certificates,
                {
                    let chain = try directory.readCertificates()
                    _ = try chain.verify(network, lineage: { _, _ in true }, at: nil)
                    return chain.leaf.der == certificate.der
                }
            ),
        ]
        return try looks.filter { try !isTrue($0.fits) }.map(\.file.lastPathComponent)
    }

    /// What cannot be read does not fit, but for what somebody else could read.
    private func isTrue(_ fits: () throws -> Bool) throws -> Bool {
        do {
            return try fits()
        } catch {
            if case NodeError.file(_, let trouble) = error, trouble.isDenied { throw error }
            return false
        }
    }
}

extension NodeDirectory {
    /// - Throws: `RestoreError.noReplica`.
    package func demandReplica() throws {
        guard hasReplica else { throw RestoreError.noReplica(url.path) }
    }
}
