import Crypto
import Foundation
import SwiftASN1
import X509

/// What the authority's, a node's and an enrolling node's certificate have in common: version 3, a P-256 key, ECDSA
/// with SHA-256, no critical extension that is not understood here.
struct CertificateBasics: Hashable, Sendable {
    let certificate: Certificate
    let der: [UInt8]
    let publicKey: P256PublicKey
    let period: CertificatePeriod
    /// Whether it may issue others: CA and the use of its key for certificates.
    let mayIssue: Bool
    /// Most certificates of issuers below it; nil for no bound.
    let pathLength: Int?
    let keyUsage: KeyUsage
    let extendedKeyUsage: ExtendedKeyUsage
    /// All names of the subject's alternatives, of whatever kind.
    let alternativeNames: [GeneralName]

    /// Critical extensions that are looked at; any other makes the certificate unreadable (RFC 5280, 4.2).
    private static let understood: Set<ASN1ObjectIdentifier> = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage,
        .X509ExtensionID.subjectAlternativeName,
    ]

    /// - Parameter position: place in the chain, for the message.
    init(der: [UInt8], position: Int) throws(CertificateProblem) {
        guard der.count <= CertificateChain.largestCertificate else {
            throw .tooLarge(position: position, bytes: der.count)
        }
        guard let certificate = try? Certificate(derEncoded: der), certificate.version == .v3 else {
            throw .malformed(position: position, reason: "no X.509 certificate of version 3")
        }
        guard let key = P256.Signing.PublicKey(certificate.publicKey),
            certificate.signatureAlgorithm == .ecdsaWithSHA256
        else { throw .algorithm(position: position) }
        guard let period = CertificatePeriod(from: certificate.notValidBefore, until: certificate.notValidAfter) else {
            throw .malformed(position: position, reason: "it ends before it begins")
        }
        let extensions = certificate.extensions
        guard extensions.allSatisfy({ !$0.critical || Self.understood.contains($0.oid) }) else {
            throw .malformed(position: position, reason: "a critical extension that is not understood")
        }
        do {
            keyUsage = try extensions.keyUsage ?? KeyUsage()
            extendedKeyUsage = try extensions.extendedKeyUsage ?? ExtendedKeyUsage()
            alternativeNames = try extensions.subjectAlternativeNames.map { Array($0) } ?? []
            switch try extensions.basicConstraints {
            case .isCertificateAuthority(let length):
                mayIssue = keyUsage.keyCertSign
                pathLength = length
            case .notCertificateAuthority, nil:
                mayIssue = false
                pathLength = nil
            }
        } catch {
            throw .malformed(position: position, reason: "an extension that cannot be read")
        }
        self.certificate = certificate
        self.der = der
        self.period = period
        publicKey = P256PublicKey(key)
    }

    /// Whether the holder of `key` signed this certificate.
    func isSigned(by key: P256PublicKey) -> Bool {
        key.x509.isValidSignature(certificate.signature, for: certificate)
    }
}
