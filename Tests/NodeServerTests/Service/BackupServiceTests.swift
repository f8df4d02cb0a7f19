import Foundation
import Logging
import Replica
import ServiceLifecycle
import ServiceModel
import Simulator
import Synchronization
import Testing

@testable import NodeServer
@testable import SyncNode

/// A serving node makes its backups by itself.
@Suite(.timeLimit(.minutes(1)))
struct BackupServiceTests {
    /// How often a service has complained.
    private final class Complaints: Sendable {
        let count = Mutex(0)
        var logger: Logger { Logger(label: "test") { _ in Handler(complaints: self) } }

        private struct Handler: LogHandler {
            let complaints: Complaints
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.error

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                if event.level >= .error { complaints.count.withLock { $0 += 1 } }
            }
        }
    }

    private static let hasTwoDisks: Bool = {
        guard let network = try? city(), let one = try? Disk(of: network.folder),
            let two = try? Disk(of: FileManager.default.temporaryDirectory)
        else { return false }
        return one != two
    }()

    private static func city() throws -> SimulatedNetwork {
        let unit = UnitEntry(code: try #require(UnitCode("3799")), name: "市", tier: 0, parent: nil, kind: .centre)
        return try SimulatedNetwork(units: [unit], tiers: ["city"], nodes: ["3799"], seed: 5)
    }

    private func serve(
        _ node: Node, _ plan: BackupPlan, news: NodeNews = NodeNews(), logger: Logger = quiet,
        now: @escaping @Sendable () -> Moment, until body: () async throws -> Void
    ) async throws {
        let service = BackupService(
            node: node, plan: plan, news: news, interval: .milliseconds(5), logger: logger, now: now)
        let group = ServiceGroup(services: [service], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static func contents(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    /// Nights go by, and the link is told of each backup, since children wait for it.
    @Test(.enabled(if: hasTwoDisks, "this machine has one disk")) func oneForEachNight() async throws {
        let network = try Self.city()
        let (node, start) = (network["3799"], network.now)
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let nights = Mutex<Int64>(0)
        let news = NodeNews()
        var told = news.subscribe().makeAsyncIterator()
        let plan = try BackupPlan(folder: folder, kept: 2)
        let clock: @Sendable () -> Moment = {
            Moment(seconds: start.seconds + nights.withLock { $0 } * 90_000, day: start.day)
        }
        try await serve(node, plan, news: news, now: clock) {
            for night in 0..<3 {
                nights.withLock { $0 = Int64(night) }
                await told.next()
            }
            // A few more looks make no more of them.
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try Self.contents(folder).count == 2)
        #expect(try node.replica.read { try $0.backups() }.map(\.time) == [clock().seconds])
    }

    /// The disk is away for days, and comes back.
    @Test func whereTheDiskIsAwayItSaysSoOnce() async throws {
        let network = try Self.city()
        let (node, now) = (network["3799"], network.now)
        let folder = network.folder.appending(path: "away")
        let complaints = Complaints()
        try await serve(node, BackupPlan(folder: folder), logger: complaints.logger, now: { now }) {
            while complaints.count.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(50))
            #expect(complaints.count.withLock { $0 } == 1)
            // Only its mount point has come back, on the disk of the data.
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            while complaints.count.withLock({ $0 }) == 1 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(complaints.count.withLock { $0 } == 2)
        #expect(try Self.contents(folder).isEmpty)
    }
}
