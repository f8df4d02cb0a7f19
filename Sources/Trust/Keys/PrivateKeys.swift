import Crypto
import Foundation
import X509

/// A private key on P-256. One key serves certificates, TLS and signatures.
package protocol P256PrivateKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What the key is called in messages.
    static var kind: String { get }
    var key: P256.Signing.PrivateKey { get }
    /// Its signatures follow from what they are over; only a simulation's do.
    var isRepeatable: Bool { get set }
    init(key: P256.Signing.PrivateKey)
}

extension P256PrivateKey {
    /// A new key. The one place in which randomness is not handed in, because the library makes keys only so;
    /// `KeySource` has others for who must repeat them.
    package static func generate() -> Self { Self(key: P256.Signing.PrivateKey()) }

    /// Reads PKCS #8 or SEC 1 in PEM.
    /// - Throws: `KeyProblem`.
    package init(pem: String) throws(KeyProblem) {
        guard pem.utf8.count <= KeyProblem.longestPEM else { throw .tooLong(kind: Self.kind) }
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { throw .malformed(kind: Self.kind) }
        self.init(key: key)
    }

    /// PKCS #8 in PEM, as TLS reads it too.
    package var pem: String { key.pemRepresentation }

    package var publicKey: P256PublicKey { P256PublicKey(key.publicKey) }

    /// ECDSA with SHA-256 over `content`: 64 bytes, r before s. Two signatures over the same bytes differ, because
    /// the library draws the nonce, unless the key is repeatable.
    /// - Throws: `KeyProblem`.
    package func signature(for content: Data) throws(KeyProblem) -> Data {
        if isRepeatable { return RepeatableSignature(key: key).signature(for: content) }
        do { return try key.signature(for: content).rawRepresentation } catch { throw .signing(kind: Self.kind) }
    }

    var x509: Certificate.PrivateKey {
        isRepeatable ? Certificate.PrivateKey(RepeatableCertificateKey(key: key)) : Certificate.PrivateKey(key)
    }

    /// Never the secret.
    package var description: String { "\(Self.kind) \(publicKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The key that founds a network: it signs genesis, joins, and the certificate of the root's node. Kept off line.
package struct AuthorityKey: P256PrivateKey {
    package static let kind = "authority key"
    package let key: P256.Signing.PrivateKey
    package var isRepeatable = false
    package init(key: P256.Signing.PrivateKey) { self.key = key }
}

/// The key of one node: it signs openings, serves TLS, and issues the certificates of the units below.
package struct NodeKey: P256PrivateKey {
    package static let kind = "node key"
    package let key: P256.Signing.PrivateKey
    package var isRepeatable = false
    package init(key: P256.Signing.PrivateKey) { self.key = key }
}
