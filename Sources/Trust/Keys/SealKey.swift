import Crypto
import Foundation
import SwiftASN1

/// The key that seals an incarnation's runs: Ed25519, five times cheaper to sign with than P-256.
package struct SealKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package static let kind = "seal key"
    /// Length of the secret, in bytes.
    static let secretLength = 32
    /// Length of a public key, in bytes.
    package static let publicKeyLength = 32
    /// Length of a signature, in bytes.
    package static let signatureLength = 64

    /// For who makes seals and heartbeats.
    package let key: Curve25519.Signing.PrivateKey

    /// A new key. Randomness is not handed in, for the reason given at `P256PrivateKey.generate`.
    package static func generate() -> SealKey { SealKey(key: Curve25519.Signing.PrivateKey()) }

    init(key: Curve25519.Signing.PrivateKey) { self.key = key }

    /// The key of this 32-byte secret; nil for another length.
    package init?(secret: some Collection<UInt8>) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(secret)) else { return nil }
        self.key = key
    }

    /// RFC 8410, 7: everything of a PKCS #8 document that comes before the secret.
    private static let header: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let documentType = "PRIVATE KEY"

    /// Reads PKCS #8 in PEM, as `pem` writes it.
    /// - Throws: `KeyProblem`.
    package init(pem: String) throws(KeyProblem) {
        guard pem.utf8.count <= KeyProblem.longestPEM else { throw .tooLong(kind: Self.kind) }
        guard let document = try? PEMDocument(pemString: pem), document.discriminator == Self.documentType,
            document.derBytes.starts(with: Self.header),
            let key = SealKey(secret: document.derBytes.dropFirst(Self.header.count))
        else { throw .malformed(kind: Self.kind) }
        self = key
    }

    /// PKCS #8 in PEM.
    package var pem: String {
        PEMDocument(type: Self.documentType, derBytes: Self.header + key.rawRepresentation).pemString
    }

    /// 32 bytes, as an opening carries them.
    package var publicKey: Data { key.publicKey.rawRepresentation }

    /// Ed25519 over `content`: 64 bytes.
    /// - Throws: `KeyProblem`.
    package func signature(for content: Data) throws(KeyProblem) -> Data {
        do { return try key.signature(for: content) } catch { throw .signing(kind: Self.kind) }
    }

    /// Whether `signature` is that of the 32-byte `publicKey` over `content`.
    package static func isValidSignature(_ signature: Data, for content: Data, publicKey: Data) -> Bool {
        guard signature.count == signatureLength,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: content)
    }

    /// Never the secret.
    package var description: String { Self.kind }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
