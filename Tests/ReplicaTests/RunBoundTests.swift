import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// A run of a neighbour's that keeps every bound of the wire and would read as damaged by the disk: it would be taken
/// out, asked for again, and come again, for ever.
@Suite struct RunBoundTests {
    /// A validly signed run of the county with change sets of so many bytes, which no program reads.
    private func run(_ node: Town.Node, sizes: [Int], from: UInt64 = 1, heads: Int = 0) throws -> SealedRun {
        let (network, pin) = try node.replica.read { ($0.network, $0.pin) }
        let salting = Salting(node.seed())
        let changeSets = sizes.enumerated().map { index, size in
            let place = Place(author: node.author, feed: .casework, sequence: from + UInt64(index))
            return PlacedChangeSet(
                place: place, salt: salting.salt(sequence: place.sequence), bytes: Data(repeating: 0xff, count: size),
                network: network)
        }
        var body = WireSealBody()
        body.pin = pin.number
        body.ackHeads = Array(repeating: .max, count: heads)
        return try SealedRun(
            sealing: changeSets, seed: node.seed(), previous: Digest32(hashing: Data()), pin: pin.digest, body: body,
            network: network, key: node.key)
    }

    private func give(_ run: SealedRun, of node: Town.Node, to receiver: Town.Node) throws -> Reception {
        try receiver.replica.write { transaction in
            let peer = try transaction.meet(unit: node.unit, node: 1, incarnation: 1)
            var batch = WireBatch()
            batch.feed = UInt32(Feed.casework.rawValue)
            batch.openings = [try #require(try node.replica.read { try $0.opening(of: node.author) }).bytes]
            batch.runs = [run.wire(author: true, previous: true, pin: true)]
            return try transaction.apply(batch, from: peer, now: receiver.time, check: { _ in })
        }
    }

    private func checkSound(_ node: Town.Node) throws {
        var scrub = Scrub(began: 0)
        while !scrub.isFinished { #expect(try scrub.step(node.replica, isSigned: { _ in true }).isEmpty) }
    }

    /// A unit above could not pass it on: with what must go along it would pass the bound of a frame.
    @Test func aSealThatSaysTooMuchIsRefused() throws {
        let town = try Town(["C", "K"])
        let small = try run(town["K"], sizes: [1], heads: 50), large = try run(town["K"], sizes: [1], heads: 200)
        #expect(throws: WireError.tooLarge("seal")) { try give(large, of: town["K"], to: town["C"]) }
        #expect(try give(small, of: town["K"], to: town["C"]) == .applied(new: 1, forks: 0))
    }

    /// A village gives one part of a run to its town and the other to the county. The town is not at fault.
    @Test func aPartWithWhichARunWouldPassTheBoundIsPassedOver() throws {
        let town = try Town(["C", "K"])
        let sealed = try run(town["K"], sizes: [40, 40].map { $0 * 1024 })
        #expect(try give(sealed.pruned(to: [1]), of: town["K"], to: town["C"]) == .applied(new: 1, forks: 0))
        let before = try town["C"].rows()
        // Along with what is sound, behind it in one batch; the cursor moves.
        let other = try run(town["K"], sizes: [9], from: 100)
        let peer = try town["C"].replica.write { try $0.meet(unit: town["K"].unit, node: 1, incarnation: 1) }
        var batch = WireBatch()
        batch.feed = UInt32(Feed.casework.rawValue)
        batch.runs = [sealed.pruned(to: [2]), other].map { $0.wire(author: true, previous: true, pin: true) }
        batch.end = JournalCursor(position: 7, offset: 0, rolling: 7).wire(.casework)
        let reception = try town["C"].replica.write {
            try $0.apply(batch, from: peer, now: town["C"].time, check: { _ in })
        }
        #expect(reception == .applied(new: 1, forks: 0))
        #expect(try town["C"].replica.read { try $0.cursors(peer, .casework).received.position } == 7)
        try town.reopen("C")
        #expect(try town["C"].rows() == before + 1)
        try checkSound(town["C"])
        // Who has both within the bound has the whole.
        let whole = try run(town["K"], sizes: [24, 40].map { $0 * 1024 }, from: 3)
        for sequence: UInt64 in [3, 4] {
            let part = whole.pruned(to: [sequence])
            #expect(try give(part, of: town["K"], to: town["C"]) == .applied(new: 1, forks: 0))
        }
        try town.reopen("C")
        try checkSound(town["C"])
    }

    @Test func whatIsTakenAtTheEndOfAllJournalsCanBeReadBack() throws {
        let last = Limits.longestJournal - UInt64(Limits.changeSetsPerRun)
        for (from, isTaken) in [(last, true), (last + 1, false), (Limits.longestJournal - 1, false)] {
            let town = try Town(["C", "K"])
            let sealed = try run(town["K"], sizes: [9], from: from)
            if isTaken {
                #expect(try give(sealed, of: town["K"], to: town["C"]) == .applied(new: 1, forks: 0))
            } else {
                #expect(throws: WireError.malformed("run bounds")) {
                    try give(sealed, of: town["K"], to: town["C"])
                }
            }
            try town.reopen("C")
            try checkSound(town["C"])
        }
    }
}
