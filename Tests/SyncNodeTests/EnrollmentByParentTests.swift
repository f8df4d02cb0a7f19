import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing
import Trust

@testable import SyncNode

/// Ordinals are counted by one unit: the parent of today.
@Suite struct EnrollmentByParentTests {
    @Test func onlyTheParentIssuesCodes() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let village = UnitCode(Network.village)!
        for name in [Network.city, Network.county] {
            #expect(throws: NodeError.notParent(village)) {
                try network[name].issueEnrollmentCode(for: village, now: network.now)
            }
        }
        #expect(NodeError.notParent(village).code == "enrollment.notParent")
        _ = try network[Network.town].issueEnrollmentCode(for: village, now: network.now)
    }

    @Test func aCodeOfYesterdaysParentIsWorthNothing() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let village = UnitCode(Network.village)!, town = network[Network.town]
        let code = try town.issueEnrollmentCode(for: village, now: network.now)
        try network.move(Network.village, under: Network.county)
        try network.exchange(Network.county)
        try network.exchange(Network.town)
        let enrollee = try Enrollee(code: code.text, unit: village, in: network.directory(Network.village))
        #expect(throws: NodeError.notParent(village)) {
            try town.enroll(
                EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: network.now)
        }
        try network.enroll(Network.village)
    }

    /// Simulation 20150251: the second machine was taken for the first one, which had been cut.
    @Test func aNewParentGivesNoOrdinalTwice() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.enroll(Network.village)
        #expect(network[Network.village].name.ordinal == 1)
        try network.move(Network.village, under: Network.county)
        // The county has heard nothing of that machine.
        try network.exchange(Network.county)
        try network.enroll(Network.village)
        #expect(network[Network.village].name.ordinal == 101)
        try network.enroll(Network.village)
        #expect(network[Network.village].name.ordinal == 102)
        try network.move(Network.village, under: Network.town)
        try network.exchange(Network.county)
        try network.exchange(Network.town)
        try network.enroll(Network.village)
        #expect(network[Network.village].name.ordinal == 201)
    }

    /// Swarm seed 30057: the parent's machine was replaced, and gave its child's next one the name of the one that had
    /// been cut, with which nobody talked any more.
    @Test(arguments: [false, true]) func aNewMachineOfTheParentGivesNoOrdinalTwice(isCut: Bool) throws {
        let network = try Network()
        let first = network[Network.village].name.ordinal
        if isCut {
            // A cut names the author, of whom the root has heard.
            try network.accept(at: Network.village, number: 1)
            try network.settle(rounds: 1)
            let wish = CutWish(unit: UnitCode(Network.village)!, ordinal: first)
            _ = try network[Network.city].cut(wish, now: network.now)
            network.drop(Network.village)
            try network.settle(rounds: 1)
        }
        try network.enroll(Network.town)
        try network.exchange(Network.town)
        try network.enroll(Network.village)
        #expect(network[Network.village].name.ordinal == 21)
        try network.settle(rounds: 2)
        #expect(try network.exchange(Network.village) != nil)
    }
}
