import ChangeSet
import Crypto
import Foundation
import ServiceModel
import Testing

@testable import Replica
@testable import terrace

/// Whoever has a receipt can hold it against the key of who signed, without this program.
@Suite struct ReceiptTests {
    private let network = Digest32(hashing: Data("a network".utf8))
    private let own = Curve25519.Signing.PrivateKey(), theirs = Curve25519.Signing.PrivateKey()
    private let village: (unit: UnitCode, node: UInt32)
    private let town: (unit: UnitCode, node: UInt32)

    init() throws {
        village = (try #require(UnitCode("379902001001")), 1)
        town = (try #require(UnitCode("379902001")), 2)
    }

    private func statement(
        of signer: (unit: UnitCode, node: UInt32), to other: (unit: UnitCode, node: UInt32), runs: Int = 7,
        key: Curve25519.Signing.PrivateKey
    ) throws -> KeptStatement {
        var charter = WireCursor()
        charter.position = 12
        charter.rolling = 0x00ab_cdef_0123_4567
        let author = Author(
            id: AuthorID(Bytes16(high: 1, low: 2)), unit: signer.unit, enrollment: signer.node, depth: 0)
        let said = try SignedEquality(
            author: author.id, to: other.unit, other.node, digest: Digest32(hashing: Data("all".utf8)), runs: runs,
            changeSets: 20, charter: charter, time: 1_790_000_000, network: network, key: key)
        return KeptStatement(said: said, signer: author, isSigned: true)
    }

    private func receipt(runs: Int = 7, theirRuns: Int = 7) throws -> EqualityReceipt {
        EqualityReceipt(
            proof: ProvenEquality(unit: town.unit, node: town.node, time: 1_790_000_000, runs: runs, changeSets: 20),
            own: try statement(of: village, to: town, key: own),
            theirs: try statement(of: town, to: village, runs: theirRuns, key: theirs))
    }

    private func bytes(_ hex: String) -> Data {
        var out = Data()
        var rest = Substring(hex)
        while !rest.isEmpty {
            if let byte = UInt8(rest.prefix(2), radix: 16) { out.append(byte) }
            rest = rest.dropFirst(2)
        }
        return out
    }

    @Test func allThatWasSignedIsInIt() throws {
        let json = try ReceiptOutput(try receipt(), network: network).prettyJSON()
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let statements = try #require(read["statements"] as? [[String: Any]])
        for (said, key) in zip(statements, [own, theirs]) {
            func text(_ name: String, in object: [String: Any]) throws -> String {
                try #require(object[name] as? String, "\(name)")
            }
            func number(_ name: String) throws -> UInt64 {
                try #require(said[name] as? NSNumber, "\(name)").uint64Value
            }
            let to = try text("to", in: said)
            var out = Data("terrace-equal-1".utf8)
            out.append(bytes(try text("network", in: read)))
            out.append(bytes(try text("author", in: said)))
            out.append(UInt8(to.utf8.count))
            out.append(Data(to.utf8))
            out.append(bytes(try text("digest", in: said)))
            for name in ["toNode", "runs", "changeSets", "charter"] { out.append(bigEndian: try number(name)) }
            out.append(bytes(try text("charterDigest", in: said)))
            out.append(bigEndian: try number("time"))
            let signature = bytes(try text("signature", in: said))
            #expect(key.publicKey.isValidSignature(signature, for: out), "\(json)")
        }
        #expect(statements.count == 2 && read["holds"] as? Bool == true)
    }

    @Test func whatIsWrongIsSaid() throws {
        func words(_ receipt: EqualityReceipt) -> String { ReceiptOutput(receipt, network: network).words[.english] }
        #expect(!words(try receipt()).contains("NOT"))
        #expect(words(try receipt(theirRuns: 8)).contains("the two do NOT say the same"))
        for runs in [8, -7, .min] {
            let text = words(try receipt(runs: runs))
            #expect(text.contains("own note of it was changed") && !text.contains("NOT"), "\(text)")
        }
        let half = EqualityReceipt(proof: try receipt().proof, own: try receipt().own, theirs: .unreadable)
        #expect(words(half).contains("cannot be read") && !half.holds)
    }
}
