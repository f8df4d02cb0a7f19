import Foundation
import Replica

/// Gives what lies in the way another name. Nothing is deleted.
struct FilesAside {
    private let suffix: String
    /// By the path that the file had, and a database's also by that of its log: SQLite finds the log by its name.
    private var paths: [String: String] = [:]
    private var files: [URL] = []

    init(_ suffix: String) { self.suffix = suffix }

    /// The names that the files have now.
    var names: [String] {
        files.filter { FileManager.default.fileExists(atPath: $0.path) }.map(\.lastPathComponent)
    }

    private static let logs = ["-wal", "-shm"]

    /// Nothing happens where there is no such file.
    /// - Throws: `NodeError.file`.
    mutating func take(_ file: URL) throws {
        let exists = FileManager.default.fileExists(atPath:)
        guard exists(file.path) else { return }
        let end = Self.logs.first { file.path.hasSuffix($0) } ?? ""
        let old = String(file.path.dropLast(end.count))
        var name = paths[old] ?? old + suffix
        // No log comes to lie beside the database of another time.
        while paths[old] == nil, ([""] + Self.logs).contains(where: { exists(name + $0) }) { name += "+" }
        paths[old] = name
        try DurableFile.rename(file, to: URL(filePath: name + end))
        files.append(URL(filePath: name + end))
    }

    /// Brings a database that was taken into one file, so that nobody parts it from its log. One that does not let that
    /// be done stays as it is.
    func joinLog(of database: URL) {
        guard let path = paths[database.path], FileManager.default.fileExists(atPath: path + "-wal"),
            FileManager.default.fileExists(atPath: path)
        else { return }
        try? Replica.close(path: path)
    }
}
