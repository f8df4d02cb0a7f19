import Crypto
import Foundation
import ServiceModel
import Testing

@testable import ChangeSet

/// The bytes of version 1, held against files: another implementation reads the same, and so does every later version.
@Suite struct GoldenBytesTests {
    /// Name and bytes of every vector. What is signed with ECDSA or Ed25519 is named by what goes under the signature,
    /// since this library's signatures are randomized.
    static func vectors() throws -> [(String, String)] {
        let run = try Samples.run(5)
        let opening = try SignedOpening(
            Opening(
                unit: UnitCode("379902001001")!, node: 1, random: Data(1...8), certificates: [Data("leaf".utf8)],
                sealKey: Samples.sealKey.publicKey.rawRepresentation, earlier: nil, earlierHeads: [], depth: 0),
            sign: { _ in Data(count: 64) })
        let genesis = try SignedGenesis(
            network: "滨湖市政务服务", authority: Data("certificate".utf8), root: UnitCode("3799")!, rootName: "滨湖市",
            tiers: ["city", "county", "town", "village"], random: Data(1...16), time: 1_790_000_000,
            sign: { _ in Data(count: 64) })
        var changeSet = ChangeSet(
            kind: ActionKind(rawValue: 7), record: .back(3),
            parents: [.back(1), .foreign(Samples.author, sequence: 9, run.present[0].leaf.leaf)],
            time: 1_790_000_001, body: Data("body".utf8))
        changeSet.target = UnitCode("379902")
        changeSet.route = [UnitCode("379902001")!]
        changeSet.admits = [.back(2)]
        changeSet.declines = [.foreign(Samples.author, sequence: 8, run.present[1].leaf.leaf)]
        changeSet.evidence = .presumedLost
        changeSet.actor = "c07"
        changeSet.onBehalf = "张三"
        changeSet.channel = .online
        changeSet.mustUnderstand = true
        changeSet.groupOffset = 1
        changeSet.groupCount = 2
        let part = run.pruned(to: [2, 3])
        var wire = part.wire(author: true, previous: true, pin: true)
        wire.signature = Data(count: 64)
        let seed = Samples.seed
        return [
            ("salt of sequence 42", seed.salt(sequence: 42).hex),
            ("leaf", run.present[0].leaf.description),
            ("root of 5", run.seal.root.description),
            ("seal statement", run.seal.statement(network: Samples.network).hex),
            ("seal digest", run.seal.digest(network: Samples.network).description),
            ("opening", try opening.bytes.hex),
            ("author", opening.author.id.description),
            ("genesis", try genesis.bytes.hex),
            ("network", genesis.id.description),
            ("change set", try changeSet.bytes.hex),
            ("pruned run", try (wire.serializedBytes() as Data).hex),
            (
                "frame",
                try Frame.hello(
                    .with {
                        $0.version = 1; $0.incarnation = 1; $0.wait = 30
                    }
                ).bytes.hex
            ),
            ("dictionary", Digest32(hashing: Data(PresetDictionary.bytes)).description),
        ]
    }

    @Test func bytesAreThoseOfVersion1() throws {
        let file = packageRoot.appending(path: "fixtures/wire/version-1.txt")
        let vectors = try Self.vectors()
        if ProcessInfo.processInfo.environment["TERRACE_RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            let text = vectors.map { "\($0.0): \($0.1)\n" }.joined()
            try Data(text.utf8).write(to: file)
        }
        let held = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(held.count == vectors.count)
        for (expected, made) in zip(held, vectors) {
            #expect(expected == [made.0, made.1])
        }
    }

    @Test func changeSetReadsBack() throws {
        let hex = try #require(try Self.vectors().first { $0.0 == "change set" }?.1)
        let bytes = Data(
            stride(from: 0, to: hex.utf8.count, by: 2).map { i -> UInt8 in
                UInt8(hex.dropFirst(i).prefix(2), radix: 16) ?? 0
            })
        let read = try ChangeSet(bytes: bytes, sequence: 20)
        #expect(try read.bytes == bytes)
        #expect(throws: WireError.malformed("record")) { try ChangeSet(bytes: bytes, sequence: 3) }
    }
}

/// The folder of Package.swift.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
