import ChangeSet
import Foundation
import Replica
import ServiceModel
import Testing

@testable import SyncNode

/// Two machines of a unit that have published items under one number.
@Suite struct ForkedCatalogTests {
    private static let clerk = CatalogActionTests.clerk

    @Test func eachMachineGoesOnWithItsOwnItem() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let copy = try network.clone(Network.county)
        let item = CatalogActionTests.item
        func publish(_ code: String) throws -> CatalogItemID {
            let now = network.now
            return try network[Network.county].publish([item(code) { _ in }], by: Self.clerk, now: now)[0]
        }
        let first = try publish("JZ-01")
        let original = try network.sit(Network.county, at: copy)
        #expect(try publish("JZ-02") == first)
        for machine in [copy, original, copy, original] {
            try network.sit(Network.county, at: machine)
            try network.settle(rounds: 1)
        }
        for (machine, code) in [(copy, "JZ-02"), (original, "JZ-01")] {
            try network.sit(Network.county, at: machine)
            let node = network[Network.county]
            let (own, rows) = try node.replica.read { transaction in
                (try transaction.catalogRecord(first), try transaction.catalogItems())
            }
            #expect(rows.map(\.code) == ["JZ-01", "JZ-02"])
            #expect(own?.item?.current.code == code)
            // Each is found by its code, whichever came first.
            for code in ["JZ-01", "JZ-02"] {
                #expect(try node.offer(.code(code), on: network.now.day).item.code == code)
            }
            try node.revise(
                [
                    item(code) {
                        $0.version = 2
                        $0.name = "新\(code)"
                    }
                ], by: Self.clerk, now: network.now)
            try network.settle(rounds: 1)
        }
        try network.settle(rounds: 1)
        for name in [Network.city, Network.town] {
            let names = try network[name].replica.read { try $0.catalogItems().map(\.name) }
            #expect(names == ["新JZ-01", "新JZ-02"], "\(name)")
        }
    }
}
