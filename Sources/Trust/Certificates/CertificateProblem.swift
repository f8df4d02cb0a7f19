import ServiceModel

/// Why a certificate or a chain was refused. Positions count from the node's own certificate, which is 0.
package enum CertificateProblem: CodedError, Equatable, Sendable, CustomStringConvertible {
    /// No certificate at all.
    case empty
    /// More certificates than `CertificateChain.longest`.
    case tooLong(count: Int)
    /// More bytes than `CertificateChain.largestCertificate`.
    case tooLarge(position: Int, bytes: Int)
    /// Not a certificate of version 3 in DER that Terrace could have issued.
    case malformed(position: Int, reason: String)
    /// Not a P-256 key, or not signed with ECDSA and SHA-256.
    case algorithm(position: Int)
    /// The subject is not a node's, or its DNS name is another node's.
    case name(position: Int)
    /// The key may not be used for this.
    case usage(position: Int, missing: String)
    /// A certificate below was issued with a key that may not issue.
    case notIssuer(NodeName)
    /// More certificates below than the issuer allows.
    case pathLength(NodeName)
    /// The issuer that a certificate names is not the next in the chain.
    case issuer(position: Int)
    /// The next certificate's key did not sign this one.
    case signature(position: Int)
    /// The last certificate is not the authority's work: another network, or altered bytes.
    case wrongNetwork
    /// The issuer's unit was never above the subject's; nil stands for the authority, which issues for the root only.
    case scope(issuer: UnitCode?, subject: UnitCode)
    /// Seconds since 1970.
    case notYetValid(NodeName, from: Int64)
    /// Seconds since 1970.
    case expired(NodeName, until: Int64)
    /// A cut or a hold of the charter forbids connections with the node.
    case held(NodeName)
    /// Another node answered than the one that was dialled.
    case otherPeer(expected: NodeName, found: NodeName)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .empty: "trust.chain.empty"
        case .tooLong: "trust.chain.tooLong"
        case .tooLarge: "trust.certificate.tooLarge"
        case .malformed: "trust.malformed"
        case .algorithm: "trust.algorithm"
        case .name: "trust.name"
        case .usage: "trust.usage"
        case .notIssuer: "trust.issuer.notAllowed"
        case .pathLength: "trust.issuer.pathLength"
        case .issuer: "trust.issuer.mismatch"
        case .signature: "trust.signature"
        case .wrongNetwork: "trust.wrongNetwork"
        case .scope: "trust.scope"
        case .notYetValid: "trust.notYetValid"
        case .expired: "trust.expired"
        case .held: "trust.held"
        case .otherPeer: "trust.peer.other"
        }
    }

    package var description: String {
        switch self {
        case .empty: "no certificate: enroll this node with a code from the unit above"
        case .tooLong(let count):
            "\(count) certificates where at most \(CertificateChain.longest) are allowed: enroll the node higher up"
        case .tooLarge(let position, let bytes):
            "certificate \(position) has \(bytes) bytes, more than \(CertificateChain.largestCertificate)"
        case .malformed(let position, let reason): "certificate \(position): \(reason); enroll the node again"
        case .algorithm(let position): "certificate \(position) does not use P-256 with SHA-256; enroll the node again"
        case .name(let position): "certificate \(position) names no node, or two; enroll the node again"
        case .usage(let position, let missing): "certificate \(position) is not for \(missing); enroll the node again"
        case .notIssuer(let name): "\(name) may not issue certificates; enroll the node below with another unit"
        case .pathLength(let name): "\(name) may not issue for a chain this long; enroll the node higher up"
        case .issuer(let position): "certificate \(position) was issued by another than the next in the chain"
        case .signature(let position): "certificate \(position) was altered, or its issuer did not sign it"
        case .wrongNetwork: "the chain does not end at this network's authority: check which network the node is for"
        case .scope(nil, let subject): "the authority issues for the root only, not for \(subject)"
        case .scope(.some(let issuer), let subject):
            "\(issuer) was never above \(subject) in the charter: enroll \(subject) with a unit above it"
        case .notYetValid(let name, let from):
            "the certificate of \(name) begins at \(from) (seconds since 1970): check the clocks"
        case .expired(let name, let until):
            "the certificate of \(name) ended at \(until) (seconds since 1970): renew it with the unit above"
        case .held(let name): "the charter allows no connection with \(name): ask the unit that cut or held it"
        case .otherPeer(let expected, let found): "\(found) answered in place of \(expected): check the address"
        }
    }
}
