import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

@Suite struct AcknowledgedTests {
    private static func any(_ random: inout SeededGenerator) -> Acknowledged {
        var cursors: [Feed: JournalCursor] = [:]
        for feed in Feed.allCases where Bool.random(using: &random) {
            cursors[feed] = JournalCursor(
                position: .random(in: 0...3, using: &random), offset: 0, rolling: .random(in: 0...1, using: &random))
        }
        return Acknowledged(
            cursors: cursors, author: Data(repeating: UInt8.random(in: 1...2, using: &random), count: 16),
            applied: Bool.random(using: &random) ? [] : [0, .random(in: 0...2, using: &random), 0],
            backedUp: Bool.random(using: &random) ? [] : [0, .random(in: 0...2, using: &random), 0])
    }

    @Test func whatIsLeftOutIsAsBefore() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(state: seed)
        var shorter = 0
        for _ in 0..<2_000 {
            let before = Self.any(&random), next = Self.any(&random)
            let ack = next.wire(after: before)
            #expect(try Acknowledged(ack, after: before) == next, "seed \(seed)")
            #expect(try Acknowledged(next.wire(after: nil), after: before) == next, "seed \(seed)")
            if ack.restAsBefore { shorter += 1 }
            #expect((before.digest == next.digest) == (before == next), "seed \(seed)")
        }
        #expect(shorter > 100, "seed \(seed)")
    }

    @Test func nothingIsAsBeforeWhereNothingWasSaid() {
        #expect(throws: WireError.malformed("acknowledgement")) {
            try Acknowledged(.with { $0.restAsBefore = true }, after: nil)
        }
    }

    /// docs/PROTOCOL.md, "Ack": reckoned by another program.
    @Test func theDigestIsTheDocumentedOne() {
        func digest(backedUp: [UInt64]) -> UInt64 {
            Acknowledged(
                cursors: [
                    .charter: JournalCursor(position: 7, offset: 0, rolling: 0x0102_0304_0506_0708),
                    .casework: JournalCursor(position: 4096, offset: 3, rolling: 0xfffe_fdfc_fbfa_f9f8),
                    .published: .start,
                ], author: Data(0..<16), applied: [0, 9, 300], backedUp: backedUp
            ).digest
        }
        #expect(digest(backedUp: []) == 0x7829_2d53_68cc_cb5c)
        #expect(digest(backedUp: [0, 8, 300]) == 0x8f5d_dc10_6cda_75fe)
    }

    @Test func anIdleExchangeSaysNothingTwice() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        let idle = try #require(try network.exchange(Network.county)).child
        #expect(idle.receivedBytes < 24, "\(idle.receivedBytes)")
        try network.accept(at: Network.county, number: 2)
        try network.exchange(Network.county)
        let after = try #require(try network.exchange(Network.county)).child
        #expect(after.receivedBytes < 24, "\(after.receivedBytes)")
        let held = try network[Network.county].replica.read { try $0.quotedAcknowledgement() }
        #expect(held.heads[1] == 2)
    }
}
