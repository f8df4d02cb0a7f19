import Foundation

/// The lines of a file or of standard input as they come, without holding the whole.
struct LineReader {
    private let handle: FileHandle
    private let longest: Int
    private var buffer = Data()
    private var isAtEnd = false
    private(set) var number = 0

    /// - Parameter longest: bytes of a line that are kept; what is longer comes out cut, one byte longer than allowed.
    init(_ handle: FileHandle, longest: Int) {
        self.handle = handle
        self.longest = longest
    }

    /// The next line that is not blank.
    mutating func next() throws -> Data? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[buffer.startIndex..<end]
                buffer = Data(buffer[buffer.index(after: end)...])
                if let kept = keep(line) { return kept }
            } else if isAtEnd {
                guard !buffer.isEmpty else { return nil }
                let line = buffer
                buffer = Data()
                if let kept = keep(line) { return kept }
            } else {
                let more = handle.availableData
                if more.isEmpty { isAtEnd = true }
                // Of a line that is too long only so much stays as shows it.
                if buffer.count > longest, !more.contains(UInt8(ascii: "\n")) { continue }
                buffer.append(more)
            }
        }
    }

    private mutating func keep(_ line: Data) -> Data? {
        number += 1
        let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return text.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } ? nil : Data(text)
    }
}
