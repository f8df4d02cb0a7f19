import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

/// What a salvage did.
package struct Salvaged: Sendable {
    /// Opened, as the new incarnation that it is.
    package let node: Node
    /// nil where an earlier attempt had saved everything already, and was stopped before its file was put in the place
    /// of the old one.
    package let salvage: Salvage?
    /// The names that the damaged files have now.
    package let kept: [String]
}

extension Node {
    /// Puts a new database in the place of a damaged one: with what can still be read of it. The node goes on as
    /// another author, since what it had not sent may be missing without a trace, and its neighbours are asked for
    /// everything. Nobody else may use the directory meanwhile. It can be stopped at any moment and begun again.
    /// Whatever there is to refuse is refused before anything is put in place.
    /// - Parameters:
    ///   - leavesUnsealed: also where the anchor is missing and work would be left behind.
    ///   - entropy: gives so many random bytes.
    /// - Throws: `SalvageError`, `NodeError`, `ReplicaError`.
    package static func salvage(
        _ directory: NodeDirectory, leavingUnsealed leavesUnsealed: Bool = false, now: Moment,
        entropy: @escaping @Sendable (Int) -> Data, progress: (SalvageStep) -> Void
    ) throws -> Salvaged {
        try directory.demandNoBackup()
        try directory.demandNode()
        try directory.demandKeys()
        try directory.demandWritable()
        let known = try Anchor(directory).read()
        var salvage: Salvage?
        var aside = FilesAside(".damaged-\(now.seconds)")
        // A command may be at work on it, and its person be told that it is done.
        try Replica.holding(path: directory.replica.path) {
            // What an earlier attempt saved is all there is only once the old file is out of its way, or holds nothing.
            let isReady = directory.hasSalvaged
            let holds = directory.hasReplica && Replica.isUsed(path: directory.replica.path)
            if holds || !isReady {
                do {
                    salvage = try stage(
                        directory, known, leavingUnsealed: leavesUnsealed, now: now, progress: progress)
                } catch ReplicaError.empty where isReady {
                    // That is all there is.
                }
            }
            for suffix in ["", "-wal", "-shm"] { try aside.take(URL(filePath: directory.replica.path + suffix)) }
            try DurableFile.rename(directory.salvaged, to: directory.replica)
        }
        return Salvaged(
            node: try Node(directory, now: now, entropy: entropy), salvage: salvage, kept: aside.names)
    }

    private static func stage(
        _ directory: NodeDirectory, _ known: Anchor.Content?, leavingUnsealed leavesUnsealed: Bool, now: Moment,
        progress: (SalvageStep) -> Void
    ) throws -> Salvage {
        let (old, staged) = (directory.replica.path, directory.salvaging.path)
        let sealKey = try directory.readKey(directory.sealKey) { try SealKey(pem: $0) }
        directory.forgetStaged()
        // Also what lies beside the database file.
        defer { directory.forgetStaged() }
        let salvage: Salvage
        do {
            salvage = try Replica.salvage(
                old, to: staged, now: now.seconds, isSigned: isSigned,
                seal: { transaction in
                    try directory.demandOwner(of: transaction)
                    guard try transaction.isSealed(by: sealKey) else {
                        throw NodeError.otherKey(directory.sealKey.path)
                    }
                    if !leavesUnsealed { try demandNothingUnsealed(transaction, known, directory) }
                    if let known { try close(transaction, by: known, key: sealKey, now: now) }
                }, progress: progress)
            try Replica.close(path: staged)
        } catch ReplicaError.unreadable(let why) {
            throw SalvageError.nothing(why)
        } catch ReplicaError.damaged(let what) {
            throw SalvageError.nothing(what)
        } catch ReplicaError.empty(staged) {
            throw SalvageError.nothing("node")
        }
        try DurableFile.handOver(directory.salvaging)
        try DurableFile.sync(directory.salvaging)
        try DurableFile.rename(directory.salvaging, to: directory.salvaged)
        return salvage
    }

    /// Without the anchor, or with another one, nothing of it can be sealed, and the file may be put back.
    /// - Throws: `NodeError.anchorMissing`, `NodeError.anchorOther`.
    private static func demandNothingUnsealed(
        _ transaction: Transaction, _ known: Anchor.Content?, _ directory: NodeDirectory
    ) throws {
        guard let author = try transaction.identity?.author else { return }
        let unsealed = try transaction.unsealedCount(of: author)
        guard unsealed > 0 else { return }
        guard let known else {
            throw NodeError.anchorMissing(directory.url.path, unsealed: unsealed, isSalvaged: true)
        }
        if try transaction.isStrange(known, to: author) {
            throw NodeError.anchorOther(directory.anchor.path, unsealed: unsealed, isSalvaged: true)
        }
    }

    /// Seals what is there of the own journal, so that it is not left behind with its author: unless something that was
    /// sealed before it is missing.
    private static func close(
        _ transaction: Transaction, by known: Anchor.Content, key: SealKey, now: Moment
    ) throws {
        let named = Bytes16(hex: known.author).map(AuthorID.init)
        guard let author = try transaction.identity?.author else {
            if let named, try !transaction.isOther(known) { try transaction.write(as: named) }
            return
        }
        guard author == named,
            try zip(transaction.ownSealedHeads(of: author), known.heads).allSatisfy({ $0 >= $1 })
        else { return }
        _ = try transaction.attempt {
            try transaction.seal(
                author, key: key.key, quoted: try transaction.quotedAcknowledgement(), time: now.seconds)
        }
    }
}

extension NodeDirectory {
    /// What a salvage is writing.
    fileprivate var salvaging: URL { URL(filePath: replica.path + ".salvaging") }
    /// All that could be saved, until it is put in place.
    var salvaged: URL { URL(filePath: replica.path + ".ready") }
    var hasSalvaged: Bool { FileManager.default.fileExists(atPath: salvaged.path) }

    /// Removes what a salvage was writing.
    func forgetStaged() {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: salvaging.path + suffix)
        }
    }

    /// - Throws: `NodeError.otherDatabase`, `.otherKey`.
    fileprivate func demandOwner(of database: Transaction) throws {
        guard let genesis = database.genesis, let identity = try database.identity else {
            throw SalvageError.nothing("node")
        }
        // Who is enrolled again is renamed in the database first.
        if let chain = try? readCertificates(next.certificates), chain.isOwner(of: identity, in: genesis) { return }
        let chain = try readCertificates()
        try chain.demandOwner(of: identity, in: genesis, at: replica.path)
        guard try readNodeKey(nodeKey).publicKey == chain.leaf.publicKey else { throw NodeError.otherKey(nodeKey.path) }
    }
}

/// Why nothing could be salvaged.
package enum SalvageError: CodedError, Equatable, Sendable {
    /// The file does not even say who this node is; the text is SQLite's, or names what is damaged.
    case nothing(String)

    /// Stable, for logs, answers and documentation.
    package var code: String { "salvage.nothing" }

    package var words: Words {
        switch self {
        case .nothing(let why):
            Words(
                "nothing can be saved of this file (\(why)), and it was left as it is: restore the backup, or enroll "
                    + "this machine anew; what it had sent is at the neighbours",
                "此文件已无法救出任何内容（\(why)），已原样保留：请恢复备份，或重新登记本机；已上报的内容都在上下级")
        }
    }
}
