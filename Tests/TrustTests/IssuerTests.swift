import Foundation
import ServiceModel
import Testing
import X509

@testable import Trust

@Test func sameArgumentsGiveTheSameCertificateButForTheSignature() throws {
    let network = try Network()
    let issuer = try CertificateIssuer(node: network.key("C1"), chain: network.chain("C1"))
    let key = NodeKey.generate().publicKey
    let a = try issuer.chain(for: .named("T1", ordinal: 2), key, period: .usual, serial: [1, 2, 3])
    let b = try issuer.chain(for: .named("T1", ordinal: 2), key, period: .usual, serial: [1, 2, 3])
    #expect(a.leaf.certificate.tbsCertificateBytes == b.leaf.certificate.tbsCertificateBytes)
    let c = try issuer.chain(for: .named("T1", ordinal: 2), key, period: .usual, serial: [1, 2, 4])
    #expect(a.leaf.certificate.tbsCertificateBytes != c.leaf.certificate.tbsCertificateBytes)
    #expect(Array(a.leaf.certificate.serialNumber.bytes) == [1, 2, 3])
}

@Test func certificateSaysWhatWasAskedFor() throws {
    let network = try Network()
    let leaf = try network.chain("V1").leaf
    #expect(leaf.name == .named("V1", tier: 3))
    #expect(leaf.period == .usual)
    #expect(try leaf.publicKey == network.key("V1").publicKey)
    #expect(leaf.basics.mayIssue && leaf.servesTLS && leaf.dialsTLS)
    #expect(leaf.der.count <= 600, "\(leaf.der.count) bytes")
    #expect(network.authority.network == "Binzhou")
    #expect(try AuthorityCertificate(der: network.authority.der) == network.authority)
}

@Test func issuerRefusesWithItsCode() throws {
    let network = try Network()
    let issuer = try CertificateIssuer(node: network.key("C1"), chain: network.chain("C1"))
    let key = NodeKey.generate().publicKey
    let plain = try network.forged("T1", by: "C1", ca: .notCertificateAuthority)
    let serials: [[UInt8]] = [[], [0], [0x80], Array(repeating: 1, count: 21)]
    var cases: [(String, () throws -> Any, String)] = [
        (
            "another's key", { try CertificateIssuer(node: network.key("C2"), chain: network.chain("C1")) },
            "issuing.otherKey"
        ),
        (
            "another authority's key",
            {
                try CertificateIssuer(authority: .generate(), certificate: network.authority)
            }, "issuing.otherKey"
        ),
        (
            "no CA",
            {
                try CertificateIssuer(
                    node: network.key("T1"),
                    chain: CertificateChain(der: [plain] + network.der("C1"))
                )
            }, "issuing.notIssuer"
        ),
        (
            "own unit", { try issuer.chain(for: .named("C1", ordinal: 2), key, period: .usual, serial: [1]) },
            "issuing.ownUnit"
        ),
        (
            "empty name",
            {
                try CertificateIssuer.authority(network.authorityKey, network: "", period: .usual, serial: [1])
            }, "issuing.networkName"
        ),
        (
            "long name",
            {
                try CertificateIssuer.authority(
                    network.authorityKey,
                    network: String(repeating: "滨", count: 65),
                    period: .usual,
                    serial: [1]
                )
            }, "issuing.networkName"
        ),
        (
            "control character",
            {
                try CertificateIssuer.authority(network.authorityKey, network: "a\nb", period: .usual, serial: [1])
            }, "issuing.networkName"
        ),
    ]
    for serial in serials {
        cases.append(
            (
                "serial \(serial)",
                {
                    try issuer.chain(for: .named("T1"), key, period: .usual, serial: serial)
                }, "issuing.serial"
            )
        )
    }
    for (what, body, code) in cases { #expect(problem(IssuingProblem.self, body)?.code == code, "\(what)") }
    let longest = try CertificateIssuer.authority(
        network.authorityKey,
        network: String(repeating: "滨", count: 64),
        period: .usual,
        serial: [1]
    )
    #expect(longest.network.count == 64)
}

@Test func chainsEndAtTheirBound() throws {
    let network = try Network()
    var chain: CertificateChain?
    var nodeKey = NodeKey.generate()
    for depth in 0..<CertificateChain.longest {
        let issuer =
            if let chain {
                try CertificateIssuer(node: nodeKey, chain: chain)
            } else {
                try CertificateIssuer(authority: network.authorityKey, certificate: network.authority)
            }
        nodeKey = NodeKey.generate()
        chain = try issuer.chain(for: .named("U\(depth)"), nodeKey.publicKey, period: .usual, serial: [1])
    }
    let longest = try #require(chain)
    let verified = try longest.verify(
        TrustAnchor(network.authority),
        lineage: { _, _ in true },
        at: Network.during
    )
    #expect(verified.nodes.count == CertificateChain.longest)
    #expect(problem(IssuingProblem.self) { try CertificateIssuer(node: nodeKey, chain: longest) } == .tooDeep)
}

@Test func periodHasBounds() {
    #expect(CertificatePeriod(from: 2, until: 1) == nil)
    #expect(CertificatePeriod(from: .min, until: 1) == nil)
    #expect(CertificatePeriod(from: 1, until: .max) == nil)
    #expect(CertificatePeriod(from: CertificatePeriod.earliest, until: CertificatePeriod.latest) == .always)
    #expect(CertificatePeriod(from: 1, until: 1)?.contains(1) == true)
}

/// The forms of time that a certificate can have, at both sides of 2050, come back to the second.
@Test(arguments: [CertificatePeriod.earliest, -1, 0, 2_524_607_999, 2_524_608_000, CertificatePeriod.latest])
func timesComeBack(moment: Int64) throws {
    let network = try Network()
    let issuer = try CertificateIssuer(authority: network.authorityKey, certificate: network.authority)
    let period = try #require(CertificatePeriod(from: moment, until: moment))
    let key = NodeKey.generate().publicKey
    #expect(try issuer.chain(for: .named("CITY"), key, period: period, serial: [1]).leaf.period == period)
}
