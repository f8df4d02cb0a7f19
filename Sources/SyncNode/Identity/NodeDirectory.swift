import ChangeSet
import Foundation
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

    package init(_ url: URL) { self.url = url }

    package var replica: URL { url.appending(path: "replica.sqlite") }
    package var anchor: URL { url.appending(path: "anchor") }
    package var nodeKey: URL { url.appending(path: "node.key") }
    package var sealKey: URL { url.appending(path: "seal.key") }
    package var certificates: URL { url.appending(path: "certificates.pem") }
    /// Where the node listens and whom it dials; people write it.
    package var settings: URL { url.appending(path: "terrace.yaml") }
    /// At the root only: to be kept off line.
    package var authorityKey: URL { url.appending(path: "authority.key") }

    /// Whether a node was founded or enrolled here.
    package var isFounded: Bool { FileManager.default.fileExists(atPath: certificates.path) }

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

    /// Puts a file in place so that after a power cut there is the old one or the new one, whole and on disk.
    /// - Throws: `NodeError.file`.
    package static func write(_ data: Data, to file: URL, mode: mode_t = 0o600) throws {
        let folder = file.deletingLastPathComponent().path
        let temporary = "\(file.path).new"
        func failed(_ path: String) -> NodeError { .file(path, FileTrouble()) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw failed(temporary) }
        defer { close(descriptor) }
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

    func readKey<Key>(_ file: URL, _ parse: (String) throws -> Key) throws -> Key {
        do {
            return try parse(String(decoding: try Self.read(file), as: UTF8.self))
        } catch is KeyProblem {
            throw NodeError.badFile(file.path)
        }
    }

    /// The chain, own certificate first.
    func readCertificates() throws -> CertificateChain {
        let text = String(decoding: try Self.read(certificates), as: UTF8.self)
        let ders = text.components(separatedBy: Self.pemHead).dropFirst().map { part in
            Data(base64Encoded: part.components(separatedBy: Self.pemFoot)[0].filter { !$0.isNewline }) ?? Data()
        }
        guard let chain = try? CertificateChain(der: ders) else { throw NodeError.badFile(certificates.path) }
        return chain
    }

    func writeCertificates(_ chain: CertificateChain) throws {
        let text: String = chain.der.map { der -> String in
            let lines = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            return "\(Self.pemHead)\n\(lines)\n\(Self.pemFoot)\n"
        }.joined()
        try Self.write(Data(text.utf8), to: certificates)
    }

    private static let pemHead = "-----BEGIN CERTIFICATE-----"
    private static let pemFoot = "-----END CERTIFICATE-----"
}
