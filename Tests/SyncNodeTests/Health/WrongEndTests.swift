import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// While a node runs, the disk changes the index that says where its own journal ends.
@Suite struct WrongEndTests {
    private static let all = [Network.city, Network.county]

    /// The beginning of the county's last run as the index has it, under the eyes of the process that runs.
    private func damage(_ network: SimulatedNetwork) throws {
        let file = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        try file.inDatabase { db in
            try db.execute(
                sql: """
                    CREATE TEMP TABLE ending AS SELECT run.id, first FROM run JOIN author ON author.id = author
                        WHERE unit = '\(Network.county)' AND feed = 2 ORDER BY run.id DESC LIMIT 1;
                    UPDATE run SET first = 1 WHERE id = (SELECT id FROM temp.ending);
                    CREATE TEMP TABLE kept AS SELECT * FROM main.sqlite_master WHERE name = 'run_place';
                    PRAGMA writable_schema = ON;
                    DELETE FROM main.sqlite_master WHERE name = 'run_place';
                    PRAGMA writable_schema = RESET;
                    UPDATE run SET first = (SELECT first FROM temp.ending) WHERE id = (SELECT id FROM temp.ending);
                    PRAGMA writable_schema = ON;
                    INSERT INTO main.sqlite_master SELECT * FROM temp.kept;
                    PRAGMA writable_schema = RESET;
                    """)
        }
        try file.close()
    }

    @Test func nothingIsWrittenWhereSomethingStood() throws {
        let network = try Network(Self.all)
        for number in 1...3 {
            try network.accept(at: Network.county, number: number)
            try network.exchange(Network.county)
        }
        let county = network[Network.county]
        let author = try county.replica.read { try county.author($0) }
        try damage(network)
        #expect(throws: ReplicaError.index("run_place")) { try network.accept(at: Network.county, number: 8) }
        // What a serving node does within a second.
        try county.takeOutDamage(now: network.now)
        try network.accept(at: Network.county, number: 9)
        try network.settle(rounds: 1)
        #expect(try county.replica.read { try county.author($0) } == author)
        #expect(try network.journal(of: Network.city).forks == 0)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 4)
    }

    /// Where both copies in the database are wrong, the anchor knows how far it was sealed.
    @Test func nothingIsSealedBelowWhatTheAnchorKnows() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.county, number: 1)
        let county = network[Network.county]
        let author = try county.replica.read { try #require(try $0.opening(of: county.author($0))).author }
        try county.anchor.note(SealedHeads(author: author, heads: [0, 7, 0]), ifLost: { .unused })
        #expect(throws: ReplicaError.index("run_place")) { try county.seal(now: network.now) }
        #expect(try county.replica.read { try $0.hasUnsealed(author.id) })
        try county.takeOutDamage(now: network.now)
        #expect(try county.replica.read { try county.author($0) } != author.id)
        try network.settle(rounds: 1)
        #expect(try network.journal(of: Network.city).forks == 0)
    }
}
