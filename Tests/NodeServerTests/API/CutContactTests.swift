import ServiceModel
import Simulator
import SyncNode
import Testing

@testable import NodeServer

/// A machine that was cut is not awaited.
@Suite struct CutContactTests {
    @Test func itIsMarkedAmongThoseThatWereHeard() throws {
        let (city, town) = ("3799", "379902001")
        let network = try SimulatedNetwork(
            units: [
                UnitEntry(code: UnitCode(city)!, name: "市", tier: 0, parent: nil, kind: .centre),
                UnitEntry(code: UnitCode(town)!, name: "镇", tier: 1, parent: UnitCode(city), kind: .centre),
            ], tiers: ["city", "town"], nodes: [town], seed: 7)
        try network.accept(at: town)
        try network.settle(rounds: 1)
        let root = network[city]
        func contacts() throws -> [StatusOutput.Contact] {
            try root.replica.read { try StatusOutput(root, now: network.now, in: .english, $0) }.contacts
        }
        #expect(try contacts().map(\.isCut) == [false])
        _ = try root.cut(CutWish(unit: UnitCode(town)!, ordinal: 1), now: network.now)
        #expect(try contacts().map(\.isCut) == [true])
        #expect(try contacts().map(\.side) == [.below])
    }
}
