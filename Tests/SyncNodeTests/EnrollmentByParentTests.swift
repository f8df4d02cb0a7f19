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
        let village = UnitCode(Network.village)!, town = UnitCode(Network.town)!
        for name in [Network.city, Network.county] {
            #expect(throws: NodeError.notParent(village, parent: town)) {
                try network[name].issueEnrollmentCode(for: village, now: network.now)
            }
        }
        #expect(NodeError.notParent(village, parent: town).code == "enrollment.notParent")
        let root = UnitCode(Network.city)!
        #expect(throws: NodeError.notParent(root, parent: nil)) {
            try network[Network.city].issueEnrollmentCode(for: root, now: network.now)
        }
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
        let notParent = NodeError.notParent(village, parent: UnitCode(Network.county)!)
        #expect(throws: notParent) {
            try town.enroll(
                EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: network.now)
        }
        // It is not below the town any more, and nothing says that it were.
        #expect(throws: notParent) { try town.issueEnrollmentCode(for: village, now: network.now) }
        #expect(notParent.words[.english].contains("its parent, \(Network.county)"))
        try network.enroll(Network.village)
    }

    @Test func aUnitThatHasEndedGetsNoCodeUnawares() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let village = UnitCode(Network.village)!, town = network[Network.town]
        try network.end(Network.village)
        try network.exchange(Network.county)
        try network.exchange(Network.town)
        // Today is its last day.
        _ = try town.issueEnrollmentCode(for: village, now: network.now)
        network.pass(seconds: 86_400)
        #expect(throws: NodeError.ended(village)) { try town.issueEnrollmentCode(for: village, now: network.now) }
        // Its machine may have been cut, and have to bring something up.
        _ = try town.issueEnrollmentCode(for: village, evenEnded: true, now: network.now)
    }

    /// The command was cut off after all was in place, or is given twice.
    @Test func whoUsedACodeItselfIsToldSo() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        let village = UnitCode(Network.village)!, town = network[Network.town]
        let code = try town.issueEnrollmentCode(for: village, now: network.now).text
        func ask(_ enrollee: Enrollee) throws -> EnrollmentGrant {
            try town.enroll(
                EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: network.now)
        }
        let first = try Enrollee(code: code, anew: network[Network.village])
        let named = try first.take(
            ask(first), presented: town.chain.der, now: network.now,
            entropy: { count in Data((0..<count).map { _ in UInt8.random(in: .min ... .max) }) })
        #expect(named.name.ordinal == 2)
        try named.replica.close()
        try network.reopen(Network.village)
        // With another key it is refused, whoever asks.
        let other = try Enrollee(code: code, anew: network[Network.village])
        #expect(throws: EnrollmentRefusal.used) { _ = try ask(other) }
        let again = try Enrollee(code: code, of: network[Network.village])
        #expect(try again.isNamed(by: ask(again), presented: town.chain.der))
        // The village's other code was used by somebody else.
        let foreign = try town.issueEnrollmentCode(for: village, now: network.now).text
        let thief = try Enrollee(code: foreign, anew: network[Network.village])
        _ = try ask(thief)
        let owner = try Enrollee(code: foreign, of: network[Network.village])
        #expect(throws: EnrollmentRefusal.used) { _ = try ask(owner) }
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
