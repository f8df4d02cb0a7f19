import Crypto
import Foundation
import ServiceModel
import SwiftASN1
import Testing
import X509

@testable import Trust

/// A small network with its keys: city CITY; county C1 with town T1 with village V1 with desk D1; county C2.
struct Network: Sendable {
    static let start: Int64 = 1_700_000_000
    static let end: Int64 = 1_900_000_000
    static let during: Int64 = 1_800_000_000
    static let parents = ["C1": "CITY", "C2": "CITY", "T1": "C1", "V1": "T1", "D1": "V1"]
    static let path = ["CITY", "C1", "T1", "V1", "D1"]

    let authorityKey = AuthorityKey.generate()
    let authority: AuthorityCertificate
    let keys: [String: NodeKey]
    let chains: [String: CertificateChain]

    init(_ name: String = "Binzhou") throws {
        authority = try CertificateIssuer.authority(authorityKey, network: name, period: .usual, serial: [1])
        var keys: [String: NodeKey] = [:]
        var chains: [String: CertificateChain] = [:]
        for (tier, unit) in (Self.path + ["C2"]).enumerated() {
            let key = NodeKey.generate()
            let issuer: CertificateIssuer
            if let parent = Self.parents[unit], let parentKey = keys[parent], let chain = chains[parent] {
                issuer = try CertificateIssuer(node: parentKey, chain: chain)
            } else {
                issuer = try CertificateIssuer(authority: authorityKey, certificate: authority)
            }
            keys[unit] = key
            chains[unit] = try issuer.chain(
                for: .named(unit, tier: unit == "C2" ? 1 : tier),
                key.publicKey,
                period: .usual,
                serial: [7, 1]
            )
        }
        self.keys = keys
        self.chains = chains
    }

    var anchor: TrustAnchor { TrustAnchor(authority, root: UnitCode("CITY")) }

    func key(_ unit: String) throws -> NodeKey { try #require(keys[unit]) }
    func chain(_ unit: String) throws -> CertificateChain { try #require(chains[unit]) }
    func der(_ unit: String) throws -> [[UInt8]] { try chain(unit).der }

    /// The lineage of the tree above.
    static func isBelow(_ issuer: UnitCode, _ subject: UnitCode) -> Bool {
        var unit = subject.text
        while let parent = parents[unit] {
            if parent == issuer.text { return true }
            unit = parent
        }
        return false
    }

    func verify(_ der: [[UInt8]], at time: Int64? = during) throws(CertificateProblem) -> VerifiedChain {
        try CertificateChain(der: der).verify(anchor, lineage: Self.isBelow, at: time)
    }

    /// A certificate with one thing wrong, signed with a unit's key or the authority's.
    func forged(
        _ unit: String,
        by issuer: String?,
        key: NodeKey? = nil,
        ca: BasicConstraints = .isCertificateAuthority(maxPathLength: nil),
        usage: KeyUsage = KeyUsage(digitalSignature: true, keyCertSign: true),
        purposes: [ExtendedKeyUsage.Usage] = [.serverAuth, .clientAuth],
        subject: DistinguishedName? = nil,
        issuerName: DistinguishedName? = nil,
        dns: [String]? = nil,
        period: CertificatePeriod = .usual,
        extra: [Certificate.Extension] = []
    ) throws -> [UInt8] {
        let name = NodeName.named(unit)
        let issuerKey = try issuer.map { try self.key($0).x509 } ?? authorityKey.x509
        let issuerSubject = try issuer.map { try chain($0).leaf.certificate.subject }
        return try CertificateIssuer.signed(
            by: issuerKey,
            issuer: issuerName ?? issuerSubject ?? authority.basics.certificate.subject,
            subject: subject ?? name.subject,
            (key ?? self.key(unit)).publicKey,
            period,
            [9]
        ) {
            [
                try Certificate.Extension(ca, critical: true),
                try Certificate.Extension(usage, critical: true),
                try Certificate.Extension(ExtendedKeyUsage(purposes), critical: false),
                try Certificate.Extension(
                    SubjectAlternativeNames((dns ?? [name.dnsName]).map { .dnsName($0) }),
                    critical: false
                ),
            ] + extra
        }
    }
}

extension CertificatePeriod {
    static var usual: CertificatePeriod { CertificatePeriod(from: Network.start, until: Network.end) ?? .always }
}

extension NodeName {
    /// For codes written in the tests, which are well formed.
    static func named(_ unit: String, tier: Int? = nil, ordinal: UInt32 = 1) -> NodeName {
        let rank = tier ?? Network.path.firstIndex(of: unit) ?? 1
        guard let code = UnitCode(unit), let name = NodeName(unit: code, tier: rank, ordinal: ordinal) else {
            preconditionFailure("no unit code: \(unit)")
        }
        return name
    }
}

/// Runs `body` and gives the problem that it throws.
func problem<Problem: Error>(_ type: Problem.Type, _ body: () throws -> some Any) -> Problem? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? Problem
    }
}

/// SplitMix64: the same seed, the same bytes.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}
