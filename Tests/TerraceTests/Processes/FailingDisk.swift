import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A small disk that turns read-only under those who write to it, as the kernel makes one that it no longer trusts.
struct FailingDisk {
    /// Why a test that needs one is left out.
    static let notPermitted = "this account may not make and mount a disk"
    static func isPermitted() async -> Bool {
        guard geteuid() == 0 else { return false }
        return (try? await with { _ in true }) ?? false
    }

    /// Where it is mounted.
    let path: String
    private let image: String

    static func with<T>(_ body: (FailingDisk) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)").path
        let disk = FailingDisk(path: folder, image: folder + ".image")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            try? FileManager.default.removeItem(atPath: folder)
            try? FileManager.default.removeItem(atPath: disk.image)
        }
        try await SmallDisk.shell("truncate -s 48M \(disk.image) && mkfs.ext4 -q \(disk.image)")
        try await disk.mount()
        let result: Swift.Result<T, any Error>
        do {
            result = .success(try await body(disk))
        } catch {
            result = .failure(error)
        }
        try await SmallDisk.shell("umount -l \(folder)")
        return try result.get()
    }

    /// From now on nothing is written to it any more.
    func fail() async throws { try await SmallDisk.shell("mount -o remount,abort \(path)") }

    /// As a person would after a restart; nobody may use it meanwhile.
    func repair() async throws {
        try await SmallDisk.shell("umount \(path) && { e2fsck -p \(image) >/dev/null || [ $? -le 1 ]; }")
        try await mount()
    }

    private func mount() async throws { try await SmallDisk.shell("mount -o loop \(image) \(path)") }
}
