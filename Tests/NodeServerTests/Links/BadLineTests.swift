import Foundation
import NIOConcurrencyHelpers
import ServiceModel
import Simulator
import Testing

@testable import NodeServer
@testable import SyncNode

/// Lines as villages have them, in real sockets: slow, far, lumpy, cut, led through a portal.
@Suite(.timeLimit(.minutes(3)))
struct BadLineTests {
    static let city = "3799"
    static let county = "379902"
    static let units: [(String, String?)] = [(city, nil), (county, city)]

    /// A county with so many cases, whose line to the city is led through a proxy.
    private func with(
        _ line: BadLine, cases: Int = 1, _ body: (ServedNetwork, CuttingProxy, _ port: Int) async throws -> Void
    ) async throws {
        try await ServedNetwork.with(Self.units) { net in
            try await net.listen(Self.city)
            var random = SeededGenerator(state: 5)
            for number in 0..<cases {
                let county = net.network[Self.county]
                _ = try county.accept(
                    Self.acceptance(number, &random, day: net.network.now.day), now: net.network.now)
                // A run goes whole: here each is some kilobytes on the wire.
                if number % 40 == 39 { try county.seal(now: net.network.now) }
            }
            let proxy = CuttingProxy(targetPort: try #require(net.ports[Self.city]), line: line)
            let port = try await proxy.start()
            let result: Result<Void, any Error>
            do { result = .success(try await body(net, proxy, port)) } catch { result = .failure(error) }
            await proxy.stop()
            try result.get()
        }
    }

    /// With 30 bytes that deflate can do nothing about, so that the line has something to carry.
    private static func acceptance(_ number: Int, _ random: inout SeededGenerator, day: Int32) -> Acceptance {
        let bytes = Data((0..<30).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        return Acceptance(
            promise: Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: true),
            route: [UnitCode(county)!],
            fields: [CaseField.applicantName: "王\(number)", CaseField.note + "1": bytes.base64EncodedString()],
            day: day, actor: "a")
    }

    private func once(
        _ net: ServedNetwork, _ port: Int, terms: LineTerms = LineTerms()
    ) async throws -> LinkReport {
        let now = net.network.now
        return try await Uplink.once(
            net.network[Self.county], to: [PeerEndpoint(host: "127.0.0.1", port: port)], terms: terms, now: { now }
        ).report
    }

    @Test("At 9.6 kbit/s and 2 s of delay the handshake and a first exchange get through")
    func modem() async throws {
        var line = BadLine()
        line.rate = 1200
        line.delay = .seconds(2)
        try await with(line) { net, proxy, port in
            let start = ContinuousClock.now
            _ = try await once(net, port)
            #expect(try net.cases(at: Self.city) == 1)
            print(
                "modem: \(ContinuousClock.now - start), \(proxy.passed(.toServer)) bytes up,"
                    + " \(proxy.passed(.toClient)) down, \(proxy.accepted) connections")
        }
    }

    /// Ten times as fast as a modem, so that the test ends; bytes and delay stand to one another as there.
    @Test("Nine of ten connections are cut at a random byte: what has arrived stays, and a cut costs about a frame")
    func cuts() async throws {
        let (seed, cases) = (UInt64(11), 600)
        var line = BadLine()
        line.rate = 12_000
        line.delay = .milliseconds(200)
        var (needed, handshake) = (0, 0)
        try await with(line, cases: cases) { net, proxy, port in
            _ = try await once(net, port)
            needed = proxy.passed(.toServer)
            #expect(try net.cases(at: Self.city) == cases)
            _ = try await once(net, port)
            handshake = proxy.passed(.toServer) - needed
        }
        let random = NIOLockedValueBox(SeededGenerator(state: seed))
        line.cut = {
            random.withLockedValue {
                Int.random(in: 0..<10, using: &$0) == 0 ? nil : Int.random(in: 1_000..<16_000, using: &$0)
            }
        }
        try await with(line, cases: cases) { net, proxy, port in
            try net.dial(Self.county, [port])
            var seen = 0
            try await net.wait("all cases at the city", seconds: 150) {
                let held = try net.cases(at: Self.city)
                #expect(held >= seen)
                seen = held
                return held == cases
            }
            #expect(try net.changeSets(of: Self.county, at: [Self.city, Self.county]) == [cases])
            let (sent, connections) = (proxy.passed(.toServer), proxy.accepted)
            // What a connection costs beside its cases, and a frame that was on its way when it was cut.
            let frame = BatchBudget.first
            let most = needed + connections * handshake + proxy.cuts * frame
            print(
                "cuts: seed \(seed), \(proxy.cuts) of \(connections) connections cut, \(sent) bytes sent of \(needed)"
                    + " needed and \(handshake) for a handshake: \(sent * 100 / needed) %, bound \(most)")
            #expect(proxy.cuts > 3 && sent <= most, "seed \(seed)")
        }
    }

    @Test("A box that passes on only what was said before a silence, or four kilobytes, stops nothing")
    func lumps() async throws {
        var line = BadLine()
        line.lump = BadLine.Lump(bytes: 4096, silence: .milliseconds(300))
        try await with(line, cases: 20) { net, _, port in
            _ = try await once(net, port)
            #expect(try net.cases(at: Self.city) == 20)
        }
        line.lump = BadLine.Lump(bytes: .max, silence: .milliseconds(300))
        try await with(line, cases: 20) { net, _, port in
            _ = try await once(net, port)
            #expect(try net.cases(at: Self.city) == 20)
        }
    }

    @Test func aPortalIsNoNodeAndTakesNothing() async throws {
        var line = BadLine()
        line.isPortal = true
        try await with(line) { net, _, port in
            let error = await linkError { _ = try await once(net, port) }
            #expect(error?.code == "link.notTerrace")
            #expect(try net.cases(at: Self.city) == 0)
            try net.dial(Self.county, [port])
            try await net.wait("the failure") { net.lines[Self.county]?.state.failure?.code == "link.notTerrace" }
        }
    }

    @Test("A rate is kept to, each way, and nothing but time is lost")
    func rate() async throws {
        try await with(BadLine(), cases: 400) { net, proxy, port in
            let rate = 20_000
            let start = ContinuousClock.now
            _ = try await once(net, port, terms: LineTerms(rate: rate))
            let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
            #expect(try net.cases(at: Self.city) == 400)
            for direction in CuttingProxy.Direction.allCases {
                let passed = proxy.passed(direction)
                // A quarter of a second may have been saved up.
                #expect(Double(passed) <= (seconds + 0.25) * Double(rate), "\(direction): \(passed) in \(seconds) s")
            }
            #expect(proxy.passed(.toServer) > rate / 2)
        }
    }

    @Test("Outside of its hours a line is not used, and at their end it is left in good order")
    func hours() async throws {
        try await with(BadLine()) { net, proxy, port in
            let hours = try #require(LineHours("22:00-06:00"))
            let noon = CivilTime.start(of: CivilDate("2026-09-21")!) + 12 * 3600
            let time = NIOLockedValueBox(noon)
            let day = net.network.now.day
            try net.dial(
                Self.county, [port], terms: LineTerms(hours: hours),
                now: { Moment(seconds: time.withLockedValue { $0 }, day: day) })
            try await net.wait("the pause") { net.lines[Self.county]?.state.isPaused == true }
            #expect(net.lines[Self.county]?.state.failure?.code == "link.hours" && proxy.accepted == 0)
            time.withLockedValue { $0 = noon + 11 * 3600 }
            try await net.wait("the case at the city") { try net.cases(at: Self.city) == 1 }
            #expect(net.lines[Self.county]?.state.isUp == true)
            time.withLockedValue { $0 = noon + 18 * 3600 }
            try await net.wait("the next pause") { net.lines[Self.county]?.state.isPaused == true }
            try net.network.accept(at: Self.county, number: 2)
            net.announce(Self.county)
            try await Task.sleep(for: .milliseconds(1500))
            #expect(try net.cases(at: Self.city) == 1 && proxy.accepted == 1)
        }
    }
}
