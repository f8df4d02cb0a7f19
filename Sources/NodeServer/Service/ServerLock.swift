import Foundation
import Replica
import ServiceModel
import SyncNode

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Only one program serves a data directory at a time. The lock goes with the process, however that ends.
package final class ServerLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `ServerLockError`, `NodeError.denied`, `.file`.
    package init(_ directory: NodeDirectory) throws {
        if let denied = NodeError.denial(of: directory.url) { throw denied }
        let path = directory.url.appending(path: "lock").path
        let owner = FileOwner(of: path)
        let opened = open(path, O_RDWR | O_CREAT, 0o600)
        guard opened >= 0 else { throw NodeError.file(path, FileTrouble()) }
        // A lock that only root may open would keep the node's own account from serving.
        _ = owner?.take(opened)
        // Who only looks holds the lock for a moment.
        var tries = Self.tries
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            tries -= 1
            guard tries > 0 else {
                close(opened)
                throw ServerLockError.inUse(directory.url.path)
            }
            usleep(Self.pause)
        }
        descriptor = opened
    }

    private static let tries = 5
    /// Microseconds between two tries.
    private static let pause: UInt32 = 20_000

    /// Whether a program serves the directory now.
    package static func isHeld(_ directory: NodeDirectory) -> Bool {
        let opened = open(directory.url.appending(path: "lock").path, O_RDONLY)
        guard opened >= 0 else { return false }
        defer { close(opened) }
        return flock(opened, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    deinit { close(descriptor) }
}

/// Another program serves the data directory.
package enum ServerLockError: CodedError, Equatable, Sendable {
    case inUse(String)

    /// Stable, for logs, answers and documentation.
    package var code: String { "node.inUse" }

    package var words: Words {
        switch self {
        case .inUse(let path):
            Words(
                "\(path) is in use by another terrace: stop that one, or choose another --data",
                "\(path)正被另一个 terrace 使用：请停止它，或另选 --data 目录")
        }
    }
}
