import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Simulator
import Testing

@testable import Replica
@testable import SyncNode

/// A node whose neighbours know more of it than it does goes on as another author, behind a gap in its numbers.
@Suite struct GoingOnAsAnotherTests {
    private func network() throws -> Network {
        let network = try Network([Network.city, Network.county])
        try network.settle(rounds: 1)
        return network
    }

    private func accept(_ network: Network, _ number: Int) throws -> UInt64 {
        try ReceiptNumber(typed: network.accept(at: Network.county, number: number).receipt).running
    }

    /// Also between two groups of one file.
    @Test func everyTransactionLooksAnew() throws {
        let network = try network()
        let county = network[Network.county]
        var authors: [AuthorID] = []
        for _ in 0..<3 {
            try county.replica.write { try $0.noteAhead() }
            authors.append(try county.write(now: network.now) { try county.author($0) })
            #expect(try county.write(now: network.now) { try county.author($0) } == authors.last)
        }
        #expect(Set(authors).count == 3)
    }

    /// A server holds a block of numbers when a command beside it finds out and goes on as another.
    @Test func numbersThatAnotherProcessHoldsAreNotGiven() throws {
        let network = try network()
        let first = try accept(network, 1)
        let command = try network.another(Network.county)
        try command.replica.write { try $0.noteAhead() }
        try command.write(now: network.now) { _ in }
        #expect(try accept(network, 2) == first - 1 + Anchor.block + Anchor.gap + 1)
    }

    /// The anchor hears of the next author before the database has it.
    @Test func whatWasConfirmedCountsThoughThePowerGoesAmidIt() throws {
        var whole = 0
        for moment in 0..<60 {
            let network = try network()
            _ = try accept(network, 1)
            try network[Network.county].replica.write { try $0.noteAhead() }
            let before = try network.journal(of: Network.county).leaves
            network.disk(Network.county).losePower(after: moment, leaving: .nothing)
            let isConfirmed = (try? accept(network, 2)) != nil
            network.disk(Network.county).losePower(leaving: .nothing)
            try network.powerOn(Network.county)
            let after = try network.journal(of: Network.county).leaves
            #expect(before.isSubset(of: after), "\(moment)")
            #expect(!isConfirmed || after.count > before.count, "\(moment)")
            if isConfirmed { whole += 1 }
        }
        #expect((1..<59).contains(whole), "the power has to go before it is over, and after: \(whole)")
    }

    /// What lies beyond a gap its author cannot seal any more, and it does not try for ever.
    @Test func whoCannotSealSaysSo() throws {
        let network = try network()
        _ = try accept(network, 1)
        try network.exchange(Network.county)
        _ = try accept(network, 2)
        try network[Network.county].replica.write { transaction in
            try transaction.db.execute(
                sql: """
                    UPDATE run SET first = 500
                    WHERE author = (SELECT author FROM node) AND feed = 2 AND signature IS NOT NULL;
                    DELETE FROM gapless_head WHERE author = (SELECT author FROM node)
                    """)
            try transaction.noteAhead()
        }
        let command = try network.another(Network.county)
        #expect(throws: ReplicaError.index("run_place")) { try command.write(now: network.now) { _ in } }
        try command.replica.close()
    }

    @Test func theGapStandsAboveAGuessToo() {
        var content = Anchor.Content.guess(above: 5)
        content.leaveGap()
        #expect(content.ceiling == 200_005 && content.guessed == true)
        content.ceiling = .max - 5
        content.leaveGap()
        #expect(content.ceiling == .max)
    }

    @Test func whoHasUsedItsNameUpIsToldTheWayOut() throws {
        let network = try network()
        let county = network[Network.county]
        try county.replica.write { transaction in
            let opening = try SignedOpening(
                Opening(
                    unit: county.name.unit, node: county.name.ordinal, random: Data(repeating: 7, count: 8),
                    certificates: county.chain.der.map { Data($0) }, sealKey: county.sealKey.publicKey,
                    earlier: try county.author(transaction), earlierHeads: [], depth: Limits.incarnations),
                sign: { try county.nodeKey.signature(for: $0) })
            try transaction.introduce(opening)
            try transaction.noteAhead()
        }
        #expect(throws: NodeError.noIncarnations) { try accept(network, 1) }
        try network.enrollAgain(Network.county)
        _ = try accept(network, 2)
    }
}
