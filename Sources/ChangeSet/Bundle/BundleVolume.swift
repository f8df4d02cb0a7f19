import Foundation
import ServiceModel
import SwiftProtobuf

/// One file of a bundle: a clear header, the sender's signature, and a body that only the recipient can read. A volume
/// can be read without the others of its bundle.
///
///     "terrace-bundle" ‖ version 2 ‖ header length 4 ‖ header ‖ signature 64 ‖ body ‖ SHA-256 of all before
///
/// The last digest tells a bad stick from a forgery; numbers are big-endian.
package struct BundleVolume: Equatable, Sendable {
    package let header: WireBundleHeader
    /// As it was written: what the signature is over, and what the body is bound to.
    package let headerBytes: Data
    package let signature: Data
    /// Encrypted.
    package let body: Data

    private static let magic = Data("terrace-bundle".utf8)
    package static let version: UInt16 = 1
    private static let signatureBytes = 64
    private static let beforeHeader = magic.count + 2 + 4

    /// Bytes of a volume besides its header and its body.
    package static let overhead = beforeHeader + signatureBytes + 32

    /// - Parameter sign: the sender's node key, over the bytes it is given.
    package init(_ header: WireBundleHeader, body: Data, sign: (Data) throws -> Data) throws {
        self.header = header
        self.body = body
        headerBytes = try header.serializedBytes()
        signature = try sign(Self.statement(headerBytes, body))
    }

    /// What the sender signs.
    package var statement: Data { Self.statement(headerBytes, body) }

    private static func statement(_ header: Data, _ body: Data) -> Data {
        var out = Data("terrace-bundle-1".utf8)
        out.append(Digest32(hashing: header))
        out.append(Digest32(hashing: body))
        return out
    }

    /// The whole file.
    package var bytes: Data {
        var out = Self.magic
        out.append(contentsOf: [UInt8(Self.version >> 8), UInt8(Self.version & 0xff)])
        let length = UInt32(headerBytes.count)
        out.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) })
        out += headerBytes + signature + body
        out.append(Digest32(hashing: out))
        return out
    }

    /// Reads a whole file. What the header says is not believed before the signature was checked.
    /// - Throws: `BundleError`.
    package init(bytes: Data) throws(BundleError) {
        header = try Self.header(ofFile: bytes)
        let (_, length) = try Self.head(bytes)
        let start = bytes.startIndex + Self.beforeHeader
        let end = bytes.endIndex - 32
        guard bytes.count <= Limits.volumeBytes else { throw .tooLarge }
        guard start + length + Self.signatureBytes <= end,
            Digest32(bytes[end...]) == Digest32(hashing: bytes[..<end])
        else { throw .damaged }
        headerBytes = bytes.subdata(in: start..<start + length)
        signature = bytes.subdata(in: start + length..<start + length + Self.signatureBytes)
        body = bytes.subdata(in: start + length + Self.signatureBytes..<end)
    }

    /// The clear header alone, of a file or of its beginning; nothing is checked.
    /// - Throws: `BundleError`.
    package static func header(ofFile bytes: Data) throws(BundleError) -> WireBundleHeader {
        let (version, length) = try head(bytes)
        guard version == Self.version else { throw .version(version) }
        let start = bytes.startIndex + beforeHeader
        guard length <= Limits.volumeHeaderBytes, start + length <= bytes.endIndex,
            let header = try? WireBundleHeader(serializedBytes: bytes[start..<start + length]),
            header.network.count == 32, header.bundle.count == 16,
            (1...Limits.volumesPerBundle).contains(Int(header.volume)),
            header.certificates.count <= Limits.certificates
        else { throw .damaged }
        return header
    }

    private static func head(_ bytes: Data) throws(BundleError) -> (version: UInt16, headerLength: Int) {
        guard bytes.starts(with: magic) else { throw .noBundle }
        guard bytes.count >= beforeHeader else { throw .damaged }
        let rest = bytes.dropFirst(magic.count).prefix(6).map { Int($0) }
        return (UInt16(rest[0] << 8 | rest[1]), rest[2...].reduce(0) { $0 << 8 | $1 })
    }
}

extension WireBundleHeader {
    /// The sender and the recipient, as people name them.
    package var sender: String { ShownText.of("\(senderUnit)#\(senderNode)") }
    package var recipient: String { ShownText.of("\(recipientUnit)#\(recipientNode)") }
    /// The bundle's name, for people.
    package var name: String { Bytes16(bundle).map(\.description) ?? "" }
}
