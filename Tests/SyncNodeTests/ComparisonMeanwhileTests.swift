import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What is done while two nodes compare, or between the comparison and its end, is neither passed over nor taken for
/// done.
@Suite struct ComparisonMeanwhileTests {
    private static let all = [Network.city, Network.county, Network.town, Network.village]

    private func cases(_ count: Int, _ network: Network) throws -> [Place] {
        try (0..<count).map { number in
            let place = try network.accept(at: Network.village, number: number).creation
            try network.settle(rounds: 1)
            return place
        }
    }

    /// The last batch of a difference moves the cursor to where the comparison looked. A clerk may write behind the
    /// seal that came before.
    @Test func whatIsNotSealedYetIsNotPassedOver() throws {
        let network = try Network(Self.all)
        _ = try cases(2, network)
        let village = network[Network.village], town = network[Network.town].name
        let before = try village.replica.read { try $0.journalHead() }
        let place = try network.accept(at: Network.village, number: 9).creation
        let head = try village.replica.read { transaction in
            let peer = try #require(try transaction.latestPeer(unit: town.unit, node: town.ordinal))
            return try transaction.commonHoldings(with: peer, isBelow: false).head
        }
        #expect(head == before)
        try network.exchange(Network.village, mode: .repairs)
        #expect(try network[Network.town].replica.read { try $0.record(created: place) } != nil)
    }

    /// A line that is cut before the difference has arrived: it is compared again soon, and not in a day.
    @Test func aDifferenceThatDidNotArriveIsNotDone() throws {
        let network = try Network(Self.all)
        _ = try cases(4, network)
        let backup = try network.copyOfDisk(Network.town)
        _ = try cases(3, network)
        try network.crash(Network.town, leaving: backup)
        let village = network[Network.village]
        let line = try SimulatedLine(network, from: Network.village, mode: .repairs)
        while line.reports.child.comparison?.isOver != true {
            while try line.workBelow() {}
            _ = try line.carryUp()
            while try line.workAbove() {}
            guard try line.carryDown() else { break }
            _ = try line.workBelow()
        }
        #expect(line.reports.child.comparison?.isOver == true)
        line.abandon()
        let outcome = try #require(try village.replica.read { try $0.comparisons() }.first)
        #expect(!outcome.isEqual && !outcome.isSent)
        #expect(try village.linkMode(now: network.now).mode == .usual)
        network.pass(seconds: Node.unsettledPause)
        #expect(try village.linkMode(now: network.now).mode == .repairs)
        try network.exchange(Network.village, mode: .repairs)
        let after = try #require(try village.replica.read { try $0.comparisons() }.first)
        #expect(after.isSent && !after.isEqual)
        network.pass(seconds: Node.unsettledPause)
        #expect(try village.linkMode(now: network.now).mode == .usual)
    }

    /// An ancestor of yesterday gets nothing new, however long ago the difference was reckoned.
    @Test(arguments: [false, true]) func aUnitThatIsMovedAwayMeanwhileIsLeftOut(isMoved: Bool) throws {
        let network = try Network([Network.city, Network.branch, Network.county, Network.town, Network.village])
        _ = try cases(3, network)
        let county = network[Network.county], town = network[Network.town].name
        let (common, addressee, reckoned) = try county.replica.read { transaction in
            let peer = try #require(try transaction.latestPeer(unit: town.unit, node: town.ordinal))
            let common = try transaction.commonHoldings(with: peer, isBelow: true)
            let difference = try transaction.difference(common, lacking: common.holdings, stubs: [], in: .casework)
            return (common, Addressee(peer: peer, isBelow: true, confirmed: [:]), difference)
        }
        if isMoved {
            try network.move(Network.village, under: Network.branch)
            try network.exchange(Network.county)
        }
        var difference = reckoned
        let batch = try county.replica.read {
            try $0.outgoing(&difference, to: addressee, budget: LinkReplica.usualBudget)
        }
        #expect(batch.batch.runs.count == (isMoved ? 0 : 3) && batch.end == common.head)
    }

    @Test func aRepairThatWaitsStaysOne() throws {
        let network = try Network([Network.city])
        try network[Network.city].replica.write { transaction in
            _ = try transaction.wishComparison(repairs: true)
            let serial = try transaction.wishComparison(repairs: false)
            #expect(try transaction.wishedComparison()?.repairs == true)
            try transaction.noteComparison(carriedOut: serial)
            _ = try transaction.wishComparison(repairs: false)
            #expect(try transaction.wishedComparison()?.repairs == false)
        }
    }
}
