import Crypto
import Foundation
import ServiceModel

/// Why a new node did not take a grant.
package enum EnrollmentGrantProblem: CodedError, Equatable, Sendable {
    /// Whoever answered did not know the code, or the answer was altered.
    case proof
    /// The genesis is another network's than the code's.
    case network
    /// The authority of the grant did not sign its genesis.
    case genesis
    /// The authority's certificate or a chain does not hold.
    case certificate(CertificateProblem)
    /// The certificate is for another unit or another key than the request's.
    case otherNode
    /// The node that answered is not the issuer.
    case otherServer

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .proof: "enrollment.grant.proof"
        case .network: "enrollment.grant.network"
        case .genesis: "enrollment.grant.genesis"
        case .certificate: "enrollment.grant.certificate"
        case .otherNode: "enrollment.grant.otherNode"
        case .otherServer: "enrollment.grant.otherServer"
        }
    }

    package var words: Words {
        switch self {
        case .proof:
            Words(
                "the node that answered did not know this code: check its address, or ask for a new code",
                "应答的节点不知道此登记码：请核对地址，或索取新的登记码")
        case .network:
            Words(
                "the node that answered belongs to another network than the code: check its address",
                "应答的节点与登记码不属于同一网络：请核对地址")
        case .genesis:
            Words(
                "the genesis is not signed by the authority it came with: ask for a new code",
                "创世记录不是由随附的机构签名：请索取新的登记码")
        case .certificate(let problem):
            Words("the grant's certificates do not hold: ", "登记答复中的证书无效：") + problem.words
        case .otherNode:
            Words(
                "the certificate is for another unit or key than was asked for: ask for a new code",
                "证书不是发给所申请的单位或密钥：请索取新的登记码")
        case .otherServer:
            Words(
                "the grant was issued by another node than the one that answered: check its address",
                "登记答复不是由应答的节点签发：请核对地址")
        }
    }
}

/// What the parent answers. The new node's name is in its certificate, the network's id in genesis: said once each.
package struct EnrollmentGrant: Hashable, Sendable {
    /// The new node's chain.
    package let chain: CertificateChain
    package let authority: AuthorityCertificate
    /// The bare bytes of genesis.
    package let genesis: Data
    /// The authority's over `genesis`, 64 bytes.
    package let genesisSignature: Data
    /// The issuing node in its present incarnation.
    package let issuer: AuthorID
    /// HMAC-SHA256 with the verifier over everything else.
    package let proof: Data

    /// Most bytes of a grant in JSON.
    package static let largest = 160 * 1024
    /// Most bytes of genesis.
    package static let largestGenesis = 32 * 1024

    /// - Parameters:
    ///   - verifier: of the code that the request named.
    ///   - issuer: the author that the issuing node writes as now.
    /// - Throws: `EnrollmentMessageProblem.field` when genesis or its signature passes its bound.
    package init(
        _ chain: CertificateChain,
        authority: AuthorityCertificate,
        genesis: Data,
        genesisSignature: Data,
        issuer: AuthorID,
        verifier: EnrollmentVerifier
    ) throws(EnrollmentMessageProblem) {
        try self.init(
            chain: chain,
            authority: authority,
            genesis: genesis,
            genesisSignature: genesisSignature,
            issuer: issuer,
            proof: verifier.proof(over: Self.provenContent(chain, authority, genesis, genesisSignature, issuer))
        )
    }

    private init(
        chain: CertificateChain,
        authority: AuthorityCertificate,
        genesis: Data,
        genesisSignature: Data,
        issuer: AuthorID,
        proof: Data
    ) throws(EnrollmentMessageProblem) {
        guard (1...Self.largestGenesis).contains(genesis.count) else { throw .field("genesis") }
        guard genesisSignature.count == P256PublicKey.length else { throw .field("genesisSignature") }
        guard proof.count == EnrollmentVerifier.proofLength else { throw .field("proof") }
        self.chain = chain
        self.authority = authority
        self.genesis = genesis
        self.genesisSignature = genesisSignature
        self.issuer = issuer
        self.proof = proof
    }

    /// Name of the new node: its ordinal is the one for receipt numbers.
    package var name: NodeName { chain.leaf.name }

    /// C0 = SHA-256(0x03 ‖ genesis), 32 bytes: the network's id.
    package var network: Data {
        var hash = SHA256()
        hash.update(data: [0x03])
        hash.update(data: genesis)
        return Data(hash.finalize())
    }

    /// What the new node may build upon, once it is certain that the parent knew the code, that the network is the
    /// code's, and that the node which answered is of that network and the issuer. The charter is not yet here, so
    /// who is above whom is checked again when it has come; so is, against genesis, the authority's certificate.
    /// - Parameters:
    ///   - code: what was typed.
    ///   - request: what was asked with it.
    ///   - presented: the certificates that the server showed in TLS, in DER, its own first.
    /// - Throws: `EnrollmentGrantProblem`.
    package func accepted(
        with code: EnrollmentCode,
        for request: EnrollmentRequest,
        presented: some Collection<some Collection<UInt8>>
    ) throws(EnrollmentGrantProblem) -> VerifiedChain {
        let content = Self.provenContent(chain, authority, genesis, genesisSignature, issuer)
        guard EnrollmentVerifier(code).isValid(proof, over: content) else { throw .proof }
        guard code.isFor(network: network) else { throw .network }
        guard authority.publicKey.isValidSignature(genesisSignature, for: genesis) else { throw .genesis }
        let own: VerifiedChain
        let server: VerifiedChain
        do {
            let anchor = TrustAnchor(authority)
            own = try chain.verify(anchor, lineage: { _, _ in true }, at: nil)
            server = try CertificateChain(der: presented).verify(anchor, lineage: { _, _ in true }, at: nil)
        } catch {
            throw .certificate(error)
        }
        guard own.publicKey == request.publicKey, own.name.unit == request.unit else { throw .otherNode }
        guard own.nodes.count == 1 || own.nodes[1] == server.name else { throw .otherServer }
        return own
    }

    /// `terrace-grant-1`, then each part after its length in 8 bytes, big-endian: the authority's certificate, genesis,
    /// its signature, the issuer, and the chain's certificates.
    private static func provenContent(
        _ chain: CertificateChain,
        _ authority: AuthorityCertificate,
        _ genesis: Data,
        _ genesisSignature: Data,
        _ issuer: AuthorID
    ) -> Data {
        var content = Data("terrace-grant-1".utf8)
        let fixed = [Data(authority.der), genesis, genesisSignature, Data(issuer.value.bytes)]
        for part in fixed + chain.der.map({ Data($0) }) {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { content.append(contentsOf: $0) }
            content.append(part)
        }
        return content
    }
}

extension EnrollmentGrant {
    private struct Wire: Codable, EnrollmentWire {
        let version: Int
        let chain: [Data]
        let authority: Data
        let genesis: Data
        let genesisSignature: Data
        let issuer: String
        let proof: Data
    }

    /// Reads JSON of at most `largest` bytes. Whether to take it is for `accepted` to say.
    /// - Throws: `EnrollmentMessageProblem`.
    package init(json: Data) throws(EnrollmentMessageProblem) {
        let wire = try EnrollmentJSON.decode(Wire.self, from: json, limit: Self.largest)
        guard let issuer = Bytes16(hex: wire.issuer) else { throw .field("issuer") }
        guard let chain = try? CertificateChain(der: wire.chain) else { throw .field("chain") }
        guard let authority = try? AuthorityCertificate(der: wire.authority) else { throw .field("authority") }
        try self.init(
            chain: chain,
            authority: authority,
            genesis: wire.genesis,
            genesisSignature: wire.genesisSignature,
            issuer: AuthorID(issuer),
            proof: wire.proof
        )
    }

    /// JSON, byte strings in base 64.
    package var json: Data {
        get throws(EnrollmentMessageProblem) {
            try EnrollmentJSON.encode(
                Wire(
                    version: EnrollmentJSON.version,
                    chain: chain.der.map { Data($0) },
                    authority: Data(authority.der),
                    genesis: genesis,
                    genesisSignature: genesisSignature,
                    issuer: issuer.description,
                    proof: proof
                )
            )
        }
    }
}
