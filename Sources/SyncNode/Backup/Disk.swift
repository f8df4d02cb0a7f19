import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The disk that a file or folder lies on, as the system tells them apart.
struct Disk: Equatable {
    private let device: dev_t
    /// Bytes that this account may still write.
    let free: Int64

    /// - Throws: `NodeError.file`.
    init(of url: URL) throws {
        var status = stat()
        var room = statvfs()
        guard stat(url.path, &status) == 0, statvfs(url.path, &room) == 0 else {
            throw NodeError.file(url.path, FileTrouble())
        }
        device = status.st_dev
        free = Int64(room.f_bavail) * Int64(room.f_frsize)
    }

    static func == (one: Disk, other: Disk) -> Bool { one.device == other.device }
}
