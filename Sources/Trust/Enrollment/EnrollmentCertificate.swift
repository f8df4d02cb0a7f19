import Foundation
import ServiceModel
import X509

/// The certificate that a node without a name shows in TLS: signed by itself, it proves the possession of a key and
/// nothing else. A server takes it on the enrollment path only.
package struct EnrollmentCertificate: Hashable, Sendable {
    package let der: [UInt8]
    /// The unit for which its holder says it wants to be enrolled.
    package let unit: UnitCode
    package let publicKey: P256PublicKey

    /// Valid for ever, because a new node's clock may be wrong, and worthless without a code.
    /// - Throws: `IssuingProblem.signing`.
    package static func selfSigned(_ key: NodeKey, unit: UnitCode) throws(IssuingProblem) -> EnrollmentCertificate {
        let name = subject(unit)
        let der = try CertificateIssuer.signed(
            by: key.x509,
            issuer: name,
            subject: name,
            key.publicKey,
            .always,
            [1]
        ) {
            [
                try Certificate.Extension(KeyUsage(digitalSignature: true), critical: true),
                try Certificate.Extension(ExtendedKeyUsage([.clientAuth]), critical: false),
            ]
        }
        do { return try EnrollmentCertificate(der: der) } catch { throw .signing }
    }

    /// Reads what a client showed.
    /// - Throws: `CertificateProblem` unless it is a certificate as `selfSigned` makes it.
    package init(der: some Collection<UInt8>) throws(CertificateProblem) {
        guard der.count <= CertificateChain.largestCertificate else { throw .tooLarge(position: 0, bytes: der.count) }
        try self.init(CertificateBasics(der: [UInt8](der), position: 0))
    }

    init(_ basics: CertificateBasics) throws(CertificateProblem) {
        let subject = basics.certificate.subject
        guard subject.count == 2, let text = subject.first?.first.flatMap({ String($0.value) }),
            let unit = UnitCode(text), Self.subject(unit) == subject, basics.certificate.issuer == subject,
            basics.alternativeNames.isEmpty
        else { throw .name(position: 0) }
        guard !basics.mayIssue, basics.keyUsage.digitalSignature, basics.extendedKeyUsage.contains(.clientAuth) else {
            throw .usage(position: 0, missing: "enrollment")
        }
        guard basics.isSigned(by: basics.publicKey) else { throw .signature(position: 0) }
        der = basics.der
        self.unit = unit
        publicKey = basics.publicKey
    }

    /// CN = unit code, OU = `enrolling`, which no node's certificate has.
    private static func subject(_ unit: UnitCode) -> DistinguishedName {
        DistinguishedName([
            RelativeDistinguishedName(.init(type: .RDNAttributeType.commonName, value: .init(utf8String: unit.text))),
            RelativeDistinguishedName(
                .init(type: .RDNAttributeType.organizationalUnitName, value: .init(utf8String: "enrolling"))
            ),
        ])
    }
}
