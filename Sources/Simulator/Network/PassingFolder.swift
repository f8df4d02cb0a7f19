import Foundation
import Synchronization

/// A folder that is removed with the last network that works in it.
package final class PassingFolder: Sendable {
    private static let present = Mutex<Set<URL>>([])

    let url: URL

    init() {
        let url = Self.home.appending(path: "terrace-\(UUID().uuidString)")
        self.url = url
        Self.present.withLock { _ = $0.insert(url) }
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
        Self.present.withLock { _ = $0.remove(url) }
    }

    /// Removes those that are there, for who ends the process: in memory a city has gigabytes.
    package static func removeAll() {
        present.withLock { folders in
            for url in folders {
                // Who still works in it may put a file there again.
                for _ in 0..<10 where FileManager.default.fileExists(atPath: url.path) {
                    try? FileManager.default.removeItem(at: url)
                }
            }
        }
    }

    /// In memory where the system has such a place, since every commit waits for the disk.
    private static var home: URL {
        let memory = URL(filePath: "/dev/shm")
        return FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
    }
}
