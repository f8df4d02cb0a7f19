import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A unit above takes a case out of the hands of one that cannot go on with it.
@Suite struct TakeoverTests {
    private static let all = [Network.city, Network.county, Network.town, Network.village]

    private func status(of action: CaseAction, on place: Place, at name: String, _ network: Network) throws -> Status? {
        let record = try network[name].replica.read { transaction in
            try transaction.record(created: place).map { try transaction.caseRecord($0) }
        }
        let entry = record?.history.entries.last { $0.changeSet.kind == action.kind }
        return entry.flatMap { record?.state.status[$0.placed.leaf.leaf] }
    }

    /// Without evidence nobody could ever decide the case.
    @Test(arguments: [false, true]) func whoTakesOverMayDecide(presumedLost: Bool) throws {
        let network = try Network(Self.all)
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.settle(rounds: 1)
        let verdict = try network.act(.takeOver, at: Network.county, on: place) { $0.presumedLost = presumedLost }
        #expect(verdict == .chain(holder: UnitCode(Network.county), phase: .accepted, inDoubt: false))
        try network.act(.decide, at: Network.county, on: place, fields: [CaseField.decision: "granted"])
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
        #expect(try status(of: .decide, on: place, at: Network.village, network) == .effective)
    }

    /// What the deposed unit did meanwhile is kept and waits for who holds the case now.
    @Test func lateWorkOfTheDeposedWaitsForTheHolder() throws {
        let network = try Network(Self.all)
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.settle(rounds: 1)
        try network.act(.takeOver, at: Network.county, on: place)
        try network.act(.withdraw, at: Network.village, on: place)
        try network.act(.amend, at: Network.village, on: place, fields: [CaseField.applicantPhone: "13911112222"])
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
        for name in Self.all {
            #expect(try status(of: .withdraw, on: place, at: name, network) == .proposal(.outrun), "\(name)")
            #expect(try status(of: .amend, on: place, at: name, network) == .merged, "\(name)")
        }
        let record = try #require(
            try network[Network.county].replica.read { transaction in
                try transaction.record(created: place).map { try transaction.caseRecord($0) }
            })
        let waiting = try #require(record.state.proposals.first)
        try network.act(.answer, at: Network.county, on: place) { $0.admits = [waiting] }
        try network.settle(rounds: 1)
        for name in Self.all {
            #expect(try status(of: .withdraw, on: place, at: name, network) == .admitted, "\(name)")
        }
    }

    @Test func nobodyTakesOverFromAbove() throws {
        let network = try Network(Self.all)
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.act(.forward, at: Network.village, on: place, target: Network.county)
        try network.settle(rounds: 1)
        for name in [Network.village, Network.town, Network.county] {
            #expect(throws: NodeError.impossible(.notAboveHolder)) { try network.act(.takeOver, at: name, on: place) }
        }
    }

    /// One more unit sees the case and all of its history; the holder stays.
    @Test func aReroutedCaseIsSeenWhole() throws {
        let network = try Network(Self.all + [Network.neighbour])
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.act(.note, at: Network.village, on: place, fields: [CaseField.note + "1": "x"])
        try network.settle(rounds: 1)
        #expect(throws: NodeError.impossible(.notAboveBoth)) {
            try network.act(.reroute, at: Network.village, on: place, target: Network.neighbour)
        }
        try network.act(.reroute, at: Network.town, on: place, target: Network.neighbour)
        try network.settle(rounds: 1)
        let names = Self.all + [Network.neighbour]
        for name in names {
            #expect(try status(of: .accept, on: place, at: name, network) == .effective, "\(name)")
            #expect(try status(of: .note, on: place, at: name, network) == .merged, "\(name)")
        }
        #expect(try network.fingerprints(of: Network.village, at: names).count == 1)
    }
}
