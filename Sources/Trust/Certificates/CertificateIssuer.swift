import Foundation
import ServiceModel
import SwiftASN1
import X509

/// Why no certificate was issued.
package enum IssuingProblem: CodedError, Equatable, Sendable {
    /// The private key is not the one of the issuer's certificate.
    case otherKey
    /// The issuer's certificate does not allow issuing.
    case notIssuer
    /// A node would issue for its own unit.
    case ownUnit(UnitCode)
    /// The chain would pass `CertificateChain.longest`.
    case tooDeep
    /// Not 1 to `CertificateIssuer.longestSerial` bytes, or all zero, or the first bit set.
    case serial
    /// Empty, longer than `AuthorityCertificate.longestNetworkName`, or with control characters.
    case networkName
    /// The library did not sign, or what it made cannot be read back.
    case signing

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .otherKey: "issuing.otherKey"
        case .notIssuer: "issuing.notIssuer"
        case .ownUnit: "issuing.ownUnit"
        case .tooDeep: "issuing.tooDeep"
        case .serial: "issuing.serial"
        case .networkName: "issuing.networkName"
        case .signing: "issuing.signing"
        }
    }

    package var words: Words {
        switch self {
        case .otherKey:
            Words(
                "the key does not belong to the issuer's certificate: restore the key file of this node",
                "密钥与签发者的证书不符：请恢复本节点的密钥文件")
        case .notIssuer:
            Words(
                "the issuer's certificate does not allow issuing: have this node enrolled again",
                "签发者的证书不允许签发：请重新登记本节点")
        case .ownUnit(let unit):
            Words(
                "\(unit) cannot issue for itself: a further node is enrolled by the unit above",
                "\(unit)不能为自己签发：增加节点须由上级登记")
        case .tooDeep:
            Words(
                "a chain has at most \(CertificateChain.longest) certificates: enroll the node higher up",
                "证书链至多\(CertificateChain.longest)张证书：请在更高一级登记该节点")
        case .serial:
            Words(
                "a serial number has 1 to \(CertificateIssuer.longestSerial) bytes and is positive",
                "证书序列号应为1到\(CertificateIssuer.longestSerial)字节的正数")
        case .networkName:
            Words(
                "a network's name has 1 to \(AuthorityCertificate.longestNetworkName) characters, none of them control",
                "网络名称应为1到\(AuthorityCertificate.longestNetworkName)个字符，不得有控制字符")
        case .signing:
            Words(
                "the certificate could not be signed: check the issuer's key file",
                "证书未能签名：请检查签发者的密钥文件")
        }
    }
}

/// Issues certificates: the authority for the root's node, every node for the units below it.
package struct CertificateIssuer: Sendable {
    private let key: Certificate.PrivateKey
    private let subject: DistinguishedName
    private let unit: UnitCode?
    private let chain: [NodeCertificate]

    /// Longest serial number, in bytes (RFC 5280, 4.1.2.2).
    package static let longestSerial = 20

    /// - Throws: `IssuingProblem` when the key is another's.
    package init(authority key: AuthorityKey, certificate: AuthorityCertificate) throws(IssuingProblem) {
        guard key.publicKey == certificate.publicKey else { throw .otherKey }
        self.key = key.x509
        subject = certificate.basics.certificate.subject
        unit = nil
        chain = []
    }

    /// - Parameter chain: the issuing node's own.
    /// - Throws: `IssuingProblem` when the key is another's or may not issue, or when no link is left.
    package init(node key: NodeKey, chain: CertificateChain) throws(IssuingProblem) {
        let own = chain.leaf
        guard key.publicKey == own.publicKey else { throw .otherKey }
        guard own.basics.mayIssue else { throw .notIssuer }
        guard chain.certificates.count < CertificateChain.longest else { throw .tooDeep }
        self.key = key.x509
        subject = own.certificate.subject
        unit = own.name.unit
        self.chain = chain.certificates
    }

    /// The authority's certificate over its own key.
    /// - Parameter serial: random bytes of the caller's choice, positive as a number.
    /// - Throws: `IssuingProblem`.
    package static func authority(
        _ key: AuthorityKey,
        network: String,
        period: CertificatePeriod,
        serial: [UInt8]
    ) throws(IssuingProblem) -> AuthorityCertificate {
        let name = try AuthorityCertificate.subject(network)
        let der = try signed(by: key.x509, issuer: name, subject: name, key.publicKey, period, serial) {
            [
                try Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
                try Certificate.Extension(KeyUsage(digitalSignature: true, keyCertSign: true), critical: true),
            ]
        }
        do { return try AuthorityCertificate(der: der) } catch { throw .signing }
    }

    /// The chain of a node whose certificate this issuer signs. The certificate serves both ends of TLS and may issue
    /// in its turn. Whether the unit is below the issuer's is for the caller to ask the charter.
    /// - Parameter serial: random bytes of the caller's choice, positive as a number.
    /// - Throws: `IssuingProblem`.
    package func chain(
        for name: NodeName,
        _ publicKey: P256PublicKey,
        period: CertificatePeriod,
        serial: [UInt8]
    ) throws(IssuingProblem) -> CertificateChain {
        guard name.unit != unit else { throw .ownUnit(name.unit) }
        let der = try Self.signed(by: key, issuer: subject, subject: name.subject, publicKey, period, serial) {
            [
                try Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
                try Certificate.Extension(KeyUsage(digitalSignature: true, keyCertSign: true), critical: true),
                try Certificate.Extension(ExtendedKeyUsage([.serverAuth, .clientAuth]), critical: false),
                try Certificate.Extension(SubjectAlternativeNames([.dnsName(name.dnsName)]), critical: false),
            ]
        }
        do { return try CertificateChain(leaf: NodeCertificate(der: der), above: chain) } catch { throw .signing }
    }

    /// DER of a certificate of version 3. All bytes but the signature's follow from the arguments.
    static func signed(
        by key: Certificate.PrivateKey,
        issuer: DistinguishedName,
        subject: DistinguishedName,
        _ publicKey: P256PublicKey,
        _ period: CertificatePeriod,
        _ serial: [UInt8],
        extensions: () throws -> [Certificate.Extension]
    ) throws(IssuingProblem) -> [UInt8] {
        guard (1...longestSerial).contains(serial.count), serial[0] < 0x80, serial.contains(where: { $0 != 0 }) else {
            throw .serial
        }
        do {
            let certificate = try Certificate(
                version: .v3,
                serialNumber: Certificate.SerialNumber(bytes: serial),
                publicKey: publicKey.x509,
                notValidBefore: period.notBefore,
                notValidAfter: period.notAfter,
                issuer: issuer,
                subject: subject,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions(extensions()),
                issuerPrivateKey: key
            )
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            return serializer.serializedBytes
        } catch {
            throw .signing
        }
    }
}
