import ChangeSet
import Foundation
import NodeServer
import ServiceModel
import Simulator
import SyncProtocol
import Testing

@testable import SyncNode

/// What a node with a good certificate may send and should not: each refused with its code or passed over, the node
/// up, nothing of it kept, and the next good exchange as if nothing had been.
@Suite(.timeLimit(.minutes(1)))
struct LinkTroubleTests {
    private static func twoCases(_ network: SimulatedNetwork) throws {
        try network.accept(at: LinkTown.countyCode, number: 1)
        try network.accept(at: LinkTown.countyCode, number: 2)
    }

    /// Nothing was kept, and a good exchange goes through.
    private func isUnharmed(_ town: LinkTown, cases: Int = 2) async throws {
        #expect(try town.casesAtCity == 0)
        _ = try await town.exchange()
        #expect(try town.casesAtCity == cases)
        let unit = try #require(UnitCode(LinkTown.countyCode))
        let prints = try [town.city, town.county].map { try $0.replica.read { try $0.fingerprint(of: unit).digest } }
        #expect(prints[0] == prints[1])
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let change: @Sendable (inout WireRun) -> Void
    }

    static let tamperings: [Tampering] = [
        Tampering(testDescription: "a flipped bit in a signature", code: "wire.seal") { $0.signature[7] ^= 1 },
        Tampering(testDescription: "a signature over nothing", code: "wire.seal") { $0.signature = Data(count: 64) },
        Tampering(testDescription: "a short signature", code: "wire.seal") { $0.signature = Data(count: 63) },
        Tampering(testDescription: "a changed applicant", code: "wire.seal") { run in
            let at = run.changeSets[0].range(of: Data("王1".utf8))!
            run.changeSets[0].replaceSubrange(at, with: Data("王2".utf8))
        },
        Tampering(testDescription: "change sets in another order", code: "wire.seal") { $0.changeSets.swapAt(0, 1) },
        Tampering(testDescription: "a change set left out", code: "wire.malformed") { $0.changeSets.removeLast() },
        Tampering(testDescription: "another seal", code: "wire.seal") { $0.seal.append(contentsOf: [0x78, 1]) },
        Tampering(testDescription: "another author", code: "wire.unknownAuthor") { $0.author = Data(count: 16) },
        Tampering(testDescription: "a count beyond the bound", code: "wire.tooLarge") { $0.count = 1 << 30 },
    ]

    @Test("A tampered or wrongly sealed run is refused whole", arguments: tamperings)
    func tampered(_ tampering: Tampering) async throws {
        try await LinkTown.with(prepare: Self.twoCases) { town in
            let speech = try town.speech().changingRun(tampering.change)
            let refusal = try #require(try await town.say(speech).refusal)
            #expect(refusal.code == tampering.code)
            #expect(!refusal.english.isEmpty && !refusal.chinese.isEmpty)
            try await isUnharmed(town)
        }
    }

    @Test("A run under the seal of another run is refused")
    func borrowedSeal() async throws {
        try await LinkTown.with(prepare: Self.twoCases) { town in
            let first = try town.speech()
            var borrowed = Data()
            _ = first.changingRun { borrowed = $0.signature }
            try town.accept()
            let later = try town.speech()
            let changed = later.map { frame -> Frame in
                guard case .batch(var batch) = frame, let last = batch.runs.indices.last else { return frame }
                batch.runs[last].signature = borrowed
                return .batch(batch)
            }
            #expect(changed != later)
            #expect(try await town.say(changed).refusal?.code == "wire.seal")
            try await isUnharmed(town, cases: 3)
        }
    }

    @Test("What is said twice is taken once")
    func replayed() async throws {
        try await LinkTown.with(prepare: Self.twoCases) { town in
            let speech = try town.speech()
            for _ in 0..<3 {
                let answer = try await town.say(speech)
                #expect(answer.refusal == nil && answer.last == .end)
                #expect(try town.casesAtCity == 2)
            }
            let journal = try town.city.replica.read {
                try $0.fingerprint(of: UnitCode(LinkTown.countyCode)!).changeSets
            }
            #expect(journal == 2)
            _ = try await town.exchange()
            #expect(try town.casesAtCity == 2)
        }
    }

    @Test("A batch that comes twice inside one exchange is taken once")
    func doubledBatch() async throws {
        try await LinkTown.with(prepare: Self.twoCases) { town in
            let speech = try town.speech().flatMap { frame -> [Frame] in
                if case .batch = frame { [frame, frame] } else { [frame] }
            }
            let answer = try await town.say(speech)
            #expect(answer.refusal == nil && answer.last == .end)
            #expect(try town.casesAtCity == 2)
        }
    }

    @Test("A body that ends anywhere loses and doubles nothing", arguments: [1, 40, 200, 400])
    func truncated(bytes: Int) async throws {
        try await LinkTown.with(prepare: Self.twoCases) { town in
            var speaker = FrameStream()
            var whole = Data()
            for frame in try town.speech() { whole += try speaker.encode(frame) }
            whole += speaker.finish()
            try #require(whole.count > bytes)
            let answer = try await town.say(bytes: whole.prefix(bytes))
            #expect(answer.refusal?.code == "link.cutOff")
            _ = try await town.exchange()
            #expect(try town.casesAtCity == 2)
        }
    }

    private static func frame(_ kind: UInt8, _ length: [UInt8], _ rest: Int = 0) -> Data {
        Deflater(dictionary: PresetDictionary.bytes).finish(Data([kind] + length) + Data(count: rest))
    }

    /// Empty batches, two bytes each, 16 MB of them.
    private static let tinyFrames: Data = {
        let some = Data((0..<32_768).flatMap { _ in [2, 0] as [UInt8] })
        let deflater = Deflater(dictionary: PresetDictionary.bytes)
        return (0..<256).reduce(into: Data()) { out, _ in out += deflater.write(some) } + deflater.finish(Data())
    }()

    static let nonsense: [(String, Data, String)] = [
        ("no deflate", Data("GET / HTTP/1.1\r\n\r\n".utf8), "wire.inflate"),
        ("a frame beyond the bound", frame(2, [0xFF, 0xFF, 0xFF, 0x7F]), "wire.tooLarge"),
        ("a length without end", frame(2, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), "wire.tooLarge"),
        ("a kind that is none", frame(99, [0]), "wire.malformed"),
        ("a hello that is no message", frame(1, [2], 2), "wire.malformed"),
        ("a batch before the greeting", frame(2, [0]), "link.unexpected"),
        ("eight million tiny frames", tinyFrames, "wire.tooLarge"),
    ]

    @Test("Bytes that are no exchange are refused", arguments: nonsense)
    func garbage(_ what: String, bytes: Data, code: String) async throws {
        try await LinkTown.with(prepare: Self.twoCases) { town in
            #expect(try await town.say(bytes: bytes).refusal?.code == code, "\(what)")
            try await isUnharmed(town)
        }
    }
}
