import Foundation

@testable import SyncNode

extension NodeDirectory {
    /// All files, by name, but those that SQLite's readers share.
    func content() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
            .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        return Dictionary(
            uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: url.appending(path: $0))) })
    }
}
