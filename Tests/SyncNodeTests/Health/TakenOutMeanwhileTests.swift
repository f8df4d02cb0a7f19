import ChangeSet
import GRDB
import Replica
import ServiceModel
import Simulator
import SyncProtocol
import Testing

@testable import SyncNode

/// A parent takes out what its disk has changed while a line with a child is open.
@Suite struct TakenOutMeanwhileTests {
    @Test func theChildComparesInsteadOfSendingAllThatItHas() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        for number in 1...6 {
            try network.accept(at: Network.town, number: number)
            try network.exchange(Network.town)
        }
        let line = try SimulatedLine(network, from: Network.town, wait: 600)
        try line.run()
        let county = network[Network.county]
        let file = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        try file.inDatabase { db in
            try db.execute(
                sql: """
                    UPDATE run SET packed = substr(packed, 1, length(packed) - 9) WHERE id = (
                        SELECT min(run.id) FROM run JOIN author ON author.id = author
                        WHERE unit = '\(Network.town)' AND feed = 2)
                    """)
        }
        try file.close()
        _ = try county.scrub(now: { network.now }, progress: { _ in })
        #expect(try county.takeOutDamage(now: network.now).runs.count == 1)
        try network.accept(at: Network.town, number: 7)
        line.news(atChild: true)
        #expect(throws: ExchangeProblem.cutOff) { try line.run() }
        // It hears of the parent's new life, and greets that.
        try network.exchange(Network.town)
        let reports = try #require(try network.exchange(Network.town))
        #expect(reports.child.comparison?.isOver == true)
        // What was taken out and what is new, and no more.
        #expect(reports.child.comparison?.lackingThere == 2 && reports.parent.newChangeSets == 2)
        #expect(try network.fingerprints(of: Network.town, at: [Network.county, Network.town]).count == 1)
    }
}
