import Foundation
import ServiceModel

/// Certificates from a node's own up to the one that the authority issued, as openings carry them and TLS shows them.
/// Read, not yet verified.
package struct CertificateChain: Hashable, Sendable {
    /// The node's own first; never empty.
    package let certificates: [NodeCertificate]

    /// Most certificates of a chain.
    package static let longest = 12
    /// Most bytes of a certificate.
    package static let largestCertificate = 4 * 1024

    /// Reads certificates in DER, the node's own first, the authority's left out.
    /// - Throws: `CertificateProblem`.
    package init(der: some Collection<some Collection<UInt8>>) throws(CertificateProblem) {
        guard !der.isEmpty else { throw .empty }
        guard der.count <= Self.longest else { throw .tooLong(count: der.count) }
        var certificates: [NodeCertificate] = []
        for (position, bytes) in der.enumerated() {
            certificates.append(try NodeCertificate(der: bytes, position: position))
        }
        self.certificates = certificates
    }

    /// - Throws: `CertificateProblem.tooLong`.
    init(leaf: NodeCertificate, above: [NodeCertificate]) throws(CertificateProblem) {
        guard above.count < Self.longest else { throw .tooLong(count: above.count + 1) }
        certificates = [leaf] + above
    }

    /// The node's own certificate.
    package var leaf: NodeCertificate { certificates[0] }

    /// DER, the node's own first.
    package var der: [[UInt8]] { certificates.map(\.der) }

    /// Verifies the chain: every signature up to the authority's, every issuer's right to issue, every issuer's unit
    /// above the next one's.
    /// - Parameters:
    ///   - lineage: whether the second unit is below the first at any entry of the charter (RULES, Charter: power that
    ///     was given is taken back by a cut, never by a move).
    ///   - time: seconds since 1970, at which all certificates must be valid; nil for history, which never asks.
    /// - Throws: `CertificateProblem`.
    package func verify(
        _ anchor: TrustAnchor,
        lineage: (_ issuer: UnitCode, _ subject: UnitCode) -> Bool,
        at time: Int64?
    ) throws(CertificateProblem) -> VerifiedChain {
        try attested(by: anchor.publicKey).verified(root: anchor.root, lineage: lineage, at: time)
    }

    /// Checks what can never change: signatures and rights to issue.
    func attested(by authority: P256PublicKey) throws(CertificateProblem) -> AttestedChain {
        for (position, (subject, issuer)) in zip(certificates, certificates.dropFirst()).enumerated() {
            guard subject.certificate.issuer == issuer.certificate.subject else { throw .issuer(position: position) }
            guard issuer.basics.mayIssue else { throw .notIssuer(issuer.name) }
            if let length = issuer.basics.pathLength, position > length { throw .pathLength(issuer.name) }
            guard subject.basics.isSigned(by: issuer.publicKey) else { throw .signature(position: position) }
        }
        guard certificates[certificates.count - 1].basics.isSigned(by: authority) else { throw .wrongNetwork }
        return AttestedChain(
            links: certificates.map { AttestedChain.Link(name: $0.name, period: $0.period) },
            publicKey: leaf.publicKey,
            servesTLS: leaf.servesTLS,
            dialsTLS: leaf.dialsTLS
        )
    }
}

/// A chain whose signatures fit, before anyone asked the charter or the time.
struct AttestedChain: Hashable, Sendable {
    struct Link: Hashable, Sendable {
        let name: NodeName
        let period: CertificatePeriod
    }

    /// The node's own first.
    let links: [Link]
    let publicKey: P256PublicKey
    let servesTLS: Bool
    let dialsTLS: Bool

    func verified(
        root: UnitCode?,
        lineage: (_ issuer: UnitCode, _ subject: UnitCode) -> Bool,
        at time: Int64?
    ) throws(CertificateProblem) -> VerifiedChain {
        for (subject, issuer) in zip(links, links.dropFirst()) {
            let (issuer, subject) = (issuer.name.unit, subject.name.unit)
            // A unit that certified itself could outlive its own cut, whatever the charter says of it.
            guard issuer != subject, lineage(issuer, subject) else { throw .scope(issuer: issuer, subject: subject) }
        }
        let top = links[links.count - 1].name.unit
        if let root, root != top { throw .scope(issuer: nil, subject: top) }
        let chain = VerifiedChain(nodes: links.map(\.name), publicKey: publicKey, periods: links.map(\.period))
        if let time, let objection = chain.objection(at: time) { throw objection }
        return chain
    }
}

/// What a verified chain says. Only a verification makes one.
package struct VerifiedChain: Hashable, Sendable {
    /// The node itself first, then who issued for whom, up to the root's node; never empty.
    package let nodes: [NodeName]
    /// The node's key.
    package let publicKey: P256PublicKey
    private let periods: [CertificatePeriod]

    fileprivate init(nodes: [NodeName], publicKey: P256PublicKey, periods: [CertificatePeriod]) {
        self.nodes = nodes
        self.publicKey = publicKey
        self.periods = periods
    }

    /// The node.
    package var name: NodeName { nodes[0] }

    /// The first certificate that is not valid then, or nil: to be asked per request, since a resumed TLS session
    /// verifies nothing.
    /// - Parameter time: seconds since 1970.
    package func objection(at time: Int64) -> CertificateProblem? {
        for (name, period) in zip(nodes, periods) {
            if time < period.from { return .notYetValid(name, from: period.from, now: time) }
            if time > period.until { return .expired(name, until: period.until, now: time) }
        }
        return nil
    }
}
