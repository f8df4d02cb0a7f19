import Crypto
import Foundation
import ServiceModel
import Testing
import X509

@testable import Trust

/// A village enrolling with its town, up to the moment at which the code was typed.
private struct Scene {
    let network: Network
    let genesis = Data("genesis of the test network".utf8)
    let code: EnrollmentCode
    let key = NodeKey.generate()
    let request: EnrollmentRequest
    let entry: EnrollmentLedgerEntry

    static let expires: Int64 = 1_000

    init(hall: String? = "村便民服务点") throws {
        network = try Network()
        let id = SHA256.hash(data: Data([0x03]) + genesis)
        code = try #require(EnrollmentCode(secret: Array(50..<60), network: Array(id)))
        request = try EnrollmentRequest(code, unit: unit("V1"), publicKey: key.publicKey, hall: hall)
        entry = EnrollmentLedgerEntry(EnrollmentVerifier(code), unit: try unit("V1"), expires: Self.expires)
    }

    var issuer: AuthorID { AuthorID(Bytes16(high: 1, low: 2)) }

    func grant(
        unit: String = "V1",
        from parent: String = "T1",
        key: P256PublicKey? = nil,
        genesis: Data? = nil,
        signedBy: AuthorityKey? = nil,
        code: EnrollmentCode? = nil,
        authority: AuthorityCertificate? = nil
    ) throws -> EnrollmentGrant {
        let issuer = try CertificateIssuer(node: network.key(parent), chain: network.chain(parent))
        let chain = try issuer.chain(
            for: .named(unit, ordinal: 2),
            key ?? self.key.publicKey,
            period: .usual,
            serial: [5]
        )
        let genesis = genesis ?? self.genesis
        return try EnrollmentGrant(
            chain,
            authority: authority ?? network.authority,
            genesis: genesis,
            genesisSignature: (signedBy ?? network.authorityKey).signature(for: genesis),
            issuer: self.issuer,
            verifier: EnrollmentVerifier(code ?? self.code)
        )
    }
}

@Test func enrollmentGoesThrough() throws {
    let scene = try Scene()
    let received = try EnrollmentRequest(json: scene.request.json)
    #expect(received == scene.request)
    #expect([scene.entry].entry(for: received) == scene.entry)
    let decision = scene.entry.accept(received, presented: scene.key.publicKey, now: 999)
    #expect(decision == .success(.issue(unit: try unit("V1"), publicKey: scene.key.publicKey)))
    let grant = try scene.grant()
    let arrived = try EnrollmentGrant(json: grant.json)
    #expect(arrived == grant)
    let chain = try arrived.accepted(with: scene.code, for: scene.request, presented: scene.network.der("T1"))
    #expect(chain.name == .named("V1", tier: 3, ordinal: 2) && arrived.name == chain.name)
    #expect(arrived.network == Data(SHA256.hash(data: Data([0x03]) + scene.genesis)))
    #expect(arrived.issuer == scene.issuer)
    #expect(scene.code.isFor(network: arrived.network))
}

@Test func requestsHaveOneEncoding() throws {
    let scene = try Scene(hall: nil)
    let json = try scene.request.json
    #expect(try EnrollmentRequest(json: json).json == json)
    #expect(!String(decoding: json, as: UTF8.self).contains("hall"))
    let grant = try scene.grant()
    #expect(try EnrollmentGrant(json: grant.json).json == grant.json)
    #expect(try grant.json.count < 8_192)
}

/// HMAC-SHA256 with SHA-256(secret) over label ‖ key ‖ unit ‖ 0 ‖ hall, made here by hand.
@Test func proofIsTheOneWritten() throws {
    let scene = try Scene(hall: "a")
    var content = Data("terrace-enroll-1".utf8)
    content += scene.key.publicKey.raw + Data("V1".utf8) + Data([0]) + Data("a".utf8)
    let key = SymmetricKey(data: SHA256.hash(data: scene.code.secret))
    #expect(scene.request.proof == Data(HMAC<SHA256>.authenticationCode(for: content, using: key)))
    #expect(scene.entry.verifier.bytes == Data(SHA256.hash(data: scene.code.secret)))
    #expect(EnrollmentVerifier(bytes: scene.entry.verifier.bytes) == scene.entry.verifier)
    #expect(EnrollmentVerifier(bytes: [1, 2]) == nil)
}

@Test func refusalsHaveTheirCodes() throws {
    let scene = try Scene()
    let other = NodeKey.generate().publicKey
    let guess = try #require(EnrollmentCode(secret: Array(0..<10), network: Array(0..<32)))
    let unknown = try EnrollmentRequest(guess, unit: unit("V1"), publicKey: scene.key.publicKey)
    let wrongUnit = try EnrollmentRequest(scene.code, unit: unit("V2"), publicKey: scene.key.publicKey)
    let otherNode = try EnrollmentRequest(scene.code, unit: unit("V1"), publicKey: other)
    let renamed = try altered(scene.request.json, "hall") { _ in "另一处" }
    let moved = try altered(scene.request.json, "unit") { _ in "V2" }
    let rekeyed = try altered(scene.request.json, "publicKey") { _ in other.raw.base64EncodedString() }
    let used = scene.entry.granting(try scene.grant())
    let key = scene.key.publicKey
    let cases: [(String, EnrollmentLedgerEntry, EnrollmentRequest, P256PublicKey, Int64, EnrollmentRefusal)] = [
        ("another code", scene.entry, unknown, key, 0, .unknownCode),
        ("hall altered", scene.entry, try EnrollmentRequest(json: renamed), key, 0, .badProof),
        ("unit altered", scene.entry, try EnrollmentRequest(json: moved), key, 0, .badProof),
        ("key altered", scene.entry, try EnrollmentRequest(json: rekeyed), other, 0, .badProof),
        ("connection of another", scene.entry, scene.request, other, 0, .otherKey),
        ("another unit", scene.entry, wrongUnit, key, 0, .wrongUnit(try unit("V2"))),
        ("at the end", scene.entry, scene.request, key, Scene.expires, .expired(at: Scene.expires)),
        ("long after", scene.entry, scene.request, key, .max, .expired(at: Scene.expires)),
        ("used", used, otherNode, other, 0, .used), ("used, expired", used, otherNode, other, .max, .used),
    ]
    for (what, entry, request, presented, now, expected) in cases {
        #expect(entry.accept(request, presented: presented, now: now) == .failure(expected), "\(what)")
    }
    #expect([scene.entry].entry(for: unknown) == nil)
    let codes: [EnrollmentRefusal: String] = [
        .unknownCode: "enrollment.unknownCode", .badProof: "enrollment.badProof", .otherKey: "enrollment.otherKey",
        .wrongUnit(try unit("V2")): "enrollment.wrongUnit", .used: "enrollment.used",
        .expired(at: 0): "enrollment.expired",
    ]
    for (refusal, code) in codes { #expect(refusal.code == code) }
}

@Test func lostAnswerIsAnsweredAgain() throws {
    let scene = try Scene()
    let grant = try scene.grant()
    let used = scene.entry.granting(grant)
    for moment in [0, Scene.expires, Int64.max] {
        #expect(used.accept(scene.request, presented: scene.key.publicKey, now: moment) == .success(.again(grant)))
    }
    let other = NodeKey.generate().publicKey
    #expect(used.accept(scene.request, presented: other, now: 0) == .failure(.otherKey), "replayed by another node")
}

@Test func grantsAreRefusedWithTheirCode() throws {
    let scene = try Scene()
    let foreign = try Network("Dezhou")
    let guess = try #require(EnrollmentCode(secret: Array(0..<10), network: Array(0..<32)))
    let good = try scene.grant()
    let town = try scene.network.der("T1")
    let cases: [(String, EnrollmentGrant, [[UInt8]], String?)] = [
        ("good", good, town, nil),
        ("ancestor issues", try scene.grant(from: "C1"), try scene.network.der("C1"), nil),
        ("code not known", try scene.grant(code: guess), town, "enrollment.grant.proof"),
        ("another genesis", try scene.grant(genesis: Data("x".utf8)), town, "enrollment.grant.network"),
        (
            "genesis signed by another", try scene.grant(signedBy: foreign.authorityKey), town,
            "enrollment.grant.genesis"
        ),
        (
            "another authority", try scene.grant(signedBy: foreign.authorityKey, authority: foreign.authority), town,
            "enrollment.grant.certificate"
        ),
        ("another unit", try scene.grant(unit: "V2"), town, "enrollment.grant.otherNode"),
        ("another key", try scene.grant(key: NodeKey.generate().publicKey), town, "enrollment.grant.otherNode"),
        ("another server", good, try scene.network.der("C1"), "enrollment.grant.otherServer"),
        ("a foreign server", good, try foreign.der("T1"), "enrollment.grant.certificate"),
        ("no server", good, [], "enrollment.grant.certificate"),
    ]
    for (what, grant, presented, code) in cases {
        let found = problem(EnrollmentGrantProblem.self) {
            try grant.accepted(with: scene.code, for: scene.request, presented: presented)
        }
        #expect(found?.code == code, "\(what)")
    }
    for field in ["genesis", "issuer", "genesisSignature", "proof"] {
        let changed = try altered(good.json, field) { text in
            field == "issuer" ? "f" + text.dropFirst() : (text.first == "A" ? "B" : "A") + text.dropFirst()
        }
        let grant = try EnrollmentGrant(json: changed)
        #expect(
            problem(EnrollmentGrantProblem.self) {
                try grant.accepted(with: scene.code, for: scene.request, presented: town)
            } == .proof,
            "\(field)"
        )
    }
}

@Test func messagesAreBounded() throws {
    let scene = try Scene()
    let request = try scene.request.json
    let grant = try scene.grant().json
    let cases: [(String, () throws -> Any, String)] = [
        (
            "large request", { try EnrollmentRequest(json: Data(repeating: 32, count: 4097)) },
            "enrollment.message.tooLarge"
        ),
        (
            "large grant", { try EnrollmentGrant(json: Data(repeating: 32, count: 160 * 1024 + 1)) },
            "enrollment.message.tooLarge"
        ),
        ("nothing", { try EnrollmentRequest(json: Data()) }, "enrollment.message.malformed"),
        ("deep", { try EnrollmentRequest(json: Data(repeating: 0x5b, count: 4096)) }, "enrollment.message.malformed"),
        ("another message", { try EnrollmentGrant(json: request) }, "enrollment.message.malformed"),
        (
            "no unit", { try EnrollmentRequest(json: altered(request, "unit") { _ in "" }) },
            "enrollment.message.field"
        ),
        (
            "short key", { try EnrollmentRequest(json: altered(request, "publicKey") { _ in "AAAA" }) },
            "enrollment.message.field"
        ),
        (
            "no base 64", { try EnrollmentRequest(json: altered(request, "publicKey") { _ in "?" }) },
            "enrollment.message.malformed"
        ),
        (
            "long hall",
            { try EnrollmentRequest(json: altered(request, "hall") { _ in String(repeating: "x", count: 101) }) },
            "enrollment.message.field"
        ),
        (
            "empty hall", { try EnrollmentRequest(json: altered(request, "hall") { _ in "" }) },
            "enrollment.message.field"
        ),
        (
            "short proof", { try EnrollmentRequest(json: altered(request, "proof") { _ in "AAAA" }) },
            "enrollment.message.field"
        ),
        (
            "short code", { try EnrollmentRequest(json: altered(request, "code") { _ in "AAAA" }) },
            "enrollment.message.field"
        ),
        (
            "control character in hall",
            {
                try EnrollmentRequest(
                    scene.code,
                    unit: unit("V1"),
                    publicKey: scene.key.publicKey,
                    hall: "a\u{1b}[2J"
                )
            }, "enrollment.message.field"
        ),
        (
            "no genesis", { try EnrollmentGrant(json: altered(grant, "genesis") { _ in "" }) },
            "enrollment.message.field"
        ),
        (
            "large genesis",
            {
                try EnrollmentGrant(
                    json: altered(grant, "genesis") { _ in Data(repeating: 1, count: 32769).base64EncodedString() }
                )
            }, "enrollment.message.field"
        ),
        (
            "no certificate", { try EnrollmentGrant(json: altered(grant, "authority") { _ in "" }) },
            "enrollment.message.field"
        ),
        (
            "no issuer", { try EnrollmentGrant(json: altered(grant, "issuer") { _ in "12" }) },
            "enrollment.message.field"
        ),
        (
            "version 2",
            {
                try EnrollmentRequest(
                    json: Data(
                        String(decoding: request, as: UTF8.self).replacing("\"version\":1", with: "\"version\":2").utf8
                    )
                )
            }, "enrollment.message.version"
        ),
    ]
    for (what, body, code) in cases { #expect(problem(EnrollmentMessageProblem.self, body)?.code == code, "\(what)") }
}

@Test(arguments: [1, UInt64.random(in: .min ... .max)])
func randomMessagesNeverTrap(seed: UInt64) throws {
    var random = Seeded(seed)
    let scene = try Scene()
    let samples = [try scene.request.json, try scene.grant().json]
    for round in 0..<1_000 {
        var json = samples[round % 2]
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            json[Int.random(in: json.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if let request = try? EnrollmentRequest(json: json), request != scene.request {
            let answer = scene.entry.accept(request, presented: request.publicKey, now: 0)
            #expect(throws: EnrollmentRefusal.self, "seed \(seed), round \(round)") { try answer.get() }
        }
        if let grant = try? EnrollmentGrant(json: json), try grant.json != samples[1] {
            #expect(throws: EnrollmentGrantProblem.self, "seed \(seed), round \(round)") {
                try grant.accepted(with: scene.code, for: scene.request, presented: scene.network.der("T1"))
            }
        }
    }
}

/// The JSON object with one text replaced.
private func altered(_ json: Data, _ field: String, _ change: (String) -> String) throws -> Data {
    var object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    object[field] = change(try #require(object[field] as? String))
    return try JSONSerialization.data(withJSONObject: object)
}
