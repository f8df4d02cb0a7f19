import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import SyncProtocol
import Testing

@testable import SyncNode

/// A child says that it has known this database as it was later. Nothing proves it, and to believe it costs a life of
/// the database, a comparison with every neighbour and an incarnation.
@Suite struct ClaimFromBelowTests {
    private static let all = [Network.city, Network.county, Network.town]

    private func life(_ network: Network, at name: String = Network.county) throws -> UInt64 {
        try network[name].replica.read { try $0.identity?.incarnation ?? 0 }
    }

    /// The town names a row of the county's journal that no journal has.
    private func claim(_ network: Network) throws {
        let hello = try WireHello.with {
            $0.version = protocolVersion
            $0.incarnation = try life(network, at: Network.town)
            $0.peerIncarnation = try life(network)
            $0.cursors = [JournalCursor(position: .max, offset: 0, rolling: 1).wire(.casework)]
        }
        var county = LinkReplica(node: network[Network.county], neighbour: network[Network.town].name, isAbove: true)
        _ = try county.greet(hello, now: network.now)
    }

    @Test func itIsBelievedOnceInAnHour() throws {
        let network = try Network(Self.all)
        try network.settle(rounds: 1)
        let before = try life(network)
        try claim(network)
        let after = try life(network)
        #expect(after != before)
        for wait in [0, 1, 3598] as [Int64] {
            network.pass(seconds: wait)
            #expect(throws: ExchangeProblem.cutOff) { try claim(network) }
        }
        #expect(try life(network) == after)
        network.pass(seconds: 1)
        try claim(network)
        #expect(try life(network) != after)
    }

    @Test func aTimeThatTheClockHasNotReachedHoldsNobodyUp() throws {
        let network = try Network(Self.all)
        try network.settle(rounds: 1)
        network.pass(seconds: 1_000_000)
        try claim(network)
        let after = try life(network)
        network.pass(seconds: -1_000_000)
        try claim(network)
        #expect(try life(network) != after)
    }

    /// Who is right keeps its cursors, which say the same in an hour.
    @Test func whoIsRightIsHeardLater() throws {
        let network = try Network(Self.all)
        let place = try network.accept(at: Network.town, number: 1, route: [Network.county]).creation
        try network.settle(rounds: 1)
        try claim(network)
        try network.settle(rounds: 2)
        let copy = try network.clone(Network.county)
        try network.act(.note, at: Network.county, on: place, fields: [CaseField.note + "1": "一"])
        try network.exchange(Network.town)
        try network.sit(Network.county, at: copy)
        let before = try life(network)
        #expect(throws: ExchangeProblem.cutOff) { try network.exchange(Network.town) }
        #expect(try life(network) == before)
        network.pass(seconds: 3600)
        try network.exchange(Network.town)
        #expect(try life(network) != before)
        try network.settle(rounds: 2)
        for name in Self.all {
            let note = try network[name].replica.read { transaction in
                try transaction.record(created: place).map { try transaction.caseRecord($0) }?
                    .state.values[CaseField.note + "1"]?.value
            }
            #expect(note == "一", "\(name)")
        }
    }
}
