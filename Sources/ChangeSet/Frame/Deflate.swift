import CZlib
import Foundation

/// One raw deflate stream with the preset dictionary, flushed where the other end must be able to read on.
package final class Deflater {
    private var stream = z_stream()
    private var ended = false

    /// - Parameter level: 1 (quick) to 9 (small).
    package init(dictionary: [UInt8], level: Int32 = 9) {
        let status = deflateInit2_(
            &stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses its own parameters")
        if !dictionary.isEmpty {
            let set = dictionary.withUnsafeBufferPointer {
                deflateSetDictionary(&stream, $0.baseAddress, UInt32($0.count))
            }
            precondition(set == Z_OK, "zlib refuses a dictionary on a fresh stream")
        }
    }

    private init(copyOf other: Deflater) {
        let status = deflateCopy(&stream, &other.stream)
        precondition(status == Z_OK, "zlib does not copy a good stream")
        ended = other.ended
    }

    /// A stream that has said the same and goes on by itself: to see what something would come to.
    package func copy() -> Deflater { Deflater(copyOf: self) }

    deinit { deflateEnd(&stream) }

    /// Compresses and flushes, so that everything given so far can be read at the other end.
    package func flush(_ bytes: Data) -> Data { run(bytes, mode: Z_SYNC_FLUSH) }

    /// Compresses the last bytes and closes the stream.
    package func finish(_ bytes: Data) -> Data {
        ended = true
        return run(bytes, mode: Z_FINISH)
    }

    /// Compresses; some or all of it may come out only with a later call.
    package func write(_ bytes: Data) -> Data { run(bytes, mode: Z_NO_FLUSH) }

    private func run(_ bytes: Data, mode: Int32) -> Data {
        var out = Data()
        var input = [UInt8](bytes)
        let chunk = 16 * 1024
        input.withUnsafeMutableBufferPointer { buffer in
            stream.next_in = buffer.baseAddress
            stream.avail_in = UInt32(buffer.count)
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: chunk) { room in
                var more = true
                while more {
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(chunk)
                    let status = deflate(&stream, mode)
                    precondition(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
                    let made = chunk - Int(stream.avail_out)
                    if let base = room.baseAddress { out.append(base, count: made) }
                    more = stream.avail_out == 0 && status != Z_STREAM_END
                }
            }
            stream.next_in = nil
        }
        return out
    }
}

/// The other end of `Deflater`.
package final class Inflater {
    private var stream = z_stream()
    private let bound: Int
    private var total = 0
    package private(set) var isFinished = false

    /// - Parameter bound: how many bytes may come out in all.
    package init(dictionary: [UInt8], bound: Int) {
        self.bound = bound
        let status = inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses its own parameters")
        if !dictionary.isEmpty {
            let set = dictionary.withUnsafeBufferPointer {
                inflateSetDictionary(&stream, $0.baseAddress, UInt32($0.count))
            }
            precondition(set == Z_OK, "zlib refuses a dictionary on a fresh stream")
        }
    }

    deinit { inflateEnd(&stream) }

    /// Feeds bytes and hands out what they inflate to in pieces, so that a bomb is met before it is in memory.
    /// - Throws: `WireError.inflate` on damage or bytes after the end; `WireError.tooLarge` past the bound;
    ///   what `each` throws.
    package func read(_ bytes: Data, each: (Data) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        guard !isFinished else { throw WireError.inflate }
        var input = [UInt8](bytes)
        let chunk = 64 * 1024
        var room = [UInt8](repeating: 0, count: chunk)
        try input.withUnsafeMutableBufferPointer { buffer in
            stream.next_in = buffer.baseAddress
            stream.avail_in = UInt32(buffer.count)
            defer { stream.next_in = nil }
            while true {
                let (status, made) = room.withUnsafeMutableBufferPointer { out in
                    stream.next_out = out.baseAddress
                    stream.avail_out = UInt32(chunk)
                    let status = inflate(&stream, Z_SYNC_FLUSH)
                    return (status, chunk - Int(stream.avail_out))
                }
                guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                    throw WireError.inflate
                }
                total += made
                guard total <= bound else { throw WireError.tooLarge("exchange") }
                if made > 0 { try each(Data(room[..<made])) }
                if status == Z_STREAM_END {
                    isFinished = true
                    guard stream.avail_in == 0 else { throw WireError.inflate }
                    return
                }
                if made < chunk { return }
            }
        }
    }
}
