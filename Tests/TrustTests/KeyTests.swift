import Crypto
import Foundation
import Testing

@testable import Trust

@Test func nodeAndAuthorityKeysGoThroughPEM() throws {
    let node = NodeKey.generate()
    #expect(try NodeKey(pem: node.pem).publicKey == node.publicKey)
    let authority = AuthorityKey.generate()
    #expect(try AuthorityKey(pem: authority.pem).publicKey == authority.publicKey)
    #expect(node.publicKey != NodeKey.generate().publicKey)
    #expect(P256PublicKey(raw: node.publicKey.raw) == node.publicKey)
    #expect(P256PublicKey(raw: Data(repeating: 1, count: 64)) == nil, "no point of the curve")
    #expect(P256PublicKey(raw: node.publicKey.raw.dropLast()) == nil)
    #expect(node.publicKey.subjectPublicKeyInfo.count == 91)
}

@Test func signatureHolds64BytesAndBindsKeyAndContent() throws {
    let key = NodeKey.generate()
    let content = Data("opening".utf8)
    let signature = try key.signature(for: content)
    #expect(signature.count == P256PublicKey.length)
    #expect(key.publicKey.isValidSignature(signature, for: content))
    #expect(!key.publicKey.isValidSignature(signature, for: Data("opened".utf8)))
    #expect(!NodeKey.generate().publicKey.isValidSignature(signature, for: content))
    #expect(!key.publicKey.isValidSignature(signature.dropLast(), for: content))
    #expect(!key.publicKey.isValidSignature(Data(repeating: 0, count: 64), for: content))
}

@Test func sealKeyGoesThroughPEM() throws {
    let key = SealKey.generate()
    let again = try SealKey(pem: key.pem)
    #expect(again.publicKey == key.publicKey && key.publicKey.count == SealKey.publicKeyLength)
    let signature = try again.signature(for: Data([1]))
    #expect(signature.count == SealKey.signatureLength)
    #expect(SealKey.isValidSignature(signature, for: Data([1]), publicKey: key.publicKey))
    #expect(!SealKey.isValidSignature(signature, for: Data([2]), publicKey: key.publicKey))
    #expect(!SealKey.isValidSignature(signature, for: Data([1]), publicKey: Data([1, 2])))
    #expect(SealKey(secret: [1, 2]) == nil)
}

/// RFC 8410, 10.3: the example of a private key, and the public key of 10.1 that belongs to it.
@Test func sealKeyReadsTheStandardsExample() throws {
    let pem = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----
        """
    let expected = Data(base64Encoded: "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
    #expect(try SealKey(pem: pem).publicKey == expected)
}

@Test func badPEMIsRefusedWithItsCode() throws {
    let seal = SealKey.generate().pem
    let node = NodeKey.generate().pem
    let long = String(repeating: "A", count: KeyProblem.longestPEM + 1)
    let cases: [(String, () throws -> Any, String)] = [
        ("empty", { try NodeKey(pem: "") }, "key.malformed"),
        (
            "garbage", { try AuthorityKey(pem: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----") },
            "key.malformed"
        ),
        ("seal key as node key", { try NodeKey(pem: seal) }, "key.malformed"),
        ("node key as seal key", { try SealKey(pem: node) }, "key.malformed"),
        ("too long", { try NodeKey(pem: long) }, "key.tooLong"),
        ("too long a seal key", { try SealKey(pem: long) }, "key.tooLong"),
    ]
    for (what, body, code) in cases { #expect(problem(KeyProblem.self, body)?.code == code, "\(what)") }
}

@Test func keysDoNotPrintTheirSecret() throws {
    let key = NodeKey.generate()
    let secret = key.pem.split(separator: "\n")[1]
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] {
        #expect(text.contains("node key") || !dumped.isEmpty)
        #expect(!text.contains(secret.prefix(16)))
    }
    var seal = ""
    dump(SealKey.generate(), to: &seal)
    #expect(!seal.contains("backing") && !seal.contains("bytes"))
    #expect("\(SealKey.generate())" == "seal key")
}
