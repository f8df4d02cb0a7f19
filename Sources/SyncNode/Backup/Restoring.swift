import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

/// What a restore did.
package struct Restoration: Sendable {
    /// Opened, as the new incarnation that it is.
    package let node: Node
    /// How often this machine's journal has been begun anew.
    package let depth: UInt32
    /// Whether the machine still had its anchor, and that was no guess.
    package let keptAnchor: Bool
    /// No running number up to it is given out.
    package let ceiling: UInt64
    /// Change sets that were not sealed when the backup was made: those that were sent come back, and only they count.
    package let resting: Int
    /// Files that lay there before, by the names that they have now.
    package let setAside: [String]
}

extension Backup {
    /// Puts a data directory in place of one that was lost or damaged, and opens its node, which goes on as a new
    /// incarnation: others may have seen what it wrote after the backup. Nobody else may use the directory meanwhile.
    ///
    /// What lies there and is needed stays: the anchor, which knows how far the lost database had got, and keys and
    /// settings if they are this node's. What has to give way is moved aside and never deleted. Whatever there is to
    /// refuse is refused before.
    /// - Parameters:
    ///   - replacing: false refuses a directory that has a replica.
    ///   - losingUnsent: false refuses to replace one that holds what is neither in the backup nor above. Of one that
    ///     cannot be read nobody knows.
    /// - Throws: `BackupError`, `RestoreError`, `NodeError`, `ReplicaError`.
    package func restore(
        into directory: NodeDirectory, replacing: Bool = false, losingUnsent: Bool = false, now: Moment,
        entropy: @escaping @Sendable (Int) -> Data, progress: (BackupStep) -> Void = { _ in }
    ) throws -> Restoration {
        try check(progress: progress)
        guard !directory.isBackup else { throw NodeError.isBackup(directory.url.path) }
        guard replacing || !directory.hasReplica else { throw RestoreError.holdsReplica(directory.url.path) }
        let certificates = try certificates(of: directory)
        try directory.create()
        try directory.demandWritable()
        let staged: StagedReplica
        do {
            staged = try stage(in: directory, progress: progress)
            if let certificates { try demand(certificates, in: staged.genesis, directory) }
            if directory.hasReplica {
                if !losingUnsent { try demandNothingLost(directory, beside: staged) }
                try leaveReplica(directory)
            }
        } catch {
            directory.forgetRestoring()
            throw error
        }
        let keepsKeys = certificates.map { hasKeys(of: $0, directory) } ?? false
        return try put(staged, in: directory, keepsKeys: keepsKeys, now: now, entropy: entropy)
    }

    /// The certificates that lie there; nil where they cannot be read.
    /// - Throws: `RestoreError.otherNode`.
    private func certificates(of directory: NodeDirectory) throws -> CertificateChain? {
        guard let chain = try? directory.readCertificates() else { return nil }
        let name = chain.leaf.name
        guard name.unit.text == manifest.unit, name.ordinal == manifest.node else {
            throw RestoreError.otherNode(directory.url.path, found: name.description, wanted: manifest.nodeName)
        }
        return chain
    }

    /// Whether the keys that lie there are those of the certificates: they are as new as the backup's, or newer.
    private func hasKeys(of chain: CertificateChain, _ directory: NodeDirectory) -> Bool {
        guard let key = try? directory.readNodeKey(directory.nodeKey),
            (try? directory.readKey(directory.sealKey) { try SealKey(pem: $0) }) != nil
        else { return false }
        return key.publicKey == chain.leaf.publicKey
    }

    /// A node of the same name in another network is another node.
    private func demand(_ chain: CertificateChain, in genesis: SignedGenesis, _ directory: NodeDirectory) throws {
        guard chain.isIn(genesis) else { throw RestoreError.otherNetwork(directory.url.path) }
    }

    /// What was written here and lies nowhere else would go with the replica. One that is damaged is for a salvage, and
    /// not asked.
    /// - Throws: `RestoreError.unsent`, `ReplicaError`.
    private func demandNothingLost(_ directory: NodeDirectory, beside staged: StagedReplica) throws {
        let count: Int
        do {
            count = try Replica.look(at: directory.replica.path) { try $0.writtenHereAlone(beyond: staged.sealed) }
        } catch {
            switch ReplicaFacts.failure(error) {
            case .unreadable, .damaged, .empty, .foreign: return
            default: throw error
            }
        }
        guard count == 0 else { throw RestoreError.unsent(directory.url.path, count) }
    }

    /// A replica that works is brought into one file; one that does not is left as it is.
    /// - Throws: `ReplicaError.busy` when a command has it open.
    private func leaveReplica(_ directory: NodeDirectory) throws {
        do {
            try Replica.close(path: directory.replica.path)
        } catch ReplicaError.unreadable, ReplicaError.empty {
            return
        }
    }

    /// Copies the database to where it will be needed, and looks whether it is what the manifest says.
    private func stage(in directory: NodeDirectory, progress: (BackupStep) -> Void) throws -> StagedReplica {
        let staged = directory.restoring
        directory.forgetRestoring()
        let database = Self.needed[0]
        let size = manifest.files.first { $0.name == database }.map { Int($0.bytes) } ?? 0
        let digest = try DurableFile.copy(file(database), to: staged) { progress(.copying($0, of: size)) }
        guard manifest.files.contains(where: { $0.name == database && $0.sha256 == digest.description }) else {
            throw BackupError.damaged(database)
        }
        let replica = try Replica(path: staged.path, rules: directory.rules, program: directory.program)
        let isOnOtherDisk = try Disk(of: folder) != Disk(of: directory.url)
        let held = try replica.write { transaction in
            guard let genesis = transaction.genesis, let identity = try transaction.identity,
                identity.unit.text == manifest.unit,
                identity.ordinal == manifest.node, genesis.id.description == manifest.network,
                try transaction.copied() != nil
            else { throw BackupError.damaged(database) }
            // The life that begins with it has said nothing to anybody yet.
            try transaction.note(
                row(isOnOtherDisk: isOnOtherDisk), holding: transaction.allGaplessHeads(), received: [:])
            let given = try transaction.numbers(givenAt: identity.unit, node: identity.ordinal).max() ?? 0
            return StagedReplica(
                number: max(given, manifest.ceiling), genesis: genesis,
                sealed: try transaction.sealedHeads(at: identity.unit))
        }
        try replica.close()
        try Replica.close(path: staged.path)
        try DurableFile.sync(staged)
        return held
    }

    /// Puts all in place, and opens the node. It can be done again after a power cut.
    /// - Parameter keepsKeys: what lies there of certificates and keys stays.
    private func put(
        _ staged: StagedReplica, in directory: NodeDirectory, keepsKeys: Bool, now: Moment,
        entropy: @escaping @Sendable (Int) -> Data
    ) throws -> Restoration {
        let known = try? Anchor(directory).read()
        var aside = FilesAside.beforeRestore(now)
        if known == nil { try aside.take(directory.anchor) }
        let anchor = try Anchor(directory).update(ifLost: { .guess(above: staged.number) }) { content in
            if known != nil { content.pass(staged.number) }
            return content
        }
        if !keepsKeys {
            for file in [directory.certificates, directory.nodeKey, directory.sealKey] { try aside.take(file) }
        }
        for suffix in ["", "-wal", "-shm"] { try aside.take(URL(filePath: directory.replica.path + suffix)) }
        try DurableFile.rename(directory.restoring, to: directory.replica)
        directory.forgetSalvage()
        // The certificates come last: their presence says that a node lives here.
        let names = manifest.files.map(\.name)
        for name in (Self.optional + Self.needed.dropFirst()) where names.contains(name) {
            let place = directory.url.appending(path: name)
            guard !FileManager.default.fileExists(atPath: place.path) else { continue }
            try NodeDirectory.write(try NodeDirectory.read(file(name)), to: place)
        }
        let node = try Node(directory, now: now, entropy: entropy)
        return try node.replica.read { transaction in
            Restoration(
                node: node, depth: try transaction.opening(of: try node.author(transaction))?.opening.depth ?? 0,
                keptAnchor: known != nil && known?.guessed != true, ceiling: anchor.ceiling,
                resting: try transaction.unsentOfEarlierIncarnations(), setAside: aside.names)
        }
    }
}

/// What the backup's database says, which lies where it will be needed and is not in place yet.
private struct StagedReplica {
    /// The greatest running number that is known to have been given.
    let number: UInt64
    let genesis: SignedGenesis
    /// The last sealed sequences of each author of the unit, by feed.
    let sealed: [AuthorID: [UInt64]]
}

extension FilesAside {
    /// For what gives way to a backup.
    static func beforeRestore(_ now: Moment) -> FilesAside { FilesAside(".before-restore-\(now.seconds)") }
}

extension TrustAnchor {
    /// - Throws: `CertificateProblem`.
    init(_ genesis: SignedGenesis) throws {
        self.init(try AuthorityCertificate(der: genesis.authority), root: genesis.root)
    }
}

extension NodeDirectory {
    var hasReplica: Bool { FileManager.default.fileExists(atPath: replica.path) }

    /// What a restore is writing.
    fileprivate var restoring: URL { URL(filePath: replica.path + ".restoring") }

    /// Removes what a restore left that was stopped or refused.
    fileprivate func forgetRestoring() {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: restoring.path + suffix)
        }
    }
}
