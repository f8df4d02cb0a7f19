import Foundation
import Testing

@testable import ChangeSet

@Suite struct FrameTests {
    static let frames: [Frame] = [
        .hello(
            .with {
                $0.version = 1; $0.wait = 30
            }),
        .batch(
            .with {
                $0.feed = 2; $0.runs = [.with { $0.from = 1 }]
            }),
        .heartbeat(.with { $0.time = 5 }), .ack(.with { $0.time = 7 }), .refusal(.with { $0.code = "x" }), .end,
    ]

    @Test func framesSurviveEveryWayOfCutting() throws {
        let bytes = try Self.frames.reduce(into: Data()) { $0.append(try $1.bytes) }
        for size in [1, 2, 3, 7, bytes.count] {
            var reader = FrameReader()
            var out: [Frame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                out += try reader.read(bytes.subdata(in: start..<min(start + size, bytes.count)))
            }
            #expect(out == Self.frames)
            #expect(reader.isBetweenFrames)
        }
    }

    @Test func badFramesAreRefused() {
        let bad: [(String, [UInt8], WireError)] = [
            ("unknown kind", [99, 0], .malformed("frame kind 99")),
            ("no message", [1, 2, 0xff, 0xff], .malformed("frame")),
            ("too long", [2, 0xff, 0xff, 0x7f], .tooLarge("frame")),
            ("endless length", [2, 0xff, 0xff, 0xff, 0xff], .tooLarge("frame")),
        ]
        for (name, bytes, error) in bad {
            #expect(throws: error, "\(name)") {
                var reader = FrameReader()
                _ = try reader.read(Data(bytes))
            }
        }
    }

    @Test func deflatedStreamCanBeReadAtEveryFlush() throws {
        let deflater = Deflater(dictionary: PresetDictionary.bytes)
        let inflater = Inflater(dictionary: PresetDictionary.bytes, bound: 4 << 20)
        var random = SeededGenerator(state: 11)
        for _ in 0..<50 {
            let message = Data(
                (0..<Int.random(in: 1...30_000, using: &random)).map { _ in UInt8.random(in: 97...110, using: &random) }
            )
            var out = Data()
            try inflater.read(deflater.flush(message)) { out.append($0) }
            #expect(out == message)
        }
        var rest = Data()
        try inflater.read(deflater.finish(Data("end".utf8))) { rest.append($0) }
        #expect(rest == Data("end".utf8) && inflater.isFinished)
        #expect(throws: WireError.inflate) { try inflater.read(Data([0])) { _ in } }
    }

    @Test func bombIsMetBeforeItIsInMemory() throws {
        let bomb = Deflater(dictionary: []).finish(Data(count: 8 << 20))
        #expect(bomb.count < 10_000)
        let inflater = Inflater(dictionary: [], bound: 1 << 20)
        var largest = 0
        #expect(throws: WireError.tooLarge("exchange")) {
            try inflater.read(bomb) { largest += $0.count }
        }
        #expect(largest <= 1 << 20)
    }

    @Test func damagedStreamIsAnError() throws {
        let good = Deflater(dictionary: []).finish(Data("some text that is long enough, some text".utf8))
        var bad = good
        bad[0] = 0xff
        #expect(throws: WireError.inflate) { try Inflater(dictionary: [], bound: 1000).read(bad) { _ in } }
        #expect(throws: WireError.inflate) { try Inflater(dictionary: [], bound: 1000).read(good + [1]) { _ in } }
    }
}
