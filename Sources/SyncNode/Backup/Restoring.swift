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
    /// settings if they are this node's. What has to give way is moved aside and never deleted.
    /// - Parameter replacing: false refuses a directory that has a replica.
    /// - Throws: `BackupError`, `RestoreError`, `NodeError`, `ReplicaError`.
    package func restore(
        into directory: NodeDirectory, replacing: Bool = false, now: Moment,
        entropy: @escaping @Sendable (Int) -> Data, progress: (BackupStep) -> Void = { _ in }
    ) throws -> Restoration {
        try check(progress: progress)
        try directory.create()
        try directory.demandWritable()
        guard replacing || !directory.hasReplica else { throw RestoreError.holdsReplica(directory.url.path) }
        let machine = try machine(of: directory)
        if directory.hasReplica { try leaveReplica(directory) }
        let staged = try stage(in: directory, progress: progress)
        if let machine { try demand(machine, in: staged.genesis, directory) }
        let known = try? Anchor(directory).read()

        var aside = FilesAside(".before-restore-\(now.seconds)")
        if known == nil { try aside.take(directory.anchor) }
        let anchor = try Anchor(directory).update(ifLost: { .guess(above: staged.number) }) { content in
            if known != nil { content.pass(staged.number) }
            return content
        }
        if machine == nil {
            for file in [directory.certificates, directory.nodeKey, directory.sealKey] { try aside.take(file) }
        }
        for suffix in ["", "-wal", "-shm"] { try aside.take(URL(filePath: directory.replica.path + suffix)) }
        try DurableFile.rename(staged.file, to: directory.replica)
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

    /// The certificates that lie there, if they and the keys can be read: they are as new as the backup's, or newer.
    /// - Throws: `RestoreError.otherNode`.
    private func machine(of directory: NodeDirectory) throws -> CertificateChain? {
        guard directory.isFounded, let chain = try? directory.readCertificates(),
            let key = try? directory.readNodeKey(directory.nodeKey),
            (try? directory.readKey(directory.sealKey) { try SealKey(pem: $0) }) != nil
        else { return nil }
        let name = chain.leaf.name
        guard name.unit.text == manifest.unit, name.ordinal == manifest.node else {
            throw RestoreError.otherNode(
                directory.url.path, found: name.description, wanted: manifest.nodeName)
        }
        return key.publicKey == chain.leaf.publicKey ? chain : nil
    }

    /// A node of the same name in another network is another node.
    private func demand(_ chain: CertificateChain, in genesis: SignedGenesis, _ directory: NodeDirectory) throws {
        guard chain.isIn(genesis) else { throw RestoreError.otherNetwork(directory.url.path) }
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
    /// - Returns: also the greatest running number that is known to have been given.
    private func stage(
        in directory: NodeDirectory, progress: (BackupStep) -> Void
    ) throws -> (file: URL, number: UInt64, genesis: SignedGenesis) {
        let staged = URL(filePath: directory.replica.path + ".restoring")
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: staged.path + suffix)
        }
        let database = Self.needed[0]
        let size = manifest.files.first { $0.name == database }.map { Int($0.bytes) } ?? 0
        let digest = try DurableFile.copy(file(database), to: staged) { progress(.copying($0, of: size)) }
        guard manifest.files.contains(where: { $0.name == database && $0.sha256 == digest.description }) else {
            throw BackupError.damaged(database)
        }
        let replica = try Replica(path: staged.path, rules: directory.rules, program: directory.program)
        let isOnOtherDisk = try Disk(of: folder) != Disk(of: directory.url)
        let (number, genesis) = try replica.write { transaction in
            guard let genesis = transaction.genesis, let identity = try transaction.identity,
                identity.unit.text == manifest.unit,
                identity.ordinal == manifest.node, genesis.id.description == manifest.network,
                try transaction.copied() != nil
            else { throw BackupError.damaged(database) }
            // The life that begins with it has said nothing to anybody yet.
            try transaction.note(
                row(isOnOtherDisk: isOnOtherDisk), holding: transaction.allGaplessHeads(), received: [:])
            return (try transaction.numbers(givenAt: identity.unit, node: identity.ordinal).max() ?? 0, genesis)
        }
        try replica.close()
        try Replica.close(path: staged.path)
        try DurableFile.sync(staged)
        return (staged, max(number, manifest.ceiling), genesis)
    }
}

extension NodeDirectory {
    fileprivate var hasReplica: Bool { FileManager.default.fileExists(atPath: replica.path) }
}
