import Foundation
import NIOConcurrencyHelpers
import ServiceHall
import ServiceLifecycle
import ServiceModel
import Simulator
import SyncNode
import Testing

@testable import NodeServer

/// A hundred villages come back at once, over real sockets, while people work at the parent's pages.
@Suite(.timeLimit(.minutes(5)))
struct StormTests {
    static let parent = "3799"
    static let villages = (1...100).map { "37990000\(1000 + $0)" }
    static let cases = 3

    /// Kilobytes that the process holds in memory.
    private static var memory: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return (pages.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0) * 4
    }

    @Test("All come in, those who were refused too, nothing twice; what the hall and the memory did is printed")
    func storm() async throws {
        try await ServedNetwork.with([(Self.parent, nil)] + Self.villages.map { ($0, Self.parent) }) { net in
            for (number, village) in Self.villages.enumerated() {
                for one in 0..<Self.cases { try net.network.accept(at: village, number: number * Self.cases + one) }
            }
            try await net.listen(Self.parent, bounds: Admission.Bounds(working: 4, pause: 1...5))
            let port = try #require(net.ports[Self.parent])
            let all = Self.villages.count * Self.cases
            let (before, peak) = (Self.memory, NIOLockedValueBox(0))
            let start = ContinuousClock.now
            let times = try await hall(of: net) { client in
                for village in Self.villages { try net.dial(village, [port]) }
                let asking = Task {
                    var times: [Duration] = []
                    while !Task.isCancelled {
                        for target in ["/counter", "/wall", "/api/v1/cases?limit=20"] {
                            let start = ContinuousClock.now
                            let answer = try await client.raw("GET", target)
                            times.append(ContinuousClock.now - start)
                            #expect(answer.status == 200, "\(target)")
                        }
                        peak.withLockedValue { $0 = max($0, Self.memory) }
                    }
                    return times
                }
                defer { asking.cancel() }
                try await net.wait("all cases at the parent", seconds: 240) { try net.cases(at: Self.parent) == all }
                asking.cancel()
                return try await asking.value
            }
            let span = ContinuousClock.now - start
            let sorted = times.sorted()
            print(
                "storm: \(Self.villages.count) villages, \(all) cases in \(span), \(net.refused(by: Self.parent)) told"
                    + " to come again; memory grew by \((peak.withLockedValue { $0 } - before) / 1024) MB for both"
                    + " ends;"
                    + " hall: \(times.count) requests, median \(sorted[sorted.count / 2]), worst \(sorted.last!)")
            #expect(net.refused(by: Self.parent) > 0)
            let told = try #require(net.doors[Self.parent]?.state.storm)
            #expect(told.refusals == net.refused(by: Self.parent) && told.children <= Self.villages.count)
            // Those who were refused have come, or their cases were not here; now all hold their line.
            try await net.wait("all lines up", seconds: 60) {
                Self.villages.allSatisfy { net.lines[$0]?.state.isUp == true }
            }
            for village in Self.villages {
                #expect(try net.changeSets(of: village, at: [Self.parent, village]) == [Self.cases])
            }
            // A hundred that wait for news keep nobody out.
            let refused = net.refused(by: Self.parent)
            try net.network.accept(at: Self.villages[0], number: all)
            net.announce(Self.villages[0])
            try await net.wait("one more case") { try net.cases(at: Self.parent) == all + 1 }
            #expect(net.refused(by: Self.parent) == refused)
        }
    }

    /// The parent's hall with its pages, for the time of `body`.
    private func hall<Value>(
        of net: ServedNetwork, _ body: (HallClient) async throws -> Value
    ) async throws -> Value {
        let (node, now) = (net.network[Self.parent], net.network.now)
        let desk = HallDesk(node: node, news: net.news(of: Self.parent), uplink: UplinkStatus(), now: { now })
        let pages = Pages(PageDesk(node: node, service: { desk.service }, announce: desk.news.announce, now: { now }))
        let (ports, opened) = AsyncStream.makeStream(of: Int.self)
        let hall = Hall(
            desk, at: try HallAddress(PeerEndpoint(host: "127.0.0.1", port: 0)), logger: quiet,
            pages: { pages.addRoutes(to: $0) }, onListening: { opened.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [.init(service: hall)], logger: quiet))
        let serving = Task { try await group.run() }
        let port = await ports.first { _ in true }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(HallClient(port: try #require(port))))
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await serving.value
        return try result.get()
    }
}
