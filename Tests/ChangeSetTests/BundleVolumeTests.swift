import Foundation
import Testing

@testable import ChangeSet

@Suite struct BundleVolumeTests {
    private static let signature = Data(repeating: 7, count: 64)
    private static let header = WireBundleHeader.with {
        $0.network = Data(repeating: 1, count: 32)
        $0.senderUnit = "379902001001"
        $0.senderNode = 1
        $0.recipientUnit = "379902001"
        $0.recipientNode = 2
        $0.senderIncarnation = 5
        $0.bundle = Data(repeating: 9, count: 16)
        $0.volume = 3
        $0.last = true
        $0.certificates = [Data("leaf".utf8)]
    }

    private func volume(change: (inout WireBundleHeader) -> Void = { _ in }) throws -> BundleVolume {
        var header = Self.header
        change(&header)
        return try BundleVolume(header, body: Data("secret".utf8)) { _ in Self.signature }
    }

    /// The file with its digest made to fit again.
    private func refit(_ bytes: Data) -> Data {
        bytes.dropLast(32) + Digest32(hashing: Data(bytes.dropLast(32))).data
    }

    @Test func aVolumeIsReadAsItWasWritten() throws {
        let volume = try volume()
        #expect(try BundleVolume(bytes: volume.bytes) == volume)
        #expect(try BundleVolume(bytes: Data([0] + volume.bytes).dropFirst()) == volume, "a slice is as good")
        #expect(volume.bytes.count == BundleVolume.overhead + volume.headerBytes.count + volume.body.count)
        #expect(try BundleVolume.header(ofFile: volume.bytes.prefix(400)) == Self.header)
        #expect(volume.statement.count == 16 + 64)
    }

    @Test func everyChangedByteIsMet() throws {
        let bytes = try volume().bytes
        for at in bytes.indices {
            var changed = bytes
            changed[at] ^= 0x40
            #expect(throws: BundleError.self, "byte \(at)") { try BundleVolume(bytes: changed) }
        }
        for length in [0, 1, 13, 14, 19, 20, 40, bytes.count - 1] {
            #expect(throws: BundleError.self, "\(length) bytes") { try BundleVolume(bytes: bytes.prefix(length)) }
        }
    }

    @Test func whatIsWrongIsSaid() throws {
        let bytes = try volume().bytes
        func code(_ bytes: Data) -> String? {
            do {
                _ = try BundleVolume(bytes: bytes)
                return nil
            } catch {
                return error.code
            }
        }
        var later = bytes
        later[15] = 2
        var longer = bytes
        longer[16] = 1
        #expect(code(later) == "bundle.version")
        #expect(code(longer) == "bundle.damaged")
        #expect(code(Data("no bundle at all, but some text".utf8)) == "bundle.none")
        #expect(code(bytes + [0]) == "bundle.damaged")
        #expect(code(refit(bytes)) == nil)
        #expect(code(Data(bytes + Data(count: Limits.volumeBytes))) == "bundle.tooLarge")
        for change: (inout WireBundleHeader) -> Void in [
            { $0.network = Data() }, { $0.bundle = Data(count: 15) }, { $0.volume = 0 },
            { $0.volume = UInt32(Limits.volumesPerBundle) + 1 },
            { $0.certificates = Array(repeating: Data(), count: Limits.certificates + 1) },
        ] {
            #expect(code(try volume(change: change).bytes) == "bundle.damaged")
        }
    }

    /// What is tried and does not fit leaves no trace.
    @Test func aStreamIsCopiedWhole() throws {
        let stream = Deflater(dictionary: PresetDictionary.bytes)
        var out = stream.flush(Data("一件".utf8))
        let trial = stream.copy()
        _ = trial.flush(Data(repeating: 65, count: 100_000))
        out += stream.finish(Data("两件".utf8))
        var read = Data()
        try Inflater(dictionary: PresetDictionary.bytes, bound: 1000).read(out) { read += $0 }
        #expect(read == Data("一件两件".utf8))
    }
}
