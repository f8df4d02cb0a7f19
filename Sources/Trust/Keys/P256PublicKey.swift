import Crypto
import Foundation
import SwiftASN1
import X509

/// The public half of an authority's or a node's key, on the curve P-256.
package struct P256PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// Both coordinates, 32 bytes each, big-endian.
    package let raw: Data
    let key: P256.Signing.PublicKey

    /// Length of `raw` and of a signature, in bytes.
    package static let length = 64

    init(_ key: P256.Signing.PublicKey) {
        self.key = key
        raw = key.rawRepresentation
    }

    /// nil unless these are the 64 bytes of a point on the curve.
    package init?(raw: some Collection<UInt8>) {
        guard raw.count == Self.length, let key = try? P256.Signing.PublicKey(rawRepresentation: Data(raw)) else {
            return nil
        }
        self.init(key)
    }

    /// The form in which a certificate carries it.
    package var x509: Certificate.PublicKey { Certificate.PublicKey(key) }

    /// SubjectPublicKeyInfo, DER: the form in which TLS shows it.
    package var subjectPublicKeyInfo: [UInt8] { [UInt8](key.derRepresentation) }

    /// Whether `signature`, ECDSA with SHA-256 in 64 bytes, is this key's over `content`.
    package func isValidSignature(_ signature: Data, for content: Data) -> Bool {
        guard signature.count == Self.length,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: content)
    }

    /// The first 8 bytes of the SHA-256 of `raw`, in hexadecimal: enough to tell keys apart in a log.
    package var description: String {
        SHA256.hash(data: raw).prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    package static func == (a: P256PublicKey, b: P256PublicKey) -> Bool { a.raw == b.raw }
    package func hash(into hasher: inout Hasher) { hasher.combine(raw) }
}
