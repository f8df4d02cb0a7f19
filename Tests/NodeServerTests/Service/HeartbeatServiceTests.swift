import ChangeSet
import Foundation
import Logging
import Replica
import ServiceLifecycle
import ServiceModel
import SyncNode
import Synchronization
import Testing
import Trust

@testable import NodeServer

@Suite struct HeartbeatServiceTests {
    /// A city and a county that have met once.
    private final class Pair: Sendable {
        let folder: URL
        let county: Node
        let clock = Mutex(Moment(seconds: 1_790_000_000, day: 20_717))
        var now: Moment { clock.withLock { $0 } }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
            let start = Moment(seconds: 1_790_000_000, day: 20_717)
            let root = try #require(UnitCode("3799"))
            let below = try #require(UnitCode("379902"))
            let city = try Node.found(
                NetworkPlan(network: "test", root: root, rootName: "滨湖市", tiers: ["city", "county"]),
                in: NodeDirectory(folder.appending(path: "city")), now: start, entropy: SystemClock.entropy)
            try city.importUnits([UnitEntry(code: below, name: "湖东区", tier: 1, parent: root)], now: start)
            let enrollee = try Enrollee(
                code: city.issueEnrollmentCode(for: below, now: start).text, unit: below,
                in: NodeDirectory(folder.appending(path: "county")))
            county = try enrollee.take(
                city.enroll(
                    EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: start),
                presented: city.chain.der, now: start, entropy: SystemClock.entropy)
            var lower = try ChildLink(county, to: city.name, wait: 0, now: start)
            var upper = ParentLink(city, from: county.name)
            while !lower.isFinished {
                while let bytes = try lower.next(now: start) { try upper.take(bytes, now: start) }
                while let bytes = try upper.next(now: start) { try lower.take(bytes, now: start) }
            }
            while try lower.next(now: start) != nil {}
            try city.replica.close()
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        var heartbeat: SignedHeartbeat? {
            get throws {
                try county.replica.read { transaction in
                    try transaction.heartbeat(of: try county.author(transaction))
                }
            }
        }
    }

    @Test func anIdleNodeSpeaksAndTheLinkIsTold() async throws {
        let pair = try Pair()
        let news = NodeNews()
        let stream = news.subscribe()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = HeartbeatService(
            node: pair.county, news: news, interval: .milliseconds(5), logger: logger, now: { pair.now })
        let group = ServiceGroup(services: [service], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var told = stream.makeAsyncIterator()
            await told.next()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        let heartbeat = try #require(try pair.heartbeat)
        #expect(heartbeat.quoted.time == pair.now.seconds && heartbeat.heads == [0, 0, 0])
    }
}
