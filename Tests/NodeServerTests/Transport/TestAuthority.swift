import Crypto
import Foundation
import NIOSSL
import NodeServer
import ServiceModel
import X509

/// A certificate authority for one test: roots, nodes, and the verification that both ends run.
struct TestAuthority: Sendable {
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let root: Certificate

    init(name: String = "root") throws {
        root = try Self.make(subject: name, key: key.publicKey, issuer: name, signer: key)
    }

    /// A node's certificate with its key.
    func identity(_ name: String) throws -> TLSIdentity {
        let nodeKey = P256.Signing.PrivateKey()
        let leaf = try Self.make(
            subject: name,
            key: Certificate.PrivateKey(nodeKey).publicKey,
            issuer: Self.commonName(root) ?? "",
            signer: key
        )
        return try TLSIdentity(chain: [Self.der(leaf), Self.der(root)], key: .pem(nodeKey.pemRepresentation))
    }

    /// Leaf and key as PEM, for programs that are not ours.
    func pem(_ name: String) throws -> String {
        let nodeKey = P256.Signing.PrivateKey()
        let leaf = try Self.make(
            subject: name,
            key: Certificate.PrivateKey(nodeKey).publicKey,
            issuer: Self.commonName(root) ?? "",
            signer: key
        )
        return try leaf.serializeAsPEM().pemString + "\n" + nodeKey.pemRepresentation + "\n"
    }

    /// TLS for a client that is not ours, with a good certificate.
    func client(_ name: String) throws -> NIOSSLContext {
        let bytes = Array(try pem(name).utf8)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(bytes).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: bytes, format: .pem))
        return try NIOSSLContext(configuration: configuration)
    }

    /// Accepts leaves of this authority, by their common name.
    var verify: @Sendable ([[UInt8]]) -> Result<String, Refusal> {
        { [key] chain in
            guard let bytes = chain.first, let leaf = try? Certificate(derEncoded: bytes) else {
                return .failure(Refusal(code: "test.unreadable", Words(name: "no certificate")))
            }
            guard key.publicKey.isValidSignature(leaf.signature, for: leaf), let name = Self.commonName(leaf) else {
                return .failure(Refusal(code: "test.stranger", Words(name: "signed by another authority")))
            }
            return .success(name)
        }
    }

    private static func make(
        subject: String,
        key: Certificate.PublicKey,
        issuer: String,
        signer: Certificate.PrivateKey
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key,
            notValidBefore: Date(timeIntervalSinceNow: -60),
            notValidAfter: Date(timeIntervalSinceNow: 3_600),
            issuer: DistinguishedName { CommonName(issuer) },
            subject: DistinguishedName { CommonName(subject) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions(),
            issuerPrivateKey: signer
        )
    }

    private static func der(_ certificate: Certificate) throws -> [UInt8] {
        try certificate.serializeAsPEM().derBytes
    }

    private static func commonName(_ certificate: Certificate) -> String? {
        for part in certificate.subject {
            for attribute in part where attribute.type == .RDNAttributeType.commonName {
                return attribute.value.description
            }
        }
        return nil
    }
}
