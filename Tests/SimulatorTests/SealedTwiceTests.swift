import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// A machine that is copied before it has sealed seals on both sides what both hold.
@Suite struct SealedTwiceTests {
    @Test("What has two seals is found by whatever goes on after either, though another case has its number")
    func ancestor() throws {
        var made = try JudgesTests.made()
        let (record, acceptance) = try made.accept(at: JudgesTests.village)
        let forward = try made.act(.forward, at: JudgesTests.village, record, target: JudgesTests.county)
        try made.network.settle()
        let world = try World(made.network, FileMemory())
        var replica = try #require(world.replicas[JudgesTests.city])
        let accepted = try #require(replica.journal.rows.firstIndex { $0.leaf == acceptance.leaf })
        let row = replica.journal.rows[accepted]
        let other = Digest32(hashing: row.bytes)
        replica.journal.rows.insert(
            contentsOf: [
                row.changed(seal: Data([1])),
                row.changed(seal: Data([2]), leaf: other, bytes: row.bytes + [0x98, 0x06, 0x01]),
            ], at: accepted)
        let truth = try Truth([replica], OracleMemory())
        #expect(truth.records.count { $0.creation == record } == 2)
        let own = try #require(truth[forward.leaf.leaf])
        #expect(own.first?.leaf == acceptance.leaf.leaf)
        #expect(own.state.status[forward.leaf.leaf] == "effective")
        #expect(own.acts[other.leaf] == nil)
    }
}
