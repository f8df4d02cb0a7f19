import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// No paper is printed for a case that nobody will take for one.
@Suite struct AcceptanceJudgedTests {
    private func acceptance(_ node: Node, route: [String]) -> Acceptance {
        Acceptance(
            promise: Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: true),
            route: ([node.name.unit.text] + route).map { UnitCode($0)! }, fields: [CaseField.applicantName: "王一"],
            day: 20_000, actor: "c01")
    }

    @Test func nothingIsAcceptedBeforeTheTopologyHasCome() throws {
        let network = try Network([Network.city])
        try network.enroll(Network.county)
        let node = network[Network.county]
        #expect(throws: NodeError.impossible(.noPower)) {
            try node.accept(acceptance(node, route: []), now: network.now)
        }
        #expect(try node.replica.read { try $0.journalHead() } == .start)
        try network.exchange(Network.county)
        _ = try node.accept(acceptance(node, route: []), now: network.now)
    }

    @Test func aRouteLeadsThroughKnownUnits() throws {
        let network = try Network([Network.city])
        let node = network[Network.city]
        #expect(throws: NodeError.unknownUnit("379977")) {
            try node.accept(acceptance(node, route: [Network.county, "379977"]), now: network.now)
        }
        #expect(try node.replica.read { try $0.serviceCases(limit: 10) }.isEmpty)
        _ = try node.accept(acceptance(node, route: [Network.county]), now: network.now)
    }
}
