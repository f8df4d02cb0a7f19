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
    /// Whether the machine still had its anchor, and that was no guess and not behind the numbers that lay there.
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
    ///   - losingUnsent: false refuses to replace one that holds what is neither in the backup nor above, or may: of
    ///     one that cannot be read nobody knows.
    /// - Throws: `BackupError`, `RestoreError`, `NodeError`, `ReplicaError`.
    package func restore(
        into directory: NodeDirectory, replacing: Bool = false, losingUnsent: Bool = false, now: Moment,
        entropy: @escaping @Sendable (Int) -> Data, progress: (BackupStep) -> Void = { _ in }
    ) throws -> Restoration {
        try check(progress: progress)
        try directory.demandNoBackup()
        try demandReplaceable(directory, replacing: replacing, losingUnsent: losingUnsent)
        let certificates = try certificates(of: directory)
        try directory.create()
        try directory.demandWritable()
        let keepsKeys = certificates.map { hasKeys(of: $0, directory) } ?? false
        var aside = FilesAside.beforeRestore(now)
        let anchor: (content: Anchor.Content, isKept: Bool)
        do {
            let staged = try stage(in: directory, progress: progress)
            if let certificates { try demand(certificates, in: staged.genesis, directory) }
            // A command may be at work on it, and its person be told that it is done.
            anchor = try Replica.holding(path: directory.replica.path) {
                if !losingUnsent { try demandNothingLost(directory, beside: staged) }
                return try put(staged, in: directory, keepsKeys: keepsKeys, &aside)
            }
        } catch {
            directory.forgetRestoring()
            throw error
        }
        aside.joinLog(of: directory.replica)
        let node = try Node(directory, now: now, entropy: entropy)
        return try node.replica.read { transaction in
            Restoration(
                node: node, depth: try transaction.opening(of: try node.author(transaction))?.opening.depth ?? 0,
                keptAnchor: anchor.isKept, ceiling: anchor.content.ceiling,
                resting: try transaction.unsentOfEarlierIncarnations(), setAside: aside.names)
        }
    }

    /// - Throws: `RestoreError.stoppedSalvage`, `.holdsReplica`.
    private func demandReplaceable(_ directory: NodeDirectory, replacing: Bool, losingUnsent: Bool) throws {
        let path = directory.url.path
        let isUsed = directory.hasReplica && Replica.isUsed(path: directory.replica.path)
        guard isUsed || !directory.hasSalvaged || losingUnsent else { throw RestoreError.stoppedSalvage(path) }
        guard replacing || !directory.hasReplica else { throw RestoreError.holdsReplica(path) }
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

    /// What was written here and lies nowhere else would go with the replica. One that cannot be read may hold such
    /// work, and a salvage bring it back.
    /// - Throws: `RestoreError`, `ReplicaError` where somebody else, or another program, can read it.
    private func demandNothingLost(_ directory: NodeDirectory, beside staged: StagedReplica) throws {
        let (file, path) = (directory.replica.path, directory.url.path)
        let owner: (name: String, genesis: SignedGenesis)
        let isOwn: Bool
        var (unsent, resting, isRoot) = (0, 0, false)
        do {
            owner = try Replica.lookUnread(at: file) { transaction in
                guard let identity = try transaction.identity, let genesis = transaction.genesis else {
                    throw ReplicaError.damaged("node")
                }
                return ("\(identity.unit)#\(identity.ordinal)", genesis)
            }
            isOwn = owner.name == manifest.nodeName && owner.genesis.id == staged.genesis.id
            if isOwn {
                (unsent, resting, isRoot) = try Replica.look(at: file) { transaction in
                    let lost = try transaction.placesOfRestingUnseen().subtracting(staged.unsealed)
                    return (
                        try transaction.writtenHereAlone(beyond: staged.sealed), lost.count, try transaction.isRoot
                    )
                }
            }
        } catch {
            switch ReplicaFacts.failure(error) {
            case .absent, .foreign: return
            case .empty where !Replica.isUsed(path: file): return
            case .busy, .storage, .newer, .older: throw error
            case let failure: throw RestoreError.unknownWork(path, why: failure.code)
            }
        }
        guard isOwn else {
            let isSameNetwork = owner.genesis.id == staged.genesis.id
            throw RestoreError.otherDatabase(
                path, of: owner.name, network: isSameNetwork ? nil : owner.genesis.network)
        }
        guard unsent == 0 else { throw RestoreError.unsent(path, unsent, isRoot: isRoot) }
        guard resting == 0 else { throw RestoreError.resting(path, resting) }
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
                sealed: try transaction.sealedHeads(at: identity.unit), unsealed: try transaction.placesOfUnsealed())
        }
        try replica.close()
        try Replica.close(path: staged.path)
        try DurableFile.sync(staged)
        return held
    }

    /// Puts all in place. It can be done again after a power cut.
    /// - Parameter keepsKeys: what lies there of certificates and keys stays.
    /// - Returns: the anchor, and whether it was there, and no guess that it still is.
    private func put(
        _ staged: StagedReplica, in directory: NodeDirectory, keepsKeys: Bool, _ aside: inout FilesAside
    ) throws -> (content: Anchor.Content, isKept: Bool) {
        let known = try? Anchor(directory).read()
        if known == nil { try aside.take(directory.anchor) }
        let number = max(staged.number, greatestNumber(in: directory, staged.genesis))
        let anchor = try Anchor(directory).update(ifLost: { .guess(above: number) }) { content in
            if known != nil { content.cover(number) }
            return content
        }
        if !keepsKeys {
            for file in [directory.certificates, directory.nodeKey, directory.sealKey] { try aside.take(file) }
        }
        for suffix in ["", "-wal", "-shm"] { try aside.take(URL(filePath: directory.replica.path + suffix)) }
        try aside.take(directory.salvaged)
        try DurableFile.rename(directory.restoring, to: directory.replica)
        directory.forgetStaged()
        // The certificates come last: their presence says that a node lives here.
        let names = manifest.files.map(\.name)
        for name in (Self.optional + Self.needed.dropFirst()) where names.contains(name) {
            let place = directory.url.appending(path: name)
            guard !FileManager.default.fileExists(atPath: place.path) else { continue }
            try NodeDirectory.write(try NodeDirectory.read(file(name)), to: place)
        }
        return (anchor, known != nil && anchor.guessed != true)
    }

    /// The anchor may be older than what gives way, whose numbers are on paper.
    /// - Returns: the greatest running number that it says this node has given; 0 where it cannot be read.
    private func greatestNumber(in directory: NodeDirectory, _ genesis: SignedGenesis) -> UInt64 {
        guard let unit = UnitCode(manifest.unit) else { return 0 }
        let numbers = [directory.replica, directory.salvaged].compactMap { file in
            try? Replica.lookUnread(at: file.path) { transaction -> UInt64? in
                guard transaction.genesis?.id == genesis.id else { return nil }
                return try transaction.numbers(givenAt: unit, node: manifest.node).max()
            }
        }
        return numbers.max() ?? 0
    }
}

/// What the backup's database says, which lies where it will be needed and is not in place yet.
private struct StagedReplica {
    /// The greatest running number that is known to have been given.
    let number: UInt64
    let genesis: SignedGenesis
    /// The last sealed sequences of each author of the unit, by feed.
    let sealed: [AuthorID: [UInt64]]
    /// Where what its node wrote stands that was not sealed: in the life that begins with it, all of that rests.
    let unsealed: Set<Place>
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

    /// - Throws: `NodeError.isBackup`.
    package func demandNoBackup() throws {
        guard !isBackup else { throw NodeError.isBackup(url.path) }
    }

    /// What a restore is writing.
    fileprivate var restoring: URL { URL(filePath: replica.path + ".restoring") }

    /// Removes what a restore left that was stopped or refused.
    fileprivate func forgetRestoring() {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: restoring.path + suffix)
        }
    }
}
