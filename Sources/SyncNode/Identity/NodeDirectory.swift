import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The system's `write`, by a name that the type below does not shadow.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

/// A node's folder: its database, its keys, its anchor.
package struct NodeDirectory: Sendable {
    package let url: URL
    /// Where the keys that are made for this folder come from.
    package let keys: KeySource
    /// What nodes of this process have read of their charters, where they share it.
    package let charters: SharedCharters?
    /// What the program that opens it has rules for, and its version; another one than this program's in simulations.
    package let rules: CaseRules
    package let program: String

    package init(
        _ url: URL, keys: KeySource = .system, charters: SharedCharters? = nil, rules: CaseRules = .version1,
        program: String = ProgramVersion.current
    ) {
        self.url = url
        self.keys = keys
        self.charters = charters
        self.rules = rules
        self.program = program
    }

    /// - Parameter creates: a new one, where there is none.
    /// - Throws: `ReplicaError`.
    func openReplica(creates: Bool = false) throws -> Replica {
        try Replica(path: replica.path, rules: rules, program: program, charters: charters, creates: creates)
    }

    package var replica: URL { url.appending(path: "replica.sqlite") }
    package var anchor: URL { url.appending(path: "anchor") }
    package var nodeKey: URL { url.appending(path: "node.key") }
    package var sealKey: URL { url.appending(path: "seal.key") }
    package var certificates: URL { url.appending(path: "certificates.pem") }
    /// Where the node listens and whom it dials; people write it.
    package var settings: URL { url.appending(path: "terrace.yaml") }
    /// At the root only: to be kept off line.
    package var authorityKey: URL { url.appending(path: "authority.key") }

    /// What a machine that is enrolled anew will be known by, until its database knows of it.
    var next: (nodeKey: URL, sealKey: URL, certificates: URL) {
        func next(_ file: URL) -> URL { file.appendingPathExtension("next") }
        return (next(nodeKey), next(sealKey), next(certificates))
    }

    /// Whether a node was founded or enrolled here.
    package var isFounded: Bool { FileManager.default.fileExists(atPath: certificates.path) }

    /// Whether it is what `terrace backup` wrote. A node that was opened there would go on in the only copy.
    var isBackup: Bool { FileManager.default.fileExists(atPath: url.appending(path: Backup.manifest).path) }

    /// - Throws: `NodeError.file`.
    package func create() throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw NodeError.file(url.path, FileTrouble(error))
        }
    }

    /// A node cannot even be read where nothing can be written, since readers of the database share a file.
    /// - Throws: `NodeError.file`, which says why.
    func demandWritable() throws {
        guard access(url.path, W_OK) == 0 else { throw NodeError.file(url.path, FileTrouble()) }
    }

    package static let largestFile = 1024 * 1024

    /// - Throws: `NodeError.file`, `NodeError.badFile` for one that is too large.
    package static func read(_ file: URL) throws -> Data {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            let data = try handle.read(upToCount: largestFile + 1) ?? Data()
            guard data.count <= largestFile else { throw NodeError.badFile(file.path) }
            return data
        } catch let error as NodeError {
            throw error
        } catch {
            throw NodeError.file(file.path, FileTrouble(error))
        }
    }

    /// Puts a file in place so that after a power cut there is the old one or the new one, whole and on disk. Where
    /// root does it, the file stays whose it was, with its rights; a new one belongs to the owner of the folder.
    /// - Throws: `NodeError.file`.
    package static func write(_ data: Data, to file: URL, mode: mode_t = 0o600) throws {
        let folder = file.deletingLastPathComponent().path
        let temporary = "\(file.path).new"
        let owner = FileOwner(of: file.path)
        func failed(_ path: String) -> NodeError { .file(path, FileTrouble()) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw failed(temporary) }
        defer { close(descriptor) }
        // Before anything is in it.
        guard owner?.take(descriptor) ?? true else { throw failed(temporary) }
        var rest = data[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { throw failed(temporary) }
            rest = rest.dropFirst(written)
        }
        guard fsync(descriptor) == 0, rename(temporary, file.path) == 0 else { throw failed(file.path) }
        let directory = open(folder, O_RDONLY)
        guard directory >= 0 else { throw failed(folder) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failed(folder) }
    }

    func readNodeKey(_ file: URL) throws -> NodeKey { keys.signing(try readKey(file) { try NodeKey(pem: $0) }) }

    func readKey<Key>(_ file: URL, _ parse: (String) throws -> Key) throws -> Key {
        do {
            return try parse(String(decoding: try Self.read(file), as: UTF8.self))
        } catch is KeyProblem {
            throw NodeError.badFile(file.path)
        }
    }

    /// The chain, own certificate first.
    func readCertificates() throws -> CertificateChain { try readCertificates(certificates) }

    func readCertificates(_ file: URL) throws -> CertificateChain {
        let text = String(decoding: try Self.read(file), as: UTF8.self)
        let ders = text.components(separatedBy: Self.pemHead).dropFirst().map { part in
            Data(base64Encoded: part.components(separatedBy: Self.pemFoot)[0].filter { !$0.isNewline }) ?? Data()
        }
        guard let chain = try? CertificateChain(der: ders) else { throw NodeError.badFile(file.path) }
        return chain
    }

    /// Writes what the machine will be known by beside what it is known by.
    func writeNext(_ nodeKey: NodeKey, _ sealKey: SealKey, _ chain: CertificateChain) throws {
        try Self.write(Data(nodeKey.pem.utf8), to: next.nodeKey)
        try Self.write(Data(sealKey.pem.utf8), to: next.sealKey)
        try writeCertificates(chain, to: next.certificates)
    }

    /// Puts what `writeNext` has written in place, once the database knows of it: the certificates last, so that it can
    /// be done again after a power cut.
    /// - Parameter isKnown: whether the database has the node's name from these certificates.
    func takeNext(if isKnown: (CertificateChain) -> Bool) throws {
        guard FileManager.default.fileExists(atPath: next.certificates.path),
            try isKnown(readCertificates(next.certificates))
        else { return }
        for (from, to) in [(next.nodeKey, nodeKey), (next.sealKey, sealKey), (next.certificates, certificates)]
        where FileManager.default.fileExists(atPath: from.path) {
            try Self.write(try Self.read(from), to: to)
        }
        for file in [next.nodeKey, next.sealKey, next.certificates] {
            try? FileManager.default.removeItem(at: file)
        }
    }

    func writeCertificates(_ chain: CertificateChain) throws { try writeCertificates(chain, to: certificates) }

    private func writeCertificates(_ chain: CertificateChain, to file: URL) throws {
        let text: String = chain.der.map { der -> String in
            let lines = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            return "\(Self.pemHead)\n\(lines)\n\(Self.pemFoot)\n"
        }.joined()
        try Self.write(Data(text.utf8), to: file)
    }

    private static let pemHead = "-----BEGIN CERTIFICATE-----"
    private static let pemFoot = "-----END CERTIFICATE-----"
}
