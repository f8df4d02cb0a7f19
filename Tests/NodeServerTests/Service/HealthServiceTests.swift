import Foundation
import GRDB
import Logging
import Replica
import ServiceLifecycle
import ServiceModel
import Testing

@testable import NodeServer
@testable import SyncNode

/// What a serving node does by itself about its disk.
@Suite(.timeLimit(.minutes(1)))
struct HealthServiceTests {
    /// Changes the file of a node that is serving.
    private func change(_ node: Node, _ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: node.directory.replica.path, configuration: configuration)
        try queue.write { try $0.execute(sql: "PRAGMA ignore_check_constraints = ON; \(sql)") }
        try queue.close()
    }

    private static let damage = """
        UPDATE run SET packed = substr(packed, 1, length(packed) - 9) WHERE feed = 2 AND signature IS NOT NULL
        """

    private func looksAfter(_ node: Node, now: Moment, until isSo: () throws -> Bool) async throws {
        let service = HealthService(
            node: node, news: NodeNews(), interval: .milliseconds(5), logger: quiet, now: { now })
        let group = ServiceGroup(services: [service], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while try !isSo() { try await Task.sleep(for: .milliseconds(5)) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The first page of a table.
    private static func root(of table: String, in file: URL) throws -> Int {
        let queue = try DatabaseQueue(path: file.path)
        let root = try queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table])
        }
        try queue.close()
        return try #require(root)
    }

    private static func emptyLog(of file: URL) throws {
        let queue = try DatabaseQueue(path: file.path)
        try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try queue.close()
    }

    /// The scrub finds it, it is taken out, and the next exchange brings it again.
    @Test func whatTheDiskChangesComesAgain() async throws {
        try await LinkTown.with(prepare: { try $0.accept(at: LinkTown.countyCode) }) { town in
            _ = try await town.exchange()
            #expect(try town.casesAtCity == 1)
            try change(town.city, Self.damage)
            try await looksAfter(town.city, now: town.now) {
                try town.city.replica.read { try $0.lastScrub() } != nil
            }
            let health = try town.city.replica.read { try $0.health() }
            #expect(health.absent == 1 && health.scrub?.damaged == 1 && health.scrub?.finished == town.now.seconds)
            #expect(try town.casesAtCity == 0)
            for _ in 0..<2 { _ = try await town.exchange() }
            #expect(try town.casesAtCity == 1)
            // The next one finds nothing, and forgets what has come again.
            let later = Moment(seconds: town.now.seconds + 4 * 86_400, day: town.now.day + 4)
            try await looksAfter(town.city, now: later) {
                try town.city.replica.read { try $0.lastScrub()?.finished } == later.seconds
            }
            let good = try town.city.replica.read { try $0.health() }
            let scrub = ScrubReport(finished: later.seconds, checked: good.scrub?.checked ?? 0)
            #expect(good == HealthReport(scrub: scrub))
        }
    }

    /// What is noticed while it is read waits for no scrub. Here nobody else had it: it is lost, and said.
    @Test func aLinkThatMetDamageGoesOn() async throws {
        try await LinkTown.with(prepare: { try $0.accept(at: LinkTown.countyCode) }) { town in
            try town.county.seal(now: town.now)
            var scrub = Scrub(began: town.now.seconds)
            while !scrub.isFinished { #expect(try town.county.step(&scrub).isEmpty) }
            try town.county.replica.keep(scrub, now: town.now.seconds)
            try change(town.county, Self.damage)
            await #expect(throws: ReplicaError.self) { _ = try await town.exchange() }
            #expect(try town.casesAtCity == 0 && !town.county.replica.damage.notes.isEmpty)
            try await looksAfter(town.county, now: town.now) { town.county.replica.damage.notes.isEmpty }
            #expect(try town.county.replica.read { try $0.health() }.lost == 1)
            try town.accept("next")
            _ = try await town.exchange()
            #expect(try town.casesAtCity == 1)
        }
    }

    /// Then a person takes it out in another process, and the server goes on as if nothing had been.
    @Test func whatAPersonHasPutRightIsNoDamageAnyMore() async throws {
        try await LinkTown.with { town in
            for _ in 0...Node.mostByItself {
                try town.accept()
                try town.county.seal(now: town.now)
            }
            try change(town.county, Self.damage)
            var scrub = Scrub(began: town.now.seconds)
            while !scrub.isFinished { _ = try town.county.step(&scrub) }
            var looks = 0
            try await looksAfter(town.county, now: town.now) {
                looks += 1
                return looks > 40
            }
            #expect(try town.county.damagedRuns() > Node.mostByItself)
            #expect(try town.county.replica.read { try $0.countOfTakenOut().all } == 0)

            let person = try Node(town.county.directory, now: town.now, entropy: town.county.entropy)
            _ = try person.scrub(now: { town.now }, progress: { _ in })
            #expect(try person.takeOutDamage(now: town.now).runs.count > Node.mostByItself)
            try person.replica.close()
            let later = Moment(seconds: town.now.seconds + 4 * 86_400, day: town.now.day + 4)
            try await looksAfter(town.county, now: later) {
                try town.county.replica.read { try $0.lastScrub()?.finished } == later.seconds
            }
            #expect(town.county.replica.damage.notes.isEmpty)
            #expect(try town.county.replica.read { try $0.lastScrub()?.damaged } == 0)
        }
    }

    /// A page that is none: nothing is served from the file any more, and everybody is told why.
    @Test func aMalformedFileIsNotServedFrom() async throws {
        try await LinkTown.with(prepare: { try $0.accept(at: LinkTown.countyCode) }) { town in
            _ = try await town.exchange()
            let file = town.city.directory.replica
            let root = try Self.root(of: "heartbeat", in: file)
            // Everything of the log goes into the file, so that the page is read from there.
            try Self.emptyLog(of: file)
            let handle = try FileHandle(forWritingTo: file)
            try handle.seek(toOffset: UInt64(root - 1) * 4096)
            try handle.write(contentsOf: Data(repeating: 0x5a, count: 4096))
            try handle.close()
            try await looksAfter(town.city, now: town.now) { town.city.replica.failure != nil }
            #expect(throws: ReplicaError.self) { try town.city.replica.read { try $0.caseCounts() } }
            await #expect {
                _ = try await town.exchange()
            } throws: { error in
                "\(error)".contains("replica.unreadable")
            }
        }
    }
}

/// Once a night; a machine that is off at night is looked after by day, days later.
@Suite struct NightWorkTests {
    private static let day: Int64 = 86_400
    /// Ten days after 1970 began, at midnight of civil time.
    private static let midnight = 10 * day - 8 * 3600

    @Test(
        arguments: [
            (nil, 12, true), (nil, 2, true),
            (midnight - 22 * 3600, 0, true), (midnight - 22 * 3600, 4, true), (midnight - 22 * 3600, 5, false),
            (midnight - 22 * 3600, 12, false), (midnight - 10 * 3600, 2, false), (midnight + 3600, 3, false),
            (midnight - 4 * day, 12, true), (midnight - 2 * day, 12, false),
            // The clock was set back: by night only.
            (midnight + 40 * day, 2, true), (midnight + 40 * day, 12, false),
        ] as [(Int64?, Int64, Bool)])
    func isDue(last: Int64?, hour: Int64, expected: Bool) {
        let now = Moment(seconds: Self.midnight + hour * 3600, day: 10)
        #expect(NightWork.scrub.isDue(last: last, now: now) == expected)
    }

    /// A backup that was not made at night is made on the day behind it.
    @Test(
        arguments: [
            (nil, 12, true), (midnight - 22 * 3600, 1, true), (midnight - 22 * 3600, -1, false),
            (midnight - 14 * 3600, 9, false), (midnight - 14 * 3600, 11, true),
        ] as [(Int64?, Int64, Bool)])
    func aBackupIsDue(last: Int64?, hour: Int64, expected: Bool) {
        let now = Moment(seconds: Self.midnight + hour * 3600, day: 10)
        #expect(NightWork.backup.isDue(last: last, now: now) == expected)
    }
}
