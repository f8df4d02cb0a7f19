import Crypto
import Foundation
import SwiftASN1
import X509

/// Where key pairs and the nonces of signatures come from.
package enum KeySource: Sendable {
    /// The cryptographic library draws them.
    case system
    /// They follow from what this gives, so many bytes at a time, and from what is signed: for simulations, whose runs
    /// must come out again to the byte. Such keys are no secret.
    case repeatable(@Sendable (Int) -> Data)

    /// A new key of an authority or a node.
    package func key<Key: P256PrivateKey>() -> Key {
        switch self {
        case .system: return .generate()
        case .repeatable(let bytes):
            // Nearly every 32 bytes are a key.
            while true {
                guard let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes(32)) else { continue }
                return signing(Key(key: key))
            }
        }
    }

    /// A new key for an incarnation's seals, whose signatures have no nonce.
    package func sealKey() -> SealKey {
        guard case .repeatable(let bytes) = self, let key = SealKey(secret: bytes(SealKey.secretLength)) else {
            return .generate()
        }
        return key
    }

    /// A key that was read, as it signs under this source.
    package func signing<Key: P256PrivateKey>(_ key: Key) -> Key {
        var key = key
        if case .repeatable = self { key.isRepeatable = true }
        return key
    }
}

/// A key that signs certificates repeatably.
struct RepeatableCertificateKey: CustomPrivateKey {
    let key: P256.Signing.PrivateKey

    static let defaultPEMDiscriminator = "PRIVATE KEY"

    var publicKey: Certificate.PublicKey { Certificate.PublicKey(key.publicKey) }
    var defaultSignatureAlgorithm: Certificate.SignatureAlgorithm { .ecdsaWithSHA256 }
    var supportedSignatureAlgorithms: [Certificate.SignatureAlgorithm] { [.ecdsaWithSHA256] }

    func signSynchronously(
        bytes: some DataProtocol, signatureAlgorithm: Certificate.SignatureAlgorithm
    ) throws -> Certificate.Signature {
        guard signatureAlgorithm == .ecdsaWithSHA256 else { throw KeyProblem.signing(kind: NodeKey.kind) }
        let raw = RepeatableSignature(key: key).signature(for: Data(bytes))
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation
        return try Certificate.Signature(
            signatureAlgorithm: signatureAlgorithm, signatureBytes: ASN1BitString(bytes: ArraySlice(signature)))
    }

    func serialize(into coder: inout DER.Serializer) throws {
        try coder.serialize(try ASN1Any(derEncoded: [UInt8](key.derRepresentation)))
    }

    func serializeAsPEM(discriminator: String) throws -> PEMDocument {
        try PEMDocument(pemString: key.pemRepresentation)
    }

    static func == (a: Self, b: Self) -> Bool { a.key.rawRepresentation == b.key.rawRepresentation }
    func hash(into hasher: inout Hasher) { hasher.combine(key.rawRepresentation) }
}
