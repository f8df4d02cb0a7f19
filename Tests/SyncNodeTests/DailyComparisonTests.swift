import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A serving node proves by itself, once a day, that it and its parent hold the same, however its line is kept.
@Suite struct DailyComparisonTests {
    private static let day: Int64 = 86_400

    /// The node dials again and again, as a serving one does whose exchanges end when nothing is said.
    /// - Parameter upper: who answers at the first address.
    /// - Returns: how often it went about comparing.
    private func dialling(
        _ network: Network, _ name: String, to upper: String? = nil, every pause: Int64 = 1200, for seconds: Int64
    ) throws -> Int {
        var compared = 0
        for _ in 0..<seconds / pause {
            network.pass(seconds: pause)
            let mode = try network[name].linkMode(now: network.time(at: name)).mode
            if mode != .usual { compared += 1 }
            let line = try SimulatedLine(network, from: name, to: upper, mode: mode)
            try line.run()
            try line.close()
        }
        return compared
    }

    /// No rule lets cases leave, so that nothing else asks for a comparison; and the last contact is never old.
    @Test func aLinkThatStaysUpIsProvenEveryDay() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county)
        let county = network[Network.county]
        #expect(try dialling(network, Network.county, for: Self.day / 2) == 0)
        #expect(try county.replica.read { try $0.proofStanding() } == nil)
        #expect(try dialling(network, Network.county, for: Self.day * 3 / 2) == 1)
        let standing = try #require(try county.replica.read { try $0.proofStanding() })
        #expect(standing.isEqual && standing.proven.map { network.now.seconds - $0 <= Self.day } == true)
        #expect(try dialling(network, Network.county, for: Self.day * 2) == 2)
    }

    /// The town's machine is gone, and the county's address stands first: comparing with that one again and again
    /// would never prove anything of the town.
    @Test func whoAnswersInTheParentsPlaceIsComparedOnceADayToo() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.accept(at: Network.village)
        try network.settle()
        network.pass(seconds: 2 * Self.day)
        #expect(try dialling(network, Network.village, to: Network.county, for: Self.day - 3600) == 1)
        // The town is back, and what was compared with the county says nothing of it.
        try network.exchange(Network.village)
        let now = network.time(at: Network.village)
        #expect(try network[Network.village].linkMode(now: now).mode == .repairs)
    }
}
