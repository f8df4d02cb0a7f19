import Crypto
import Foundation
import Synchronization
import Testing

@testable import Trust

/// A signature of a simulation that no library took, or that did not come out again, would make the simulator another
/// network than the real one, or none at all.
@Suite struct RepeatableSignatureTests {
    private static func bytes(_ hex: String) -> Data {
        Data(
            stride(from: 0, to: hex.count, by: 2).map { offset in
                let start = hex.index(hex.startIndex, offsetBy: offset)
                return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
            })
    }

    /// RFC 6979, A.2.5, with SHA-256.
    @Test(arguments: [
        (
            "sample",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                + "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        ),
        (
            "test",
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                + "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
        ),
    ])
    func theStandardsOwnExamplesComeOut(_ message: String, _ expected: String) throws {
        let secret = Self.bytes("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
        let key = try P256.Signing.PrivateKey(rawRepresentation: secret)
        #expect(RepeatableSignature(key: key).signature(for: Data(message.utf8)) == Self.bytes(expected))
    }

    @Test func theLibraryTakesWhatComesOutAgain() throws {
        for number in 0..<64 {
            let key = P256.Signing.PrivateKey(), content = Data("content \(number)".utf8)
            let signature = RepeatableSignature(key: key).signature(for: content)
            #expect(NodeKey(key: key).publicKey.isValidSignature(signature, for: content))
            #expect(RepeatableSignature(key: key).signature(for: content) == signature)
        }
    }

    @Test func aSourceMakesTheSameKeysAndCertificates() throws {
        func made() throws -> [Data] {
            let counter = Mutex(UInt8(0))
            let source = KeySource.repeatable { count in
                counter.withLock {
                    $0 += 1; return Data(repeating: $0, count: count)
                }
            }
            let authority: AuthorityKey = source.key()
            let certificate = try CertificateIssuer.authority(
                authority, network: "n", period: CertificatePeriod(from: 0, until: 1_000_000)!, serial: [1])
            return [Data(certificate.der), authority.publicKey.raw, source.sealKey().publicKey]
        }
        #expect(try made() == made())
    }
}
