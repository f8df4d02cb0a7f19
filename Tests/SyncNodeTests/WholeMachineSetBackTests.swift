import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A machine that was set back with everything that was on it, as a virtual machine is: database, anchor and keys. Only
/// its neighbours know that it was further on.
@Suite struct WholeMachineSetBackTests {
    private static let all = [Network.city, Network.county, Network.town]

    /// The town has sent two cases since its machine was copied, and is the copy now.
    private func setBack() throws -> (network: Network, first: Place, sent: [CaseReference]) {
        let network = try Network(Self.all)
        let first = try network.accept(at: Network.town, number: 1).creation
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.town)
        // It gives numbers behind all that the copy knows to be set aside.
        try network.restart(Network.town)
        let sent = try [2, 3].map { try network.accept(at: Network.town, number: $0) }
        try network.settle(rounds: 1)
        try network.sit(Network.town, at: copy)
        return (network, first, sent)
    }

    private func author(_ network: Network, at name: String = Network.town) throws -> AuthorID? {
        try network[name].replica.read { try $0.identity?.author }
    }

    private func expectAllIsThere(_ network: Network, applicants: [String]) throws {
        for name in Self.all {
            let (held, forks) = try network[name].replica.read { transaction in
                (try transaction.serviceCases(limit: 9).map(\.applicant), try transaction.forkEvidence())
            }
            #expect(held.sorted() == applicants, "\(name)")
            #expect(forks.isEmpty, "\(name)")
        }
        #expect(try network.fingerprints(of: Network.town, at: Self.all).count == 1)
    }

    /// By the line, or by a stick.
    @Test(arguments: [false, true])
    func whatItWritesBeforeAllHasComeBackStandsElsewhere(byCourier: Bool) throws {
        let (network, _, sent) = try setBack()
        let before = try author(network)
        // It hears of it, and both have not compared yet.
        if byCourier {
            try network.carry(from: Network.county, to: Network.town)
        } else {
            // And is to compare with the parent at once.
            #expect(try network.exchange(Network.town)?.child.wantsAnother == true)
        }
        #expect(try author(network) == before)
        let receipt = try ReceiptNumber(typed: network.accept(at: Network.town, number: 4).receipt)
        #expect(try author(network) != before)
        let given = try sent.map { try ReceiptNumber(typed: $0.receipt).running }.max() ?? .max
        #expect(receipt.running > given)
        let after = try author(network)
        try network.settle(rounds: 2)
        try expectAllIsThere(network, applicants: ["王1", "王2", "王3", "王4"])
        // Once is enough.
        try network.accept(at: Network.town, number: 5)
        #expect(try author(network) == after)
    }

    @Test func whereNothingIsWrittenMeanwhileItStaysWhoItIs() throws {
        let (network, _, sent) = try setBack()
        let before = try author(network)
        try network.settle(rounds: 2)
        let receipt = try ReceiptNumber(typed: network.accept(at: Network.town, number: 4).receipt)
        #expect(try author(network) == before)
        let given = try sent.map { try ReceiptNumber(typed: $0.receipt).running }.max() ?? .max
        #expect(receipt.running > given)
        try network.settle(rounds: 1)
        try expectAllIsThere(network, applicants: ["王1", "王2", "王3", "王4"])
    }

    /// An act on a case that it holds, too.
    @Test func anActStandsElsewhereToo() throws {
        let (network, first, _) = try setBack()
        try network.exchange(Network.town)
        try network.act(.note, at: Network.town, on: first, fields: [CaseField.note + "1": "一"])
        try network.settle(rounds: 2)
        try expectAllIsThere(network, applicants: ["王1", "王2", "王3"])
    }

    /// The county has told all that it knew, and the village was sent something that never went up.
    @Test func whatOnlyAnotherNeighbourHoldsIsNotWrittenOverEither() throws {
        let network = try Network(Self.all + [Network.village])
        try network.accept(at: Network.town, number: 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.town)
        try network.accept(at: Network.town, number: 2)
        try network.exchange(Network.town)
        try network.accept(at: Network.town, number: 3, route: [Network.village])
        try network.exchange(Network.village)
        try network.sit(Network.town, at: copy)
        for _ in 0..<3 { try network.exchange(Network.town) }
        #expect(try network[Network.town].replica.read { try $0.serviceCases(limit: 9).count } == 2)
        try network.accept(at: Network.town, number: 4)
        try network.exchange(Network.town)
        try network.settle(rounds: 2)
        try expectAllIsThere(network, applicants: ["王1", "王2", "王3", "王4"])
        let forks = try network[Network.village].replica.read { try $0.forkEvidence() }
        #expect(forks.isEmpty)
    }

    /// Only a child knows better, and what it says next tells that it has compared.
    @Test func aParentThatHasEverythingBackStaysWhoItIs() throws {
        let network = try Network(Self.all)
        let place = try network.accept(at: Network.town, number: 1, route: [Network.county]).creation
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.county)
        try network.act(.note, at: Network.county, on: place, fields: [CaseField.note + "1": "一"])
        try network.exchange(Network.town)
        try network.sit(Network.county, at: copy)
        let before = try author(network, at: Network.county)
        try network.exchange(Network.town)
        #expect(try network[Network.county].replica.read { try $0.isBehindNeighbours() })
        try network.settle(rounds: 2)
        try network.accept(at: Network.county, number: 2)
        #expect(try author(network, at: Network.county) == before)
        try network.settle(rounds: 1)
        for name in Self.all {
            let (forks, notes) = try network[name].replica.read { transaction in
                let record = try transaction.record(created: place).map { try transaction.caseRecord($0) }
                return (try transaction.forkEvidence(), record?.state.values[CaseField.note + "1"]?.value)
            }
            #expect(forks.isEmpty && notes == "一", "\(name)")
        }
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
    }

    /// To the same day once more: its neighbour knows that life of its database from before.
    @Test func whoIsSetBackToOneDayTwiceIsGivenBackAllOfIt() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.city, number: 1, route: [Network.county])
        try network.settle(rounds: 1)
        let image = try network.snapshot(Network.city)
        for number in [2, 3] {
            try network.accept(at: Network.city, number: number, route: [Network.county])
            try network.settle(rounds: 1)
            try network.rollBack(to: image)
            try network.settle(rounds: 2)
        }
        try network.accept(at: Network.city, number: 4, route: [Network.county])
        try network.settle(rounds: 1)
        for name in [Network.city, Network.county] {
            let (held, forks) = try network[name].replica.read { transaction in
                (try transaction.serviceCases(limit: 9).map(\.applicant).sorted(), try transaction.forkEvidence())
            }
            #expect(held == (1...4).map { "王\($0)" } && forks.isEmpty, "\(name)")
        }
    }

    /// The one above hears of the new life at once, though an exchange with it is kept open.
    @Test func whatAChildKnowsEndsTheExchangeUpward() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.county, number: 1, route: [Network.town])
        try network.settle(rounds: 1)
        let image = try network.snapshot(Network.county)
        try network.accept(at: Network.county, number: 2, route: [Network.town])
        try network.settle(rounds: 1)
        try network.rollBack(to: image)
        let line = try SimulatedLine(network, from: Network.county, wait: 3600)
        // Only the county has spoken: what its parent would say has not come yet.
        while try line.workBelow() {}
        try network.exchange(Network.town)
        line.news(atChild: true)
        while try line.workBelow() {}
        #expect(line.wantsAnother)
        line.abandon()
        try network.settle(rounds: 2)
        let held = try network[Network.county].replica.read { try $0.serviceCases(limit: 9).map(\.applicant).sorted() }
        #expect(held == ["王1", "王2"])
    }

    /// It cannot give back what it may hold, and nobody waits for it.
    @Test func whoWasCutOffIsNotWaitedFor() throws {
        let network = try Network(Self.all + [Network.village])
        for name in [Network.town, Network.village] { try network.accept(at: name, number: 1) }
        try network.settle(rounds: 1)
        _ = try network[Network.city].cut(
            CutWish(unit: try #require(UnitCode(Network.village)), ordinal: 1), now: network.now)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        let copy = try network.clone(Network.town)
        try network.accept(at: Network.town, number: 2)
        try network.exchange(Network.town)
        try network.sit(Network.town, at: copy)
        let before = try author(network)
        for _ in 0..<3 { try network.exchange(Network.town) }
        try network.accept(at: Network.town, number: 3)
        #expect(try author(network) == before)
    }
}
