import Foundation

/// Gives what lies in the way another name. Nothing is deleted.
struct FilesAside {
    private let suffix: String
    /// The names that the files have now.
    private(set) var names: [String] = []

    init(_ suffix: String) { self.suffix = suffix }

    /// Nothing happens where there is no such file.
    /// - Throws: `NodeError.file`.
    mutating func take(_ file: URL) throws {
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        // SQLite finds the log of a database by its name.
        let end = ["-wal", "-shm"].first { file.path.hasSuffix($0) } ?? ""
        var name = file.path.dropLast(end.count) + suffix
        while FileManager.default.fileExists(atPath: name + end) { name += "+" }
        try DurableFile.rename(file, to: URL(filePath: name + end))
        names.append(URL(filePath: name + end).lastPathComponent)
    }
}
