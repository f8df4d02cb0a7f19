import Foundation
import ServiceModel
import Testing

@testable import SyncNode

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What root does beside a server of another account takes no file from it.
@Suite(.enabled(if: geteuid() == 0, "only root can give files away")) struct FilesOfOthersTests {
    private static let other: uid_t = 65_534

    private func status(_ file: URL) throws -> stat {
        var found = stat()
        try #require(stat(file.path, &found) == 0)
        return found
    }

    /// The folder was made for the account under which the node will serve.
    @Test func aNodeBelongsToWhomItsFolderBelongs() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = NodeDirectory(folder)
        try directory.create()
        #expect(chown(folder.path, Self.other, Self.other) == 0)
        let plan = NetworkPlan(network: "test", root: UnitCode("3799"), rootName: "滨湖市", tiers: ["city"])
        let node = try Node.found(plan, in: directory, now: Moment(seconds: 1_790_000_000, day: 20_717)) { count in
            Data((0..<count).map { _ in UInt8.random(in: .min ... .max) })
        }
        // Also the log of the database, which is there while it is open.
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 6)
        for file in files { #expect(try status(file).st_uid == Self.other, "\(file.path)") }
        try node.replica.close()
    }

    @Test func filesStayWhoseTheyWere() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = NodeDirectory(folder)
        try directory.create()
        let file = folder.appending(path: "file")
        try NodeDirectory.write(Data("one".utf8), to: file)
        #expect(chown(file.path, Self.other, Self.other) == 0 && chmod(file.path, 0o640) == 0)
        try NodeDirectory.write(Data("two".utf8), to: file)
        #expect(try Data(contentsOf: file) == Data("two".utf8))
        let replaced = try status(file)
        #expect(replaced.st_uid == Self.other && replaced.st_gid == Self.other && replaced.st_mode & 0o777 == 0o640)

        // What was not there belongs to whom the folder belongs.
        #expect(chown(folder.path, Self.other, Self.other) == 0)
        try Anchor(directory).update(ifLost: { .unused }) { $0.ceiling = 64 }
        try DurableFile.create(directory.replica)
        for file in [directory.anchor, URL(filePath: directory.anchor.path + ".lock"), directory.replica] {
            let made = try status(file)
            #expect(made.st_uid == Self.other && made.st_mode & 0o777 == 0o600, "\(file.path)")
        }
    }
}
