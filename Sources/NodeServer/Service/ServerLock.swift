import Foundation
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

    /// - Throws: `ServerLockError`, `NodeError.file`.
    package init(_ directory: NodeDirectory) throws {
        let path = directory.url.appending(path: "lock").path
        let opened = open(path, O_RDWR | O_CREAT, 0o600)
        guard opened >= 0 else { throw NodeError.file(path, String(cString: strerror(errno))) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw ServerLockError.inUse(directory.url.path)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}

/// Another program serves the data directory.
package enum ServerLockError: CodedError, Equatable, Sendable, CustomStringConvertible {
    case inUse(String)

    /// Stable, for logs, answers and documentation.
    package var code: String { "node.inUse" }

    package var description: String {
        switch self {
        case .inUse(let path): "\(path) is in use by another terrace: stop that one, or choose another --data"
        }
    }
}
