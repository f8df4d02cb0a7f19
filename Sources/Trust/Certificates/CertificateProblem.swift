import ServiceModel

/// Why a certificate or a chain was refused. Positions count from the node's own certificate, which is 0.
package enum CertificateProblem: CodedError, Equatable, Sendable {
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
    /// The node is good, and its unit is not below the unit that it calls, or is so no more.
    case notBelow(NodeName, UnitCode)
    /// Seconds since 1970, `now` by the clock of who judges, which may be what is wrong.
    case notYetValid(NodeName, from: Int64, now: Int64)
    case expired(NodeName, until: Int64, now: Int64)
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
        case .notBelow: "trust.notBelow"
        case .notYetValid: "trust.notYetValid"
        case .expired: "trust.expired"
        case .held: "trust.held"
        case .otherPeer: "trust.peer.other"
        }
    }

    /// Codes that say of a chain that it is no node's of this network, where others say what is wrong with a node's.
    package static let ofNoNode: Set<String> = [
        "trust.chain.empty", "trust.chain.tooLong", "trust.certificate.tooLarge", "trust.malformed", "trust.algorithm",
        "trust.name", "trust.usage", "trust.issuer.mismatch", "trust.signature", "trust.wrongNetwork",
    ]

    package var words: Words {
        switch self {
        case .empty:
            Words(
                "no certificate: enroll this node with a code from the unit above",
                "没有证书：请用上级签发的登记码登记本节点")
        case .tooLong(let count):
            Words(
                "\(count) certificates where at most \(CertificateChain.longest) may be: enroll the node higher up",
                "有\(count)张证书，至多允许\(CertificateChain.longest)张：请在更高一级登记该节点")
        case .tooLarge(let position, let bytes):
            Words(
                "certificate \(position) has \(bytes) bytes, more than \(CertificateChain.largestCertificate): enroll "
                    + "the node again",
                "第\(position)张证书有\(bytes)字节，超过\(CertificateChain.largestCertificate)：请重新登记该节点")
        case .malformed(let position, let reason):
            Words(
                "certificate \(position): \(reason); enroll the node again", "第\(position)张证书无法读取（\(reason)）：请重新登记该节点")
        case .algorithm(let position):
            Words(
                "certificate \(position) does not use P-256 with SHA-256; enroll the node again",
                "第\(position)张证书没有使用P-256与SHA-256：请重新登记该节点")
        case .name(let position):
            Words(
                "certificate \(position) names no node, or two; enroll the node again",
                "第\(position)张证书没有写明节点，或写了两个：请重新登记该节点")
        case .usage(let position, let missing):
            Words(
                "certificate \(position) is not for \(missing); enroll the node again",
                "第\(position)张证书不能用于\(missing)：请重新登记该节点")
        case .notIssuer(let name):
            Words(
                "\(name) may not issue certificates; enroll the node below with another unit",
                "\(name)不得签发证书：请由另一单位登记下级节点")
        case .pathLength(let name):
            Words(
                "\(name) may not issue for a chain this long; enroll the node higher up",
                "\(name)不得为这样长的证书链签发：请在更高一级登记该节点")
        case .issuer(let position):
            Words(
                "certificate \(position) was issued by another than the next in the chain; enroll the node again",
                "第\(position)张证书不是由链中下一张签发：请重新登记该节点")
        case .signature(let position):
            Words(
                "certificate \(position) was altered, or its issuer did not sign it; enroll the node again",
                "第\(position)张证书被改动过，或并非其签发者所签：请重新登记该节点")
        case .wrongNetwork:
            Words(
                "the chain does not end at this network's authority: check which network the node is for",
                "证书链不归本网络的机构签发：请核对该节点属于哪个网络")
        case .scope(nil, let subject):
            Words("the authority issues for the root only, not for \(subject)", "机构只为根节点签发，不为\(subject)签发")
        case .scope(.some(let issuer), let subject):
            Words(
                "\(issuer) was never above \(subject) in the charter: enroll \(subject) with a unit above it",
                "章程中\(issuer)从未在\(subject)之上：请由\(subject)的上级登记它")
        case .notBelow(let name, let unit):
            Words(
                "\(name.unit) is not below \(unit) today: let its machine dial the parent that the charter gives it",
                "\(name.unit)如今不在\(unit)之下：请让其机器拨向章程所定的上级")
        case .notYetValid(let name, let from, let now):
            Words(
                "the certificate of \(name) begins on \(CivilTime.text(from)), and the clock that it is held against "
                    + "shows \(CivilTime.text(now)): set that clock, or have the node enrolled again by a right one",
                "\(name)的证书自\(CivilTime.text(from))起有效，而核对它的时钟显示\(CivilTime.text(now))：请校准该时钟；若时钟无误，请由上级重新登记该节点")
        case .expired(let name, let until, let now):
            Words(
                "the certificate of \(name) ended on \(CivilTime.text(until)), by a clock that shows "
                    + "\(CivilTime.text(now)): set that clock; if it is right, enroll the node again",
                "\(name)的证书已于\(CivilTime.text(until))到期，而核对它的时钟显示\(CivilTime.text(now))：请校准该时钟；若时钟无误，请由上级重新登记该节点")
        case .held(let name):
            Words(
                "the charter allows no connection with \(name): it was cut off or is on hold. Work goes on here; ask "
                    + "the unit above, and where the machine was cut, get a code there and run `terrace enroll again`",
                "章程不允许与\(name)连接：该节点已被切除或暂停。本地业务照常办理；请询问上级，若已切除，"
                    + "请向上级索取登记码并运行 terrace enroll again")
        case .otherPeer(let expected, let found):
            Words(
                "\(found) answered in place of \(expected): check the address",
                "应答的是\(found)，不是\(expected)：请核对地址")
        }
    }
}
