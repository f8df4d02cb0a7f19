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
        free = Self.bytes(UInt64(room.f_bavail), of: UInt64(room.f_frsize))
    }

    /// A mount from somewhere else may say that its room has no end.
    static func bytes(_ blocks: UInt64, of size: UInt64) -> Int64 {
        let (bytes, isEndless) = blocks.multipliedReportingOverflow(by: size)
        return isEndless ? .max : Int64(clamping: bytes)
    }

    static func == (one: Disk, other: Disk) -> Bool { one.device == other.device }
}
