import Logging
import ServiceLifecycle
import ServiceModel
import Simulator
import SyncNode
import Synchronization
import Testing

@testable import NodeServer

@Suite struct ClockWatchTests {
    /// Watches a county's clock, which the test sets, while `body` runs.
    private static func watching(
        _ body: (_ county: Node, _ set: (Int64) -> Void, _ standing: () throws -> ClockStanding) async throws -> Void
    ) async throws {
        let network = try SimulatedNetwork(
            units: [
                UnitEntry(code: UnitCode("3799")!, name: "市", tier: 0, parent: nil, kind: .centre),
                UnitEntry(code: UnitCode("379902")!, name: "县", tier: 1, parent: UnitCode("3799"), kind: .centre),
            ], tiers: ["city", "county"], nodes: ["3799", "379902"], seed: 5)
        let county = network["379902"], start = network.now
        let clock = Mutex(start), looks = Mutex(0)
        let now: @Sendable () -> Moment = {
            looks.withLock { $0 += 1 }
            return clock.withLock { $0 }
        }
        let watch = ClockWatch(
            node: county, interval: .milliseconds(10), logger: Logger(label: "clock") { _ in SwiftLogNoOpLogHandler() },
            now: now)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watch.run() }
            // The first look is the one that others are compared with.
            try await wait { looks.withLock { $0 } > 1 }
            try await body(
                county,
                { seconds in
                    clock.withLock {
                        $0 = Moment(
                            seconds: start.seconds + seconds,
                            day: CivilTime.day(at: start.seconds + seconds)?.dayNumber ?? 0)
                    }
                }, { try county.clock(now: now()) })
            tasks.cancelAll()
            try? await tasks.waitForAll()
        }
        withExtendedLifetime(network) {}
    }

    private static func wait(until condition: () throws -> Bool) async throws {
        let start = ContinuousClock.now
        while try !condition() {
            try #require(start.duration(to: .now) < .seconds(20), "nothing was noticed")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test func aClockThatIsSetWhileServingIsNoticedAndSetBackForgotten() async throws {
        try await Self.watching { county, set, standing in
            #expect(try standing().doubt == nil)
            set(10 * 366 * 86_400)
            try await Self.wait { try county.replica.read { try $0.clockJump() } != nil }
            #expect(try standing().needsDay)
            set(0)
            try await Self.wait { try county.replica.read { try $0.clockJump() } == nil }
            #expect(try standing().doubt == nil)
            set(-7200)
            try await Self.wait { try county.replica.read { try $0.clockJump() } != nil }
            #expect(try standing().doubt?.code == "clock.behind")
        }
    }
}
