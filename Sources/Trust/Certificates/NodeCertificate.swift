import Foundation
import X509

/// The certificate of one node, read and checked by itself. Who issued it is for a chain to say.
package struct NodeCertificate: Hashable, Sendable {
    let basics: CertificateBasics
    package let name: NodeName

    package var der: [UInt8] { basics.der }
    package var publicKey: P256PublicKey { basics.publicKey }
    package var period: CertificatePeriod { basics.period }
    var certificate: Certificate { basics.certificate }

    /// - Parameter position: place in the chain, for the message.
    /// - Throws: `CertificateProblem` when it is no node's certificate.
    package init(der: some Collection<UInt8>, position: Int = 0) throws(CertificateProblem) {
        guard der.count <= CertificateChain.largestCertificate else {
            throw .tooLarge(position: position, bytes: der.count)
        }
        try self.init(CertificateBasics(der: [UInt8](der), position: position), position: position)
    }

    init(_ basics: CertificateBasics, position: Int) throws(CertificateProblem) {
        guard let name = NodeName(subject: basics.certificate.subject),
            basics.alternativeNames == [.dnsName(name.dnsName)]
        else { throw .name(position: position) }
        guard basics.keyUsage.digitalSignature else { throw .usage(position: position, missing: "signatures") }
        self.basics = basics
        self.name = name
    }

    var servesTLS: Bool { basics.extendedKeyUsage.contains(.serverAuth) }
    var dialsTLS: Bool { basics.extendedKeyUsage.contains(.clientAuth) }
}
