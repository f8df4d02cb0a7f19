import ServiceModel
import Simulator
import Testing

@testable import NodeServer

/// Who waits for news is woken by what concerns it.
@Suite struct NodeNewsTests {
    private static func network() throws -> SimulatedNetwork {
        try SimulatedNetwork(
            units: [("37", nil), ("371", "37"), ("372", "37")].map { code, parent in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: parent == nil ? 0 : 1,
                    parent: parent.flatMap { UnitCode($0) }, kind: .centre)
            }, tiers: ["city", "county"], nodes: ["37", "371", "372"], seed: 5)
    }

    /// Whether something has been announced to it.
    private static func isWoken(_ stream: AsyncStream<Void>) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in stream { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(50))
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    @Test func aCountysCaseWakesThatCountyAlone() async throws {
        let network = try Self.network()
        let news = NodeNews(of: network["37"])
        let one = news.subscribe(for: UnitCode("371")), two = news.subscribe(for: UnitCode("372"))
        let above = news.subscribe()
        news.announce()
        for stream in [one, two, above] { #expect(await Self.isWoken(stream)) }

        try network.accept(at: "371", route: ["37"])
        try network.exchange("371")
        let again = (one: news.subscribe(for: UnitCode("371")), two: news.subscribe(for: UnitCode("372")))
        news.announce()
        #expect(await Self.isWoken(again.one))
        #expect(await !Self.isWoken(again.two))
    }

    @Test func withoutAReplicaEverybodyIsWoken() async throws {
        let news = NodeNews()
        let stream = news.subscribe(for: UnitCode("371"))
        news.announce()
        #expect(await Self.isWoken(stream))
    }
}
