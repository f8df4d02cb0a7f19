import Crypto
import Foundation
import ServiceModel
import SwiftASN1
import Testing
import X509

@testable import Trust

@Test func chainsOfEveryDepthVerify() throws {
    let network = try Network()
    for (depth, unit) in Network.path.enumerated() {
        let der = try network.der(unit)
        #expect(der.count == depth + 1)
        let verified = try network.verify(der)
        #expect(verified.name == .named(unit))
        #expect(verified.nodes.map(\.unit.text) == Network.path.prefix(depth + 1).reversed())
        #expect(try verified.publicKey == network.key(unit).publicKey)
        let bare = TrustAnchor(network.authority.publicKey)
        #expect(try CertificateChain(der: der).verify(bare, lineage: Network.isBelow, at: nil) == verified)
    }
}

@Test func expiryGatesConnectionsNeverHistory() throws {
    let network = try Network()
    let der = try network.der("V1")
    let verified = try network.verify(der, at: nil)
    for (time, code) in [
        (Network.start - 1, "trust.notYetValid"), (Network.start, nil), (Network.end, nil),
        (Network.end + 1, "trust.expired"), (.min, "trust.notYetValid"), (.max, "trust.expired"),
    ] as [(Int64, String?)] {
        #expect(problem(CertificateProblem.self) { try network.verify(der, at: time) }?.code == code, "\(time)")
        #expect(verified.objection(at: time)?.code == code, "\(time)")
    }
}

/// An expired certificate anywhere in the chain closes the connection.
@Test func expiryOfAnIssuerCounts() throws {
    let network = try Network()
    let short = try #require(CertificatePeriod(from: Network.start, until: Network.during - 1))
    let old = try network.forged("C1", by: "CITY", period: short)
    let chain = try [network.der("T1")[0], old] + network.der("CITY")
    #expect(
        problem(CertificateProblem.self) { try network.verify(chain) }
            == .expired(.named("C1"), until: Network.during - 1, now: Network.during)
    )
    #expect(try network.verify(chain, at: nil).objection(at: Network.during - 1) == nil)
}

@Test func everyFaultHasItsCode() throws {
    let network = try Network()
    let other = try Network("Dezhou")
    let namesake = try Network()
    let good = try network.der("V1")
    let city = try network.der("CITY")
    let county = try network.der("C1")
    let town = try network.der("T1")
    let p384 = try unusual(network, Certificate.PublicKey(P384.Signing.PrivateKey().publicKey), .ecdsaWithSHA256)
    let sha384 = try unusual(network, network.key("C1").publicKey.x509, .ecdsaWithSHA384)
    let unknown = Certificate.Extension(oid: [1, 2, 3, 4], critical: true, value: [5, 0])
    let harmless = Certificate.Extension(oid: [1, 2, 3, 4], critical: false, value: [5, 0])
    let badBasics = Certificate.Extension(oid: .X509ExtensionID.nameConstraints, critical: true, value: [5, 0])
    var flipped = good[0]
    flipped[flipped.count - 20] ^= 1
    var renamed = good[0]
    if let at = renamed.indices.first(where: { renamed[$0...].starts(with: Array("V1".utf8)) }) { renamed[at + 1] += 1 }

    let cases: [(String, [[UInt8]], String?)] = [
        ("good", good, nil),
        ("harmless extension", [try network.forged("T1", by: "C1", extra: [harmless])] + county, nil),
        ("stand-in", [try network.forged("V1", by: "C1")] + county, nil),
        ("empty", [], "trust.chain.empty"),
        ("too many", Array(repeating: good[0], count: 13), "trust.chain.tooLong"),
        ("too large", [Array(repeating: 0, count: 4097)], "trust.certificate.tooLarge"),
        ("garbage", [Array(repeating: 0xff, count: 600)], "trust.malformed"),
        ("no bytes", [[]], "trust.malformed"),
        ("cut short", [good[0].dropLast()], "trust.malformed"),
        ("bytes after the end", [good[0] + [0]], "trust.malformed"),
        ("garbage above", [good[0], [1, 2, 3]], "trust.malformed"),
        ("critical extension", [try network.forged("T1", by: "C1", extra: [unknown])] + county, "trust.malformed"),
        ("name constraints", [try network.forged("T1", by: "C1", extra: [badBasics])] + county, "trust.malformed"),
        ("another curve", [p384] + city, "trust.algorithm"),
        ("another hash", [sha384] + city, "trust.algorithm"),
        ("the authority as a leaf", [network.authority.der], "trust.name"),
        ("the authority at the end", good + [network.authority.der], "trust.name"),
        (
            "an enrolling certificate", [try EnrollmentCertificate.selfSigned(network.key("T1"), unit: unit("T1")).der],
            "trust.name"
        ),
        (
            "another's DNS name", [try network.forged("T1", by: "C1", dns: [NodeName.named("V1").dnsName])] + county,
            "trust.name"
        ),
        (
            "two DNS names",
            [
                try network.forged("T1", by: "C1", dns: [NodeName.named("T1").dnsName, NodeName.named("V1").dnsName])
            ] + county, "trust.name"
        ),
        ("no DNS name", [try network.forged("T1", by: "C1", dns: [])] + county, "trust.name"),
        ("renamed after signing", [renamed] + town, "trust.name"),
        (
            "not for signatures", [try network.forged("T1", by: "C1", usage: KeyUsage(keyCertSign: true))] + county,
            "trust.usage"
        ),
        ("altered signature", [flipped] + town, "trust.signature"),
        (
            "signed by another",
            [
                try network.forged("T1", by: "C2", issuerName: network.chain("C1").leaf.certificate.subject)
            ] + county, "trust.signature"
        ),
        ("altered at the top", good.dropLast() + [tampered(city[0])], "trust.wrongNetwork"),
        ("link missing", [good[0]] + county, "trust.issuer.mismatch"),
        ("order reversed", good.reversed(), "trust.issuer.mismatch"),
        ("top missing", good.dropLast(), "trust.wrongNetwork"),
        ("another network", try other.der("V1"), "trust.wrongNetwork"),
        ("another network of the same name", try namesake.der("V1"), "trust.wrongNetwork"),
        ("self-signed", [try network.forged("CITY", by: "CITY")], "trust.wrongNetwork"),
        ("sibling issues", [try network.forged("C2", by: "C1")] + county, "trust.scope"),
        ("issuer of another subtree", [try network.forged("T1", by: "C2")] + (try network.der("C2")), "trust.scope"),
        ("child issues for its parent", [try network.forged("C1", by: "T1")] + town, "trust.scope"),
        ("own unit", [try network.forged("C1", by: "C1")] + county, "trust.scope"),
        (
            "unknown unit",
            [
                try network.forged(
                    "C1",
                    by: "CITY",
                    subject: NodeName.named("X9").subject,
                    dns: [NodeName.named("X9").dnsName]
                )
            ] + city, "trust.scope"
        ),
        ("authority issues for a county", [try network.forged("C1", by: nil)], "trust.scope"),
        (
            "issuer without CA",
            [
                try network.forged("V1", by: "T1"), try network.forged("T1", by: "C1", ca: .notCertificateAuthority),
            ] + county, "trust.issuer.notAllowed"
        ),
        (
            "issuer without the use",
            [
                try network.forged("V1", by: "T1"),
                try network.forged("T1", by: "C1", usage: KeyUsage(digitalSignature: true)),
            ] + county, "trust.issuer.notAllowed"
        ),
        (
            "path length passed",
            [
                try network.forged("V1", by: "T1"), try network.forged("T1", by: "C1"),
                try network.forged("C1", by: "CITY", ca: .isCertificateAuthority(maxPathLength: 0)),
            ] + city, "trust.issuer.pathLength"
        ),
        (
            "path length kept",
            [
                try network.forged("V1", by: "T1"), try network.forged("T1", by: "C1"),
                try network.forged("C1", by: "CITY", ca: .isCertificateAuthority(maxPathLength: 1)),
            ] + city, nil
        ),
        ("no CA at the end", [try network.forged("V1", by: "T1", ca: .notCertificateAuthority)] + town, nil),
        (
            "expired", [try network.forged("V1", by: "T1", period: try period(1, Network.during - 1))] + town,
            "trust.expired"
        ),
        (
            "future", [try network.forged("V1", by: "T1", period: try period(Network.during + 1, Network.end))] + town,
            "trust.notYetValid"
        ),
    ]
    for (what, der, code) in cases {
        let found = problem(CertificateProblem.self) { try network.verify(der) }
        #expect(found?.code == code, "\(what)")
        if let found { #expect(found.description.count > 20, "\(what)") }
        var cache = ChainCache()
        for _ in 1...2 {
            let cached = problem(CertificateProblem.self) {
                try cache.verify(der: der, network.anchor, lineage: Network.isBelow, at: Network.during)
            }
            #expect(cached == found, "\(what), cached")
        }
    }
}

/// Whatever certificate of the chain is altered wherever, the chain does not verify.
@Test func anyAlteredByteIsNoticed() throws {
    let network = try Network()
    let der = try network.der("T1")
    let expected = try network.verify(der)
    for position in der.indices {
        for at in stride(from: 0, to: der[position].count, by: 7) {
            var altered = der
            altered[position][at] ^= 0x10
            #expect(problem(CertificateProblem.self) { try network.verify(altered) } != nil, "\(position), \(at)")
        }
    }
    #expect(try network.verify(der) == expected)
}

@Test(arguments: [1, UInt64.random(in: .min ... .max)])
func randomBytesNeverVerifyAndNeverTrap(seed: UInt64) throws {
    var random = Seeded(seed)
    let network = try Network()
    let good = try network.der("T1")
    let samples =
        good + [
            network.authority.der, try EnrollmentCertificate.selfSigned(network.key("T1"), unit: unit("T1")).der,
        ]
    for round in 0..<2_000 {
        var der = samples[Int.random(in: samples.indices, using: &random)]
        switch round % 4 {
        case 0: der = random.bytes(Int.random(in: 0...700, using: &random))
        case 1: der.removeLast(Int.random(in: 1..<der.count, using: &random))
        default:
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                der[Int.random(in: der.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
        }
        if samples.contains(der) { continue }
        let chain = [der] + good.dropFirst()
        #expect(problem(CertificateProblem.self) { try network.verify(chain) } != nil, "seed \(seed), round \(round)")
        #expect(
            problem(CertificateProblem.self) { try AuthorityCertificate(der: der) } != nil,
            "seed \(seed), round \(round)"
        )
        #expect(
            problem(CertificateProblem.self) { try EnrollmentCertificate(der: der) } != nil,
            "seed \(seed), round \(round)"
        )
    }
}

/// Even where the charter as it is asked would allow it.
@Test func noUnitCertifiesItself() throws {
    let network = try Network()
    let chain = try CertificateChain(der: [network.forged("C1", by: "C1")] + network.der("C1"))
    let found = problem(CertificateProblem.self) {
        try chain.verify(network.anchor, lineage: { _, _ in true }, at: nil)
    }
    #expect(found == .scope(issuer: try unit("C1"), subject: try unit("C1")))
}

@Test func chainWithoutARootUnitRestsOnTheAuthorityAlone() throws {
    let network = try Network()
    let der = [try network.forged("C1", by: nil)]
    let chain = try CertificateChain(der: der)
    #expect(try chain.verify(TrustAnchor(network.authority), lineage: Network.isBelow, at: nil).name.unit.text == "C1")
}

@Test func authorityCertificateMustBeItsOwn() throws {
    let network = try Network()
    let other = try Network("Dezhou")
    let subject = network.authority.basics.certificate.subject
    let plain = try CertificateIssuer.signed(
        by: network.authorityKey.x509,
        issuer: subject,
        subject: subject,
        network.authorityKey.publicKey,
        .usual,
        [1]
    ) { [try Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: true)] }
    let stolen = try CertificateIssuer.signed(
        by: other.authorityKey.x509,
        issuer: subject,
        subject: subject,
        network.authorityKey.publicKey,
        .usual,
        [1]
    ) {
        [
            try Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
            try Certificate.Extension(KeyUsage(keyCertSign: true), critical: true),
        ]
    }
    let cases: [(String, [UInt8], String)] = [
        ("no CA", plain, "trust.usage"), ("signed by another", stolen, "trust.signature"),
        ("a node's", try network.der("CITY")[0], "trust.name"), ("nothing", [], "trust.malformed"),
        ("too large", Array(repeating: 0, count: 5000), "trust.certificate.tooLarge"),
    ]
    for (what, der, code) in cases {
        #expect(problem(CertificateProblem.self) { try AuthorityCertificate(der: der) }?.code == code, "\(what)")
    }
}

func unit(_ text: String) throws -> UnitCode { try #require(UnitCode(text)) }

private func period(_ from: Int64, _ until: Int64) throws -> CertificatePeriod {
    try #require(CertificatePeriod(from: from, until: until))
}

/// The last byte of the signature's second number changed.
private func tampered(_ der: [UInt8]) -> [UInt8] {
    var der = der
    der[der.count - 1] ^= 1
    return der
}

/// As the city would issue it for the county, but over any key and with any algorithm.
private func unusual(
    _ network: Network,
    _ publicKey: Certificate.PublicKey,
    _ algorithm: Certificate.SignatureAlgorithm
) throws -> [UInt8] {
    let name = NodeName.named("C1")
    let certificate = try Certificate(
        version: .v3,
        serialNumber: Certificate.SerialNumber(bytes: [1]),
        publicKey: publicKey,
        notValidBefore: CertificatePeriod.usual.notBefore,
        notValidAfter: CertificatePeriod.usual.notAfter,
        issuer: network.chain("CITY").leaf.certificate.subject,
        subject: name.subject,
        signatureAlgorithm: algorithm,
        extensions: Certificate.Extensions(),
        issuerPrivateKey: network.key("CITY").x509
    )
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
}
