import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Closed cases leave a node whole or not at all, and nothing that anybody relies on leaves with them.
@Suite struct RetentionTests {
    @Test func nothingLeavesBeforeAUnitAboveHasItBackedUp() throws {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        let first = try network.retire(at: Network.village)
        #expect(first.retired == 0 && first.kept[.notBackedUp] == 2 && first.kept[.lastOfJournal] == 1, "\(first)")
        // One on the same disk dies with it.
        _ = try network.backUp(Network.town, as: "near")
        try network[Network.town].replica.write { transaction in
            let near = BackupRow(isOnOtherDisk: false, time: network.now.seconds, position: 1, place: "near")
            try transaction.note(near, holding: [], received: transaction.receivedCasework())
        }
        try network.settle(rounds: 1)
        #expect(try network.retire(at: Network.village).retired == 0)
        try network.backUpElsewhere(Network.town)
        #expect(try network.retire(at: Network.village).retired == 0, "it has not heard of it")
        try network.exchange(Network.village)
        let looked = try network[Network.village].retire(onlyLooks: true, now: network.now)
        #expect(looked.retired == 2)
        #expect(try network.retire(at: Network.village).retired == 2)
        // What has come since the backup is not in it.
        _ = try network.closedCase(4)
        _ = try network.closedCase(5)
        #expect(try network.retire(at: Network.village).kept[.notBackedUp] == 2)
    }

    /// The next seal names the last run that was sealed: without it what is open could not be sealed any more.
    @Test func whatIsOpenIsSealedThoughAllBeforeItMayLeave() throws {
        let network = try Network.forgetful()
        for number in 1...2 { _ = try network.closedCase(number) }
        try network.backUpAll()
        let open = try network.accept(at: Network.village, number: 3, route: [Network.county])
        #expect(try network.retire(at: Network.village).kept[.lastOfJournal] == 1)
        try network.settle(rounds: 1)
        let found = try network[Network.city].replica.read { try $0.serviceCase(receipt: open.receipt)?.phase }
        #expect(found == .accepted)
    }

    @Test func onlyTheRuleLetsThemGo() throws {
        let network = try Network(Network.line)
        try network.publishCalendar()
        for number in 1...3 { _ = try network.closedCase(number) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).months == nil)
        try network[Network.city].setRetention(months: 2, ofTier: 3, now: network.now)
        try network.settle(rounds: 1)
        #expect(try network.retire(at: Network.village).kept[.recent] == 3)
        network.pass(seconds: 70 * 86_400)
        #expect(try network.retire(at: Network.village).retired == 2)
        #expect(try network.retire(at: Network.town).months == nil)
        try network[Network.city].setRetention(months: nil, ofTier: 3, now: network.now)
        try network.settle(rounds: 1)
        #expect(try network.retire(at: Network.village).months == nil)
        #expect(throws: NodeError.self) {
            try network[Network.city].setRetention(months: 1, ofTier: 0, now: network.now)
        }
        #expect(try network.retire(at: Network.city).months == nil)
    }

    /// What a later program would make of the case would not be what the stub says.
    @Test func whatThisProgramHasNoRuleForStays() throws {
        let network = try Network.forgetful()
        let cases = try (1...3).map { try network.closedCase($0) }
        try network.act(
            .evaluate, at: Network.village, on: cases[0].creation, fields: [CaseField.evaluation: "5"])
        try network.settle(rounds: 1)
        _ = try network.closedCase(4)
        try network.begin(Network.town, lacking: [.evaluate])
        try network.backUpAll()
        let pass = try network.retire(at: Network.town)
        #expect(pass.retired == 2 && pass.kept[.unsettled] == 1, "\(pass)")
        try network.upgrade(Network.town)
        #expect(try network.retire(at: Network.town).retired == 1)
        #expect(try network.fingerprints(of: Network.village, at: Network.line).count == 1)
    }

    /// A clock that cannot say the day lets nothing go.
    @Test func aWrongClockLetsNothingGo() throws {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        try network.backUpAll()
        // Ten years ahead, so that the certificate has ended.
        network.skew[Network.village] = 10 * 365 * 86_400
        let pass = try network.retire(at: Network.village)
        #expect(!pass.hasDay && pass.retired == 0)
        network.skew[Network.village] = 0
        #expect(try network.retire(at: Network.village).retired == 2)
    }

    @Test func whatHasLeftIsCountedFoundAndProven() throws {
        let network = try Network.forgetful()
        let cases = try (1...6).map { try network.closedCase($0) }
        try network.backUpAll()
        let before = try network.figures(at: Network.village)
        let rows = try network.heldCount(at: Network.village)
        for name in [Network.village, Network.town] {
            #expect(try network.retire(at: name).retired == 5)
            try network.expectSound(name)
        }
        #expect(try network.heldCount(at: Network.village) < rows / 2)
        #expect(try network.figures(at: Network.village) == before)
        #expect(try network.figures(at: Network.town) == before)
        #expect(try network.fingerprints(of: Network.village, at: Network.line).count == 1)
        for name in [Network.village, Network.town, Network.county] {
            let report = try network.prove(name)
            #expect(report.isProven && report.isEqual, "\(name) \(report)")
        }
        // Cursors go on from where they were.
        try network.restart(Network.village)
        let idle = try #require(try network.exchange(Network.village)?.child)
        #expect(idle.sentBatches == 0 && idle.receivedBatches == 0 && idle.comparison == nil)
        #expect(throws: NodeError.keptAbove(cases[0].receipt, isWished: false)) {
            try network[Network.village].replica.read { try $0.caseReference(typed: cases[0].receipt) }
        }
        let frontier = try network[Network.village].replica.read { try $0.gaplessHeads(of: cases[0].creation.author) }
        let above = try network[Network.city].replica.read { try $0.gaplessHeads(of: cases[0].creation.author) }
        #expect(frontier == above)
        // And the number goes on.
        let next = try network.accept(at: Network.village, number: 99)
        #expect(!cases.map(\.receipt).contains(next.receipt))
        try network.settle(rounds: 1)
        #expect(try network.prove(Network.village).isProven)
    }

    /// A child that has not confirmed a case would never hear of what it lacks.
    @Test func nobodyBelowIsLeftStranded() throws {
        let network = try Network.forgetful()
        let cases = try (1...3).map { try network.closedCase($0) }
        // The village's line is cut while the county goes on.
        for (index, number) in [(0, "1"), (2, "2")] {
            try network.act(
                .note, at: Network.county, on: cases[index].creation, fields: [CaseField.note + number: "补记"])
            try network.exchange(Network.town)
        }
        try network.backUpElsewhere(Network.county)
        try network.exchange(Network.town)
        let pass = try network.retire(at: Network.town)
        #expect(pass.retired == 1 && pass.kept[.childBehind] == 1, "\(pass)")
        _ = try network.accept(at: Network.village, number: 9)
        try network.settle(rounds: 1)
        try network.backUpAll()
        #expect(try network.retire(at: Network.town).retired == 1)
        let phases = try network[Network.village].replica.read { transaction in
            try cases.map { try transaction.serviceCase(receipt: $0.receipt)?.phase }
        }
        #expect(phases == [.delivered, .delivered, .delivered])
    }
}
