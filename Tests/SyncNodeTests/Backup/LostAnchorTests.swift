import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A machine without its anchor does not know how far it had got, and acts like one that was restored.
@Suite struct LostAnchorTests {
    private func author(_ network: SimulatedNetwork) throws -> Author {
        let county = network[Network.county]
        return try county.replica.read { try #require(try $0.opening(of: try county.author($0))?.author) }
    }

    private func anchor(_ network: SimulatedNetwork) throws -> Anchor.Content {
        try #require(try Anchor(network.directory(Network.county)).read())
    }

    private func accept(_ network: SimulatedNetwork, _ number: Int) throws -> UInt64 {
        try ReceiptNumber(typed: network.accept(at: Network.county, number: number).receipt).running
    }

    @Test func aStartWithoutItBeginsBehindAllThatMayHaveBeenGiven() throws {
        let network = try Network([Network.city, Network.county])
        let first = try accept(network, 1)
        try network.exchange(Network.county)
        let before = try author(network)
        try network.loseAnchor(of: Network.county)
        try network.restart(Network.county)
        #expect(try author(network).depth == before.depth + 1)
        #expect(try accept(network, 2) == first + Anchor.gap + 1)
        try network.settle(rounds: 2)
        #expect(try network.journal(of: Network.city).forks == 0)
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
        // The parent has told what it knew: now it is an anchor like any other.
        #expect(try anchor(network).guessed == nil)
        let after = try author(network)
        try network.restart(Network.county)
        #expect(try author(network) == after)
    }

    @Test func aNodeAtWorkMakesItAnew() throws {
        let network = try Network([Network.city, Network.county])
        var last = try accept(network, 1)
        try network.exchange(Network.county)
        let backup = try network.copyOfDisk(Network.county)
        let before = try author(network)
        try network.loseAnchor(of: Network.county)
        for number in 2...70 {
            let next = try accept(network, number)
            #expect(next > last)
            last = next
        }
        #expect(last > Anchor.gap)
        // Who only compares has not been told everything.
        try network.exchange(Network.county, mode: .looks)
        #expect(try anchor(network).guessed == true)
        try network.exchange(Network.county)
        let content = try anchor(network)
        #expect(content.guessed == nil)
        #expect(content.author == before.id.description && content.heads == [0, 70, 0])
        try network.restart(Network.county)
        #expect(try author(network) == before)
        // It notices a rollback as well as the old one did.
        try network.crash(Network.county, leaving: backup)
        #expect(try author(network).depth == before.depth + 1)
    }

    @Test func sealingAloneMakesItAnew() throws {
        let network = try Network([Network.city, Network.county])
        let number = try accept(network, 1)
        try network.loseAnchor(of: Network.county)
        try network.exchange(Network.county)
        let content = try anchor(network)
        #expect(content.heads == [0, 1, 0] && content.ceiling == number + Anchor.gap)
    }

    @Test func aDamagedOneIsSaid() throws {
        let network = try Network([Network.city])
        let file = network.directory(Network.city).anchor
        try Data().write(to: file)
        network.drop(Network.city)
        #expect(throws: NodeError.badAnchor(file.path)) { try network.reopen(Network.city) }
    }

    /// More numbers than were passed over had been given: the first exchange brings the highest.
    @Test func theCeilingIsRaisedAboveWhatComesBack() throws {
        let network = try Network([Network.city, Network.county])
        _ = try accept(network, 1)
        try network.exchange(Network.county)
        let backup = try network.backUp(Network.county)
        try Anchor(network.directory(Network.county)).update(ifLost: { .unused }) { $0.ceiling = 5_000_000 }
        try network.restart(Network.county)
        let highest = try accept(network, 2)
        #expect(highest == 5_000_001)
        try network.exchange(Network.county)
        try network.loseDisk(of: Network.county)
        try network.restore(backup, at: Network.county)
        let guessed = try accept(network, 3)
        #expect(guessed < highest)
        try network.settle(rounds: 2)
        #expect(try anchor(network).ceiling >= highest + Anchor.gap)
        // Not only the next start: this process has dropped what it had set aside.
        #expect(try accept(network, 4) > highest + Anchor.gap)
    }

    /// They may be another machine's of the same disk, or the own ones of a life that is forgotten.
    @Test func numbersFarAboveArePassedWhenTheCeilingComesThere() throws {
        let network = try Network([Network.city, Network.county])
        let file = Anchor(network.directory(Network.county))
        func pass(_ numbers: [UInt64], from ceiling: UInt64) throws -> ClosedRange<UInt64> {
            try file.update(ifLost: { .unused }) { content in
                content.ceiling = ceiling
                for number in numbers { content.pass(number) }
            }
            return try file.reserveNumbers(above: 0, ifLost: { .unused })
        }
        #expect(try pass([101_040, 101_001], from: 1000) == 1001...1064)
        #expect(try pass([], from: 100_930) == 100_931...100_994)
        #expect(try pass([], from: 100_937).lowerBound == 101_040 + Anchor.gap + 1)
        #expect(try anchor(network).guessed == true)
    }

    /// What gives way to a backup may hold more numbers than an anchor that somebody put back.
    @Test func whereABackupIsRestoredAnOlderAnchorLearnsWhatWasGiven() throws {
        let network = try Network([Network.city, Network.county])
        _ = try accept(network, 1)
        let backup = try network.backUp(Network.county)
        let file = network.directory(Network.county).anchor
        let older = try Data(contentsOf: file)
        // The next block begins.
        try network.restart(Network.county)
        let given = try accept(network, 2)
        try network[Network.county].replica.close()
        try older.write(to: file)
        #expect(try given > #require(try Anchor(network.directory(Network.county)).read()).ceiling)
        let restored = try network.restore(backup, at: Network.county)
        #expect(!restored.keptAnchor && restored.ceiling == given + Anchor.gap)
        #expect(try accept(network, 3) > given)
    }

    /// The parent knows of more than the backup, though of less than was passed over.
    @Test func whileItIsAGuessWhatTheParentKnowsCounts() throws {
        let network = try Network([Network.city, Network.county])
        _ = try accept(network, 1)
        let backup = try network.backUp(Network.county)
        try Anchor(network.directory(Network.county)).update(ifLost: { .unused }) { $0.ceiling = 60_000 }
        try network.restart(Network.county)
        let sent = try accept(network, 2)
        try network.exchange(Network.county)
        try network.loseDisk(of: Network.county)
        let restored = try network.restore(backup, at: Network.county)
        #expect(restored.ceiling == Anchor.block + Anchor.gap)
        try network.settle(rounds: 2)
        #expect(try accept(network, 3) > sent + Anchor.gap)
        // An anchor that knows is not moved by what comes back.
        let known = try anchor(network)
        try network.crash(Network.county, leaving: try network.copyOfDisk(Network.county))
        try network.settle(rounds: 2)
        #expect(try anchor(network).ceiling <= known.ceiling + Anchor.block)
    }

    /// Restored twice from one backup and each time onto a new disk: both lives come right behind the first.
    @Test func twoLivesOfOneBackupAreToldApart() throws {
        let network = try Network([Network.city, Network.county])
        _ = try accept(network, 1)
        try network.exchange(Network.county)
        let backup = try network.backUp(Network.county)
        var authors = [try author(network)]
        for number in 2...4 {
            try network.loseDisk(of: Network.county)
            try network.restore(backup, at: Network.county)
            _ = try accept(network, number)
            #expect(try author(network).depth == 1)
            try network.settle(rounds: 2)
            authors.append(try author(network))
            _ = try accept(network, number * 10)
            try network.settle(rounds: 2)
        }
        #expect(authors.map(\.depth) == [0, 1, 2, 3])
        let city = network[Network.city]
        let latest = try city.replica.read {
            try $0.author(writingAt: try #require(UnitCode(Network.county)), enrollment: 1)
        }
        #expect(latest == authors.last?.id)
        #expect(try network.journal(of: Network.city).forks == 0)
        #expect(try city.replica.read { try $0.serviceCases(limit: 100).count } == 7)
        // The figures go on: nobody waits for a life that ended.
        network.pass(seconds: 3600)
        try network.exchange(Network.county)
        _ = try accept(network, 99)
        try network.settle(rounds: 2)
        let (county, now) = (try #require(UnitCode(Network.county)), network.now.seconds)
        let today = try #require(CivilTime.day(at: now))
        let frontier = try city.replica.read {
            try $0.frontier(of: county, days: today...today, asked: now, now: now)
        }
        #expect(frontier.units.first { $0.unit == county }?.time == now)
    }
}
