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
    /// Whether the node will go on as the author that it was: its anchor knows it, and its database can be read and is
    /// no copy.
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
        let owner = try owner(of: directory)
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
        return KeyRestoration(
            nodeName: manifest.nodeName, taken: lacking, setAside: aside.names, goesOn: goesOn(directory))
    }

    /// Whether the database can be worked with, and anchor and database agree on who writes.
    private func goesOn(_ directory: NodeDirectory) -> Bool {
        guard let known = try? Anchor(directory).read() else { return false }
        let agrees = try? Replica.look(at: directory.replica.path) { transaction in
            guard let author = try transaction.identity?.author, try transaction.copied() == nil else { return false }
            return try transaction.passed(author, by: known) == nil
        }
        return agrees ?? false
    }

    /// Whose keys the database of a directory asks for.
    /// - Throws: `RestoreError`, `ReplicaError` where somebody else, or a newer program, can read it.
    private func owner(of directory: NodeDirectory) throws -> KeyOwner {
        let path = directory.url.path
        let (identity, network, owner): (NodeIdentity, String, KeyOwner)
        do {
            (identity, network, owner) = try directory.lookForOwner()
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
        return owner
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
    /// Or what a stopped salvage has saved.
    /// - Throws: `RestoreError.noReplica`.
    package func demandReplica() throws {
        guard hasReplica || hasSalvaged else { throw RestoreError.noReplica(url.path) }
    }

    /// In the database; where there is none, or an empty one, in what a stopped salvage has saved.
    fileprivate func lookForOwner() throws -> (NodeIdentity, network: String, KeyOwner) {
        do {
            return try Self.lookForOwner(in: replica)
        } catch ReplicaError.absent where hasSalvaged, ReplicaError.empty where hasSalvaged {
            return try Self.lookForOwner(in: salvaged)
        }
    }

    private static func lookForOwner(in database: URL) throws -> (NodeIdentity, network: String, KeyOwner) {
        try Replica.lookUnread(at: database.path) { transaction in
            guard let identity = try transaction.identity, let genesis = transaction.genesis,
                let opening = try identity.author.flatMap({ try transaction.opening(of: $0) }),
                let owner = KeyOwner(opening.opening, genesis)
            else { throw ReplicaError.damaged("node") }
            return (identity, genesis.id.description, owner)
        }
    }
}
