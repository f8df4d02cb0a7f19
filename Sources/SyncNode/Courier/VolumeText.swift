import ChangeSet
import Foundation

/// The plain text of a volume while it is written: frames in one deflate stream, of which no more is taken than fits.
struct VolumeText {
    private var deflater = Deflater(dictionary: PresetDictionary.bytes)
    private var bytes = Data()
    private let room: Int
    /// What the end of the stream comes to at the most.
    private static let ending = 32

    /// What the whole comes to at the most.
    var size: Int { bytes.count + Self.ending }

    /// - Parameter room: bytes that the whole may come to.
    init(room: Int) { self.room = room - Self.ending }

    /// - Returns: false when it does not fit; then it is not in it.
    mutating func add(_ frame: Frame) throws -> Bool {
        let trial = deflater.copy()
        let more = trial.flush(try frame.bytes)
        guard bytes.count + more.count <= room else { return false }
        deflater = trial
        bytes += more
        return true
    }

    /// The text with its end.
    consuming func finished() throws -> Data { bytes + deflater.finish(try Frame.end.bytes) }

    /// Reads a text a piece at a time, so that little of it is in memory.
    /// - Throws: `WireError` when it is no such text, and what `each` throws.
    static func read(_ text: Data, each: (Frame) throws -> Void) throws {
        let inflater = Inflater(dictionary: PresetDictionary.bytes, bound: Limits.inflatedBytesPerVolume)
        var reader = FrameReader()
        var frames = 0
        var hasEnded = false
        try inflater.read(text) { piece in
            for frame in try reader.read(piece) {
                frames += 1
                guard frames <= Limits.framesPerVolume else { throw WireError.tooLarge("volume") }
                guard !hasEnded else { throw WireError.malformed("volume") }
                if frame == .end { hasEnded = true } else { try each(frame) }
            }
        }
        guard hasEnded, inflater.isFinished, reader.isBetweenFrames else { throw WireError.malformed("volume") }
    }
}
