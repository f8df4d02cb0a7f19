import Foundation

/// Whole files, up to a bound.
enum BoundedFile {
    /// The file's bytes, one more than `limit` at most, so that the caller sees that it is too long.
    /// - Throws: Foundation's error when the file cannot be read.
    static func bytes(path: String, limit: Int) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var bytes: [UInt8] = []
        while bytes.count <= limit, let piece = try file.read(upToCount: min(1 << 20, limit + 1 - bytes.count)),
            !piece.isEmpty
        {
            bytes.append(contentsOf: piece)
        }
        return bytes
    }
}
