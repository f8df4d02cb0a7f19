import Foundation

/// A reference table beside the project, which tests use where it is there.
enum ReferenceTable {
    /// Why a test that needs a table is left out.
    static let absent = "the reference tables beside the project are absent"

    private static func url(_ name: String) -> URL {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("../shared/data/\(name)")
    }

    static func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url(name).path) }

    /// The rows below the header, split at the first `columns - 1` commas. Only the last column has quotes.
    static func rows(_ name: String, columns: Int) throws -> [[String]] {
        let text = try String(contentsOf: url(name), encoding: .utf8)
        return text.split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",", maxSplits: columns - 1, omittingEmptySubsequences: false).map(String.init)
        }
    }
}
