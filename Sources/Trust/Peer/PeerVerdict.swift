import ServiceModel

/// Who showed certificates: which end of a TLS connection, or who signed what a courier brought.
package enum PeerRole: Hashable, Sendable {
    /// The end that was dialled; nil when any node of the network will do.
    case server(expected: NodeName?)
    /// The end that dialled.
    case client
    /// Whoever made a volume that a courier brought. There is no connection with it.
    case sender
}

/// What to make of the certificates that the other end of a TLS connection showed. To be asked in the verification
/// callback; since a resumed session skips it, `VerifiedChain.objection` and `held` are asked per request too.
package enum PeerVerdict: Equatable, Sendable {
    /// A node of this network, which may connect now.
    case node(NodeName, VerifiedChain)
    /// A client without a name: nothing but the enrollment path is open to it.
    case enrolling(P256PublicKey)
    /// No connection.
    case refused(CertificateProblem)

    /// - Parameters:
    ///   - presented: certificates in DER, the other end's own first.
    ///   - lineage: whether the second unit is below the first at any entry of the charter.
    ///   - now: seconds since 1970.
    ///   - held: whether a cut or a hold of the charter forbids connections with the node. Only the other end itself is
    ///     asked about; those that certified it are in `VerifiedChain.nodes`.
    ///   - cache: has the chains whose signatures were checked before: a child on a bad line shows its own often.
    package static func verify(
        presented: some Collection<some Collection<UInt8>>,
        role: PeerRole,
        _ anchor: TrustAnchor,
        lineage: (_ issuer: UnitCode, _ subject: UnitCode) -> Bool,
        now: Int64,
        held: (NodeName) -> Bool,
        in cache: inout ChainCache
    ) -> PeerVerdict {
        do throws(CertificateProblem) {
            if role == .client, presented.count == 1, let only = presented.first,
                let enrolling = try? EnrollmentCertificate(der: only)
            {
                return .enrolling(enrolling.publicKey)
            }
            let attested = try cache.attested(der: presented, by: anchor.publicKey)
            switch role {
            case .server where !attested.servesTLS, .sender where !attested.servesTLS:
                throw .usage(position: 0, missing: "TLS servers")
            case .client where !attested.dialsTLS: throw .usage(position: 0, missing: "TLS clients")
            case .server, .client, .sender: break
            }
            let chain = try attested.verified(root: anchor.root, lineage: lineage, at: now)
            if case .server(let expected?) = role, expected != chain.name {
                throw .otherPeer(expected: expected, found: chain.name)
            }
            if held(chain.name) { throw .held(chain.name) }
            return .node(chain.name, chain)
        } catch {
            return .refused(error)
        }
    }
}
