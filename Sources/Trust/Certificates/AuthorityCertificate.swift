import Foundation
import ServiceModel
import X509

/// The authority's own certificate, signed with its own key: carried by genesis, and by no chain.
package struct AuthorityCertificate: Hashable, Sendable {
    let basics: CertificateBasics
    /// The name of the network.
    package let network: String

    /// Longest name of a network, in characters (RFC 5280, ub-common-name).
    package static let longestNetworkName = 64

    package var der: [UInt8] { basics.der }
    package var publicKey: P256PublicKey { basics.publicKey }

    /// - Throws: `CertificateProblem` unless it is a CA's, signed by itself.
    package init(der: some Collection<UInt8>) throws(CertificateProblem) {
        guard der.count <= CertificateChain.largestCertificate else { throw .tooLarge(position: 0, bytes: der.count) }
        let basics = try CertificateBasics(der: [UInt8](der), position: 0)
        let subject = basics.certificate.subject
        guard subject.count == 1, let text = subject.first?.first.flatMap({ String($0.value) }),
            let name = try? Self.subject(text), name == subject, basics.certificate.issuer == subject
        else { throw .name(position: 0) }
        guard basics.mayIssue else { throw .usage(position: 0, missing: "issuing") }
        guard basics.isSigned(by: basics.publicKey) else { throw .signature(position: 0) }
        self.basics = basics
        network = text
    }

    /// CN = name of the network.
    static func subject(_ network: String) throws(IssuingProblem) -> DistinguishedName {
        guard !network.isEmpty, network.count <= longestNetworkName, network.utf8.count <= 4 * longestNetworkName,
            network.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .networkName }
        return DistinguishedName([
            RelativeDistinguishedName(.init(type: .RDNAttributeType.commonName, value: .init(utf8String: network)))
        ])
    }
}

/// What a chain must end at.
package struct TrustAnchor: Hashable, Sendable {
    package let publicKey: P256PublicKey
    /// The only unit for which the authority issues; nil while genesis has not been read.
    package let root: UnitCode?

    /// - Parameter root: the root unit that genesis names.
    package init(_ authority: AuthorityCertificate, root: UnitCode? = nil) {
        self.init(authority.publicKey, root: root)
    }

    /// - Parameter root: the root unit that genesis names.
    package init(_ authority: P256PublicKey, root: UnitCode? = nil) {
        publicKey = authority
        self.root = root
    }
}
