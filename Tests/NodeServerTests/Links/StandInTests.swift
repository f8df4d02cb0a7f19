import ServiceModel
import Simulator
import SyncNode
import Testing

@testable import NodeServer

/// A parent dies, an ancestor stands in for it, the parent comes back: over real sockets.
@Suite(.timeLimit(.minutes(2)))
struct StandInTests {
    static let city = "3799"
    static let county = "379902"
    static let town = "379902001"
    static let all = [city, county, town]
    static let units: [(String, String?)] = [(city, nil), (county, city), (town, county)]
    static let impatient = UplinkChoice.Patience(failures: 2, time: 300, look: 200, longestLook: 400)

    private func port(_ unit: String, _ net: ServedNetwork) throws -> Int { try #require(net.ports[unit]) }

    private func through(_ net: ServedNetwork) -> UpperNode? {
        guard let state = net.lines[Self.town]?.state, state.isUp else { return nil }
        return state.through
    }

    @Test("Cases flow while the county is dead, decisions come back, and nothing is there twice when it is back")
    func deadParent() async throws {
        try await ServedNetwork.with(Self.units) { net in
            let (city, county, town) = (Self.city, Self.county, Self.town)
            try await net.listen(city)
            try await net.listen(county)
            try net.dial(county, [try port(city, net)])
            try net.dial(town, [try port(county, net), try port(city, net)], patience: Self.impatient)

            let first = try net.network.accept(at: town, number: 1, route: [county, city])
            try net.network.act(.forward, at: town, on: first.creation, target: city)
            net.announce(town)
            try await net.wait("the first case at the city") { try net.cases(at: city) == 1 }
            #expect(through(net)?.unit == UnitCode(county) && through(net)?.isParent == true)

            try await net.fall(county)
            try net.network.accept(at: town, number: 2, route: [county])
            net.announce(town)
            try await net.wait("the second case at the city") { try net.cases(at: city) == 2 }
            #expect(through(net) == UpperNode(unit: UnitCode(city)!, node: 1, isParent: false))
            #expect(net.lines[town]?.state.failure?.code == "link.unreachable")
            // What the stand-in has does not wait, though the parent lacks it.
            try await net.wait("nothing waits") {
                try net.network[town].replica.read { try $0.lineStanding().unsent } == 0
            }

            try net.network.act(
                .decide, at: city, on: first.creation, fields: [CaseField.decision: Outcome.granted.rawValue])
            net.announce(city)
            try await net.wait("the decision at the town") {
                try net.network[town].replica.read { try $0.serviceCase(receipt: first.receipt) }?.phase == .decided
            }

            try await net.listen(county)
            try net.dial(county, [try port(city, net)])
            try await net.wait("the town's return") { through(net)?.isParent == true }
            #expect(net.lines[town]?.state.failure == nil)
            try net.network.accept(at: town, number: 3, route: [county])
            net.announce(town)
            try await net.wait("all everywhere") {
                // Three acceptances, a step and a decision.
                try net.changeSets(of: town, at: Self.all) == [5]
            }
            #expect(try Self.all.map { try net.cases(at: $0) } == [3, 3, 3])
            #expect(try sides(at: town, net) == [county: .parent, city: .above])
            #expect(try sides(at: city, net) == [county: .below, town: .below])
        }
    }

    /// Where `terrace status` says that those stand with whom a unit has spoken.
    private func sides(at name: String, _ net: ServedNetwork) throws -> [String: StatusOutput.Side] {
        let node = net.network[name], now = net.network.time(at: name)
        let contacts = try node.replica.read { try StatusOutput(node, now: now, in: .english, $0).contacts }
        return Dictionary(contacts.map { ($0.unit, $0.side) }, uniquingKeysWith: { one, _ in one })
    }

    @Test("A county that answers and is no node, as behind a portal, is dead; one that is of another unit, too")
    func portal() async throws {
        let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
        try await ServedNetwork.with(Self.units) { net in
            let (city, town) = (Self.city, Self.town)
            try await net.listen(city)
            try await RawPeer.serving(page) { portal in
                try net.network.accept(at: town, number: 1)
                try net.dial(town, [portal, try port(city, net)], patience: Self.impatient)
                try await net.wait("the case at the city") { try net.cases(at: city) == 1 }
                #expect(through(net)?.isParent == false)
                #expect(net.lines[town]?.state.failure?.code == "link.notTerrace")
            }
        }
    }

    @Test("A busy parent is not dead: it is tried again when it said, and nobody stands in for it")
    func busy() async throws {
        try await ServedNetwork.with(Self.units) { net in
            let (city, county, town) = (Self.city, Self.county, Self.town)
            try await net.listen(city)
            try await net.listen(county, bounds: Admission.Bounds(working: 0, pause: 1...1))
            try net.network.accept(at: town, number: 1)
            try net.dial(
                town, [try port(county, net), try port(city, net)],
                patience: UplinkChoice.Patience(failures: 1, time: 0, look: 200, longestLook: 400))
            try await net.wait("a few refusals") { net.refused(by: county) >= 3 }
            let state = try #require(net.lines[town]?.state)
            #expect(!state.isUp && state.isPaused && state.failure?.code == "link.busy")
            #expect(state.failure?.words[.chinese].contains("秒后再试") == true)
            #expect(try net.cases(at: city) == 0)
            try await net.fall(county)
            try await net.listen(county)
            try await net.wait("the case at the county") { try net.cases(at: county) == 1 }
            try await net.wait("the line to the parent") { through(net)?.isParent == true }
            #expect(net.lines[town]?.state.isPaused == false)
        }
    }

    /// The town's own port, as a wrong address would lead to.
    @Test("Who answers and is not above is not gone through, and what waits goes to the next")
    func notAbove() async throws {
        try await ServedNetwork.with(Self.units) { net in
            let (city, county, town) = (Self.city, Self.county, Self.town)
            try await net.listen(city)
            try await net.listen(town)
            try net.network.accept(at: county, number: 1)
            try net.dial(county, [try port(town, net), try port(city, net)], patience: Self.impatient)
            try await net.wait("the case at the city") { try net.cases(at: city) == 1 }
            #expect(net.lines[county]?.state.through?.unit == UnitCode(city))
            #expect(try net.cases(at: town) == 0)
        }
    }

    /// Sync by hand makes the same choice, at once.
    @Test func onceTakesWhoAnswers() async throws {
        try await ServedNetwork.with(Self.units) { net in
            let (city, county, town) = (Self.city, Self.county, Self.town)
            try await net.listen(city)
            try await net.listen(county)
            let endpoints = try [county, city].map { PeerEndpoint(host: "127.0.0.1", port: try port($0, net)) }
            try await net.fall(county)
            try net.network.accept(at: town, number: 1)
            let (report, through) = try await Uplink.once(net.network[town], to: endpoints, now: Moment.fixed(net))
            #expect(report.sentBytes > 0 && through?.unit == UnitCode(city) && through?.isParent == false)
            #expect(try net.cases(at: city) == 1)
            try await net.fall(city)
            let error = await linkError {
                _ = try await Uplink.once(net.network[town], to: endpoints, now: Moment.fixed(net))
            }
            #expect(error?.code == "link.unreachable")
        }
    }
}

extension Moment {
    fileprivate static func fixed(_ net: ServedNetwork) -> @Sendable () -> Moment {
        let now = net.network.now
        return { now }
    }
}
