import Foundation
import GRDB
import Testing

@testable import Replica

/// A database that gives way to another one while a command is about to open it.
@Suite struct MovedAsideTests {
    /// With nothing in its log, even an opening waits for who writes.
    @Test func whatIsConfirmedIsInTheFileThatIsInPlace() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "replica.sqlite").path
        try Replica(path: path, creates: true).close()
        try FileManager.default.copyItem(atPath: path, toPath: path + ".other")
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: path, configuration: configuration)
        try await holder.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        async let opened = Self.open(path)
        try await Task.sleep(for: .milliseconds(500))
        for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.moveItem(atPath: path + suffix, toPath: path + ".aside" + suffix)
        }
        try FileManager.default.moveItem(atPath: path, toPath: path + ".aside")
        try FileManager.default.moveItem(atPath: path + ".other", toPath: path)
        try await holder.writeWithoutTransaction { try $0.rollback() }
        try holder.close()
        let replica = try await opened
        defer { try? replica.close() }
        var isConfirmed = true
        do {
            try replica.write { try $0.begin(Draft(id: "d", item: "370105001", content: "{}", edit: 1, saved: 1)) }
        } catch ReplicaError.busy { isConfirmed = false }
        let kept = try Replica(path: path)
        defer { try? kept.close() }
        #expect(try kept.write { try $0.drafts().count } == (isConfirmed ? 1 : 0))
    }

    private static func open(_ path: String) async throws -> Replica {
        try await withCheckedThrowingContinuation { opened in
            DispatchQueue.global().async { opened.resume(with: Result { try Replica(path: path) }) }
        }
    }
}
