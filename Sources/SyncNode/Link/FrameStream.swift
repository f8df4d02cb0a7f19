import ChangeSet
import Foundation

/// Frames to bytes and back: one deflate stream for each direction of an exchange.
struct FrameStream {
    private let deflater = Deflater(dictionary: PresetDictionary.bytes)
    private let inflater = Inflater(
        dictionary: PresetDictionary.bytes, bound: Limits.inflatedBytesPerExchange)
    private var reader = FrameReader()
    private var isDirty = false

    /// Bytes that went over the wire in this exchange.
    private(set) var sent = 0
    private(set) var received = 0

    mutating func encode(_ frame: Frame) throws -> Data {
        isDirty = true
        let out = deflater.write(try frame.bytes)
        sent += out.count
        return out
    }

    /// What is needed for the other end to read everything that was encoded; empty when it can.
    mutating func flush() -> Data {
        guard isDirty else { return Data() }
        isDirty = false
        let out = deflater.flush(Data())
        sent += out.count
        return out
    }

    /// Closes the stream after the last frame.
    mutating func finish() -> Data {
        isDirty = false
        let out = deflater.finish(Data())
        sent += out.count
        return out
    }

    /// - Throws: `WireError`.
    mutating func decode(_ bytes: Data) throws -> [Frame] {
        received += bytes.count
        var frames: [Frame] = []
        try inflater.read(bytes) { piece in
            frames += try reader.read(piece)
            guard frames.count <= Limits.framesPerPiece else { throw WireError.tooLarge("exchange") }
        }
        return frames
    }
}
