import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A disk of a few megabytes, in memory, that a test may fill and lock.
struct SmallDisk {
    /// Why a test that needs one is left out.
    static let notPermitted = "this account may not mount a small disk"
    static func isPermitted() async -> Bool {
        guard geteuid() == 0 else { return false }
        return (try? await with(megabytes: 1) { _ in true }) ?? false
    }

    let path: String
    private var filler: String { path + "/filler" }

    static func with<T>(megabytes: Int, _ body: (SmallDisk) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await shell("mount -t tmpfs -o size=\(megabytes)m terrace \(folder)")
        let result: Swift.Result<T, any Error>
        do {
            result = .success(try await body(SmallDisk(path: folder)))
        } catch {
            result = .failure(error)
        }
        try await shell("umount -l \(folder)")
        return try result.get()
    }

    /// Leaves so many bytes free.
    func fill(leaving free: Int) async throws {
        var room = statvfs()
        guard statvfs(path, &room) == 0 else { throw Failure(what: "statvfs") }
        let bytes = Int(room.f_bavail) * Int(room.f_frsize) - free
        guard bytes > 0 else { throw Failure(what: "the disk is too small") }
        try await Self.shell("head -c \(bytes) /dev/zero > \(filler)")
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: filler) }

    func lock() async throws { try await Self.shell("mount -o remount,ro \(path)") }
    func unlock() async throws { try await Self.shell("mount -o remount,rw \(path)") }

    static func shell(_ script: String) async throws {
        let result = try await TerraceProcess.run(["-c", script], by: URL(filePath: "/bin/sh"))
        guard result.status == 0 else { throw Failure(what: "\(script): \(result.errors)") }
    }

    struct Failure: Error {
        let what: String
    }
}
