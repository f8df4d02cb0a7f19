import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Simulator
import Testing

@testable import Replica
@testable import SyncNode

/// An anchor that is missing may be put back: until somebody says otherwise nothing begins without it.
@Suite struct AnchorLookTests {
    private struct Life: Equatable {
        let identity: NodeIdentity
        let depth: UInt32
        let unsealed: Int
        let resting: Int

        init(_ node: Node) throws {
            (identity, depth, unsealed, resting) = try node.replica.read { transaction in
                let identity = try #require(try transaction.identity), author = try node.author(transaction)
                return (
                    identity, try #require(try transaction.opening(of: author)).author.depth,
                    try transaction.unsealedCount(of: author), try transaction.unsentOfEarlierIncarnations()
                )
            }
        }
    }

    /// A county that is switched off with a case that it has sent, and one that it has not.
    private func network() throws -> (Network, before: Life) {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        try network.accept(at: Network.county, number: 2)
        let before = try Life(network[Network.county])
        #expect(before.unsealed == 1)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        return (network, before)
    }

    /// - Returns: what `body` makes of the node, which is closed again.
    @discardableResult
    private func opened<T>(_ network: Network, for purpose: Node.Purpose, _ body: (Node) throws -> T) throws -> T {
        let node = try network.another(Network.county, for: purpose)
        defer { try? node.replica.close() }
        return try body(node)
    }

    /// The life that a node is in when it was opened.
    @discardableResult
    private func life(_ network: Network, for purpose: Node.Purpose) throws -> Life {
        try opened(network, for: purpose, Life.init)
    }

    private func hasAnchor(_ network: Network) -> Bool {
        FileManager.default.fileExists(atPath: network.directory(Network.county).anchor.path)
    }

    @Test func aLookBeginsNothing() throws {
        let (network, before) = try network()
        let file = network.directory(Network.county).anchor, anchor = try Data(contentsOf: file)
        try network.loseAnchor(of: Network.county)
        for _ in 1...2 {
            try opened(network, for: .reading) { node in
                #expect(try Life(node) == before)
                #expect(try node.replica.read { try $0.caseCounts().all } == 2)
                #expect(try node.charterBranches().count == 1)
                _ = try node.retire(onlyLooks: true, now: network.now)
                _ = try node.scrub(now: { network.now }, progress: { _ in })
            }
            #expect(!hasAnchor(network))
        }
        try anchor.write(to: file)
        try network.reopen(Network.county)
        #expect(try Life(network[Network.county]) == before)
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 2)
    }

    @Test func aDamagedOneKeepsNobodyFromLooking() throws {
        let (network, before) = try network()
        let file = network.directory(Network.county).anchor
        try Data("no JSON".utf8).write(to: file)
        #expect(try life(network, for: .reading) == before)
        for purpose in [Node.Purpose.work, .workLeavingUnsealed] {
            #expect(throws: NodeError.badAnchor(file.path)) { try life(network, for: purpose) }
        }
    }

    @Test func nobodyWorksWhileUnsealedWorkWouldBeLeftBehind() throws {
        let (network, before) = try network()
        try network.loseAnchor(of: Network.county)
        let folder = network.directory(Network.county).url.path
        for _ in 1...2 {
            #expect(throws: NodeError.anchorMissing(folder, unsealed: 1)) { try life(network, for: .work) }
            #expect(!hasAnchor(network))
        }
        #expect(try life(network, for: .reading) == before)
    }

    /// As when somebody puts the wrong file back: the one that belongs here goes on with everything.
    @Test func anAnchorOfAnotherMachineLeavesNothingBehindUnasked() throws {
        let (network, before) = try network()
        let file = network.directory(Network.county).anchor, right = try Data(contentsOf: file)
        try Data(contentsOf: network.directory(Network.city).anchor).write(to: file)
        for _ in 1...2 {
            #expect(throws: NodeError.anchorOther(file.path, unsealed: 1)) { try life(network, for: .work) }
        }
        #expect(findings(network).contains { $0.code == "anchor.missed" })
        try right.write(to: file)
        #expect(try life(network, for: .work) == before)
    }

    @Test func whoGoesOnWithAnotherMachinesAnchorGivesNoNumberTwice() throws {
        let (network, before) = try network()
        try Data(contentsOf: network.directory(Network.city).anchor)
            .write(to: network.directory(Network.county).anchor)
        try opened(network, for: .workLeavingUnsealed) { node in
            #expect(try Life(node).depth == before.depth + 1)
            let anchor = try #require(try Anchor(node.directory).read())
            #expect(anchor.ceiling > Anchor.gap)
        }
    }

    /// Nothing was sealed since, so that only the numbers tell.
    @Test func anOlderAnchorGivesNoNumberTwice() throws {
        let network = try Network([Network.city, Network.county])
        let file = network.directory(Network.county).anchor
        let old = try Data(contentsOf: file)
        let first = try ReceiptNumber(typed: try network.accept(at: Network.county, number: 1).receipt)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        try old.write(to: file)
        try network.reopen(Network.county)
        let second = try ReceiptNumber(typed: try network.accept(at: Network.county, number: 2).receipt)
        #expect(second.running > first.running + Anchor.gap)
    }

    /// What rests is in no list of cases.
    @Test func anOlderAnchorGivesNoNumberOfWhatRestsTwice() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let file = network.directory(Network.county).anchor
        let old = try Data(contentsOf: file)
        try network.reopen(Network.county)
        let given = try ReceiptNumber(typed: try network.accept(at: Network.county, number: 2).receipt)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        try network.loseAnchor(of: Network.county)
        try life(network, for: .workLeavingUnsealed)
        try old.write(to: file)
        try network.reopen(Network.county)
        let next = try ReceiptNumber(typed: try network.accept(at: Network.county, number: 3).receipt)
        #expect(next.running > given.running + Anchor.gap)
    }

    /// Anybody may write any number on his own receipts.
    @Test func whatOthersWriteOnReceiptsUsesNoNumberUp() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.city, number: 1, route: [Network.county])
        try network.settle(rounds: 2)
        let county = try network[Network.county]
        #expect(try county.replica.read { try $0.caseCounts().all } == 1)
        try county.replica.write { transaction in
            try transaction.db.execute(
                sql: "UPDATE service_case SET receipt = ?", arguments: ["\(Network.county)-1-999999999999-AAA-A"])
        }
        let next = try ReceiptNumber(typed: try network.accept(at: Network.county, number: 2).receipt)
        #expect(next.running <= Anchor.block)
    }

    /// The power went, or the disk was full, between the anchor and the database.
    @Test func aStartThatWasInterruptedIsNotAskedFor() throws {
        let (network, before) = try network()
        let author = Author(
            id: AuthorID(Bytes16(hex: String(repeating: "7", count: 32))!), unit: UnitCode(Network.county)!,
            enrollment: 1, depth: before.depth + 1)
        try Anchor(network.directory(Network.county)).note(SealedHeads(author: author), ifLost: { .unused })
        let after = try life(network, for: .work)
        #expect(after.depth == before.depth + 2 && after.unsealed == 0 && after.resting == 1)
    }

    @Test func aServedNodeMakesItAnew() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        let node = try network[Network.county], before = try Life(node)
        try network.loseAnchor(of: Network.county)
        try node.keepAnchor()
        try node.replica.close()
        network.drop(Network.county)
        #expect(try life(network, for: .work) == before)
    }

    @Test(arguments: ["node.key", "seal.key"])
    func aKeyOfAnotherNodeSignsNothing(_ name: String) throws {
        let (network, before) = try network()
        let file = network.directory(Network.county).url.appending(path: name), right = try Data(contentsOf: file)
        try Data(contentsOf: network.directory(Network.city).url.appending(path: name)).write(to: file)
        for purpose in [Node.Purpose.work, .workLeavingUnsealed] {
            #expect(throws: NodeError.otherKey(file.path)) { try life(network, for: purpose) }
        }
        #expect(try life(network, for: .reading) == before)
        #expect(findings(network).contains { $0.code == "folder.otherKey" })
        try right.write(to: file)
        #expect(try life(network, for: .work) == before)
    }

    private func findings(_ network: Network) -> [Finding] {
        let service = ServiceFacts(isServed: false, hasUplink: true)
        return Examination(NodeFacts(network.directory(Network.county), service: service, now: network.now)).findings
    }

    /// Nothing can be read before the charter can: what is damaged of it is taken out, and then the anchor asked for.
    @Test func aDamagedCharterBesideItIsNoCircle() throws {
        let (network, before) = try network()
        try network.loseAnchor(of: Network.county)
        let queue = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        try queue.write { db in
            try db.execute(
                sql: """
                    UPDATE run SET packed = substr(packed, 1, length(packed) - 9)
                    WHERE id = (SELECT min(id) FROM run WHERE feed = 1 AND signature IS NOT NULL)
                    """)
        }
        try queue.close()
        let folder = network.directory(Network.county).url.path
        for _ in 1...2 {
            #expect(throws: NodeError.anchorMissing(folder, unsealed: 1)) { try life(network, for: .work) }
            #expect(!hasAnchor(network))
        }
        let taken = try opened(network, for: .reading) { node in try node.replica.read { try $0.takenOut().count } }
        #expect(taken == 1)
        let after = try life(network, for: .workLeavingUnsealed)
        #expect(after.depth == before.depth + 1 && after.unsealed == 0 && after.resting == 1)
        try network.reopen(Network.county)
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 1)
    }

    @Test func whoIsAllowedToLeavesItBehind() throws {
        let (network, before) = try network()
        try network.loseAnchor(of: Network.county)
        let after = try life(network, for: .workLeavingUnsealed)
        #expect(after.depth == before.depth + 1 && after.unsealed == 0 && after.resting == 1)
        #expect(after.identity.incarnation != before.identity.incarnation)
        // From then on it is a node as any other.
        try life(network, for: .work)
        try network.reopen(Network.county)
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 1)
    }

    @Test func withNothingUnsealedNobodyIsAsked() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let before = try Life(network[Network.county])
        try network[Network.county].replica.close()
        network.drop(Network.county)
        try network.loseAnchor(of: Network.county)
        #expect(try life(network, for: .work).depth == before.depth + 1)
    }

    /// No anchor would help it: it is closed in any case.
    @Test func ofACopyNobodyIsAsked() throws {
        let (network, before) = try network()
        try network.loseAnchor(of: Network.county)
        try opened(network, for: .reading) { node in
            try node.replica.write { try $0.db.execute(sql: "UPDATE node SET copied = 1764000000") }
        }
        let after = try life(network, for: .work)
        #expect(after.depth == before.depth + 1 && after.resting == 1)
    }
}
