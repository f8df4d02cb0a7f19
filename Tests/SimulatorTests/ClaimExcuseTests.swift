import ChangeSet
import Foundation
import ServiceModel
import SyncNode
import SyncProtocol
import Testing

@testable import Simulator

/// That a parent does not believe its child for an hour excuses what it refuses for that, and nothing else.
@Suite struct ClaimExcuseTests {
    private static let city = "37", county = "371", village = "37111"

    /// A county that was set back, which its village is about to say, and that has believed something like it just now.
    private static func doubting() throws -> SimulatedNetwork {
        let places: [(String, String?, Int)] = [(city, nil, 0), (county, city, 1), (village, county, 3)]
        let network = try SimulatedNetwork(
            units: places.compactMap { code, parent, tier in
                UnitCode(code).map {
                    UnitEntry(
                        code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
                }
            }, tiers: ["city", "county", "town", "village"], nodes: [city, county, village], seed: 1)
        try network.settle(rounds: 1)
        let snapshot = try network.snapshot(county)
        try network.accept(at: county, number: 1, route: [village])
        try network.exchange(village)
        try network.rollBack(to: snapshot)
        let now = network.time(at: county).seconds
        try network[county].replica.write { try $0.noteClaim(at: now) }
        return network
    }

    @Test func whatIsNotBelievedIsExcused() throws {
        let network = try Self.doubting(), simulation = Simulation(network, seed: 1)
        #expect(!simulation.believesClaims(Self.county))
        let line = try SimulatedLine(network, from: Self.village)
        let error = try #require(throws: ExchangeProblem.self) { try line.run() }
        #expect(error == .cutOff && line.isRefused && simulation.isToGreetAgain(error, line))
        network.pass(seconds: 3600)
        #expect(!simulation.isToGreetAgain(error, line))
    }

    @Test func anExchangeThatDoesNotComeToItsEndIsNot() throws {
        let network = try Self.doubting(), simulation = Simulation(network, seed: 1)
        let line = try SimulatedLine(network, from: Self.village)
        let error = try #require(throws: ExchangeProblem.self) { try line.close() }
        #expect(error == .cutOff && !line.isRefused && !simulation.isToGreetAgain(error, line))
    }
}
