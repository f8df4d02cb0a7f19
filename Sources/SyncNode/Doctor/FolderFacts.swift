import Foundation
import ServiceModel
import Trust

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What of a node can be told without its database: its folder and the files in it.
package struct FolderFacts: Sendable {
    enum AnchorFile: Sendable {
        case absent
        case damaged
        case held(Anchor.Content)
    }

    package var path: String
    /// Whether anything of a node lies there.
    package var hasNode = true
    /// Why nothing can be written there; nil where it can.
    var trouble: FileTrouble?
    /// By the names of the files.
    var missing: [String] = []
    var denied: [String] = []
    var damaged: [String] = []
    /// Keys that other accounts of this machine can read.
    var exposed: [String] = []
    /// Whether the node's key is that of its certificate.
    var doesKeyFit = true
    var sealKey: SealKey?
    /// By the node's certificate; nil where that cannot be read.
    package var name: NodeName?
    package var certificate: CertificatePeriod?
    var chain: CertificateChain?
    var anchor = AnchorFile.absent
    /// Bytes that may still be written; nil where that cannot be told.
    var free: Int64?
    /// Whether what little there is may not be enough for the next thing that is written.
    var isFull: Bool { free.map { $0 < ExaminationBounds.full } ?? false }
    var databaseBytes: Int64 = 0
    /// Whether a salvage was stopped before all that it had saved was put in place.
    var hasSalvaged = false

    init(path: String) { self.path = path }

    /// Looks at a folder, and changes nothing in it.
    init(_ directory: NodeDirectory) {
        self.init(path: directory.url.path(percentEncoded: false).trimmingSlash)
        if access(path, W_OK | X_OK) != 0 { trouble = FileTrouble() }
        free = try? Disk(of: directory.url).free
        let own = [directory.certificates, directory.nodeKey, directory.sealKey, directory.replica]
        hasNode = own.contains { access($0.path, F_OK) == 0 } || trouble?.isDenied == true
        guard hasNode, access(path, X_OK) == 0 else { return }
        lookAtCertificates(directory)
        let key = look(at: directory.nodeKey) { try directory.readKey($0) { try NodeKey(pem: $0) } }
        if let key, let leaf { doesKeyFit = key.publicKey == leaf }
        sealKey = look(at: directory.sealKey) { try directory.readKey($0) { try SealKey(pem: $0) } }
        exposed = [directory.nodeKey, directory.sealKey, directory.authorityKey].filter(Self.isExposed).map(\.name)
        lookAtAnchor(directory)
        hasSalvaged = directory.hasSalvaged
        for suffix in ["", "-wal", "-shm"] {
            let file = URL(filePath: directory.replica.path + suffix)
            guard access(file.path, F_OK) == 0 else { continue }
            if access(file.path, R_OK | W_OK) != 0, trouble == nil { denied.append(file.name) }
            var status = stat()
            if stat(file.path, &status) == 0 { databaseBytes += Int64(status.st_size) }
        }
    }

    private var leaf: P256PublicKey?

    private mutating func lookAtCertificates(_ directory: NodeDirectory) {
        chain = look(at: directory.certificates) { _ in try directory.readCertificates() }
        name = chain?.leaf.name
        certificate = chain?.leaf.period
        leaf = chain?.leaf.publicKey
    }

    private mutating func lookAtAnchor(_ directory: NodeDirectory) {
        do {
            if let content = try Anchor(directory).read() { anchor = .held(content) }
        } catch NodeError.file {
            denied.append(directory.anchor.name)
            anchor = .damaged
        } catch {
            anchor = .damaged
        }
    }

    /// What a file says; where it cannot be told, why is noted.
    private mutating func look<T>(at file: URL, _ read: (URL) throws -> T) -> T? {
        do {
            return try read(file)
        } catch NodeError.file(_, let trouble) where trouble.isAbsent {
            missing.append(file.name)
        } catch NodeError.file {
            denied.append(file.name)
        } catch {
            damaged.append(file.name)
        }
        return nil
    }

    private static func isExposed(_ file: URL) -> Bool {
        var status = stat()
        return stat(file.path, &status) == 0 && status.st_mode & 0o077 != 0
    }
}

extension URL {
    fileprivate var name: String { lastPathComponent }
}

extension String {
    fileprivate var trimmingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
