import Foundation

/// A folder that is removed with the last network that works in it.
final class PassingFolder: Sendable {
    let url: URL

    init() { url = Self.home.appending(path: "terrace-\(UUID().uuidString)") }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// In memory where the system has such a place, since every commit waits for the disk.
    private static var home: URL {
        let memory = URL(filePath: "/dev/shm")
        return FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
    }
}
