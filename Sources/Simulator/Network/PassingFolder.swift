import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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

    /// From now on whoever interrupts the process, or bids it end, ends it without leaving a folder in memory: a city
    /// has gigabytes there. Once in a process.
    package static func removeAllWhenInterrupted() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // It lives as long as it is listened to.
                withExtendedLifetime(source) {}
                // Held to the end, so that no further one is made. Who still works in one may put a file there again.
                present.withLock { folders in
                    for url in folders {
                        for _ in 0..<10 where FileManager.default.fileExists(atPath: url.path) {
                            try? FileManager.default.removeItem(at: url)
                        }
                    }
                    exit(128 + number)
                }
            }
            source.resume()
        }
    }

    /// In memory where the system has such a place, since every commit waits for the disk.
    private static var home: URL {
        let memory = URL(filePath: "/dev/shm")
        return FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
    }
}
