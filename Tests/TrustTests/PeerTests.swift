import Foundation
import ServiceModel
import Testing
import X509

@testable import Trust

@Test func peersAreJudged() throws {
    let network = try Network()
    let other = try Network("Dezhou")
    let town = NodeName.named("T1")
    let der = try network.der("T1")
    let above = try network.der("C1")
    let key = NodeKey.generate()
    let enrolling = try EnrollmentCertificate.selfSigned(key, unit: unit("V1"))
    let serverOnly = [try network.forged("T1", by: "C1", purposes: [.serverAuth])] + above
    let clientOnly = [try network.forged("T1", by: "C1", purposes: [.clientAuth])] + above
    var broken = enrolling.der
    broken[broken.count - 1] ^= 1

    let cases: [(String, [[UInt8]], PeerRole, Int64, Set<NodeName>, String)] = [
        ("parent", der, .server(expected: town), Network.during, [], "node T1#1"),
        ("whoever wrote a volume", der, .sender, Network.during, [], "node T1#1"),
        ("any server", der, .server(expected: nil), Network.during, [], "node T1#1"),
        ("child", der, .client, Network.during, [], "node T1#1"),
        ("root", try network.der("CITY"), .client, Network.during, [], "node CITY#1"),
        ("issuer held", der, .client, Network.during, [.named("C1")], "node T1#1"),
        ("another server", der, .server(expected: .named("C1")), Network.during, [], "trust.peer.other"),
        ("another ordinal", der, .server(expected: .named("T1", ordinal: 2)), Network.during, [], "trust.peer.other"),
        ("held client", der, .client, Network.during, [town], "trust.held"),
        ("held sender", der, .sender, Network.during, [town], "trust.held"),
        ("held server", der, .server(expected: town), Network.during, [town], "trust.held"),
        ("expired", der, .client, Network.end + 1, [], "trust.expired"),
        ("early", der, .server(expected: nil), Network.start - 1, [], "trust.notYetValid"),
        ("another network", try other.der("T1"), .client, Network.during, [], "trust.wrongNetwork"),
        ("out of scope", [try network.forged("C2", by: "C1")] + above, .client, Network.during, [], "trust.scope"),
        ("nothing shown", [], .client, Network.during, [], "trust.chain.empty"),
        ("for servers only", serverOnly, .client, Network.during, [], "trust.usage"),
        ("for servers only, as a server", serverOnly, .server(expected: nil), Network.during, [], "node T1#1"),
        ("for clients only", clientOnly, .server(expected: nil), Network.during, [], "trust.usage"),
        ("for clients only, as a client", clientOnly, .client, Network.during, [], "node T1#1"),
        ("enrolling", [enrolling.der], .client, Network.during, [], "enrolling"),
        ("enrolling as a server", [enrolling.der], .server(expected: nil), Network.during, [], "trust.name"),
        ("enrolling with a chain", [enrolling.der] + der, .client, Network.during, [], "trust.name"),
        ("enrolling, altered", [broken], .client, Network.during, [], "trust.name"),
        ("authority itself", [network.authority.der], .client, Network.during, [], "trust.name"),
    ]
    // What was attested once is judged anew each time.
    var cache = ChainCache()
    for (what, presented, role, now, held, expected) in cases {
        let verdict = PeerVerdict.verify(
            presented: presented,
            role: role,
            network.anchor,
            lineage: Network.isBelow,
            now: now,
            held: { held.contains($0) },
            in: &cache
        )
        let found =
            switch verdict {
            case .node(let name, let chain): "node \(name)" + (chain.name == name ? "" : " of another chain")
            case .enrolling(let found): found == key.publicKey ? "enrolling" : "enrolling with another key"
            case .refused(let problem): problem.code
            }
        #expect(found == expected, "\(what)")
    }
}

@Test func enrollmentCertificateIsReadBackAndNothingElse() throws {
    let network = try Network()
    let key = NodeKey.generate()
    let made = try EnrollmentCertificate.selfSigned(key, unit: unit("V1"))
    let read = try EnrollmentCertificate(der: made.der)
    #expect(read == made && read.publicKey == key.publicKey && read.unit.text == "V1")
    #expect(read.publicKey.subjectPublicKeyInfo == key.publicKey.subjectPublicKeyInfo)
    let subject = try CertificateBasics(der: made.der, position: 0).certificate.subject
    let node = try network.der("T1")[0]
    let issuing = try enrollment(
        subject,
        by: key,
        key.publicKey,
        [
            Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
            Certificate.Extension(KeyUsage(digitalSignature: true, keyCertSign: true), critical: true),
            Certificate.Extension(ExtendedKeyUsage([.clientAuth]), critical: false),
        ]
    )
    let stolen = try enrollment(
        subject,
        by: NodeKey.generate(),
        key.publicKey,
        [
            Certificate.Extension(KeyUsage(digitalSignature: true), critical: true),
            Certificate.Extension(ExtendedKeyUsage([.clientAuth]), critical: false),
        ]
    )
    let bare = try enrollment(subject, by: key, key.publicKey, [])
    let cases: [(String, [UInt8], String)] = [
        ("a node's", node, "trust.name"), ("may issue", issuing, "trust.usage"), ("no use", bare, "trust.usage"),
        ("over a key that did not sign", stolen, "trust.signature"), ("nothing", [], "trust.malformed"),
        ("too large", Array(repeating: 0x30, count: 5000), "trust.certificate.tooLarge"),
    ]
    for (what, der, code) in cases {
        #expect(problem(CertificateProblem.self) { try EnrollmentCertificate(der: der) }?.code == code, "\(what)")
    }
}

private func enrollment(
    _ subject: DistinguishedName,
    by key: NodeKey,
    _ publicKey: P256PublicKey,
    _ extensions: [Certificate.Extension]
) throws -> [UInt8] {
    try CertificateIssuer.signed(by: key.x509, issuer: subject, subject: subject, publicKey, .usual, [1]) { extensions }
}
