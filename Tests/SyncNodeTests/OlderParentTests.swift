import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import SyncProtocol
import Testing

@testable import SyncNode

/// A child was upgraded before its parent, whose release does not know of comparisons. Cases go on by cursors as they
/// did, also where a comparison is due, and both compare once the parent is upgraded too.
@Suite struct OlderParentTests {
    private static let all = [Network.city, Network.county, Network.town]

    /// The parent's end as release 0.1.0 has it: it passes over what that does not know in a greeting, says nothing of
    /// its own accord, and ends the exchange at a frame of a kind that it has never heard of.
    private struct OlderParent {
        private var link: ParentLink
        private var below = FrameStream()
        private var inside = FrameStream()

        init(_ link: ParentLink) { self.link = link }

        mutating func take(_ bytes: Data, now: Moment) throws {
            for frame in try below.decode(bytes) {
                let heard = try inside.encode(try heard(frame))
                try link.take(heard + (frame == .end ? inside.finish() : inside.flush()), now: now)
            }
        }

        mutating func next(now: Moment) throws -> Data? {
            guard let bytes = try link.next(now: now) else { return nil }
            var said = Data()
            for frame in try inside.decode(bytes).compactMap(passedOn) {
                said += try below.encode(frame)
                said += frame == .end ? below.finish() : below.flush()
            }
            return said
        }

        private func heard(_ frame: Frame) throws -> Frame {
            switch frame {
            case .comparison: throw WireError.malformed("frame kind 7")
            case .hello(var hello):
                hello.compares = false
                // What is dropped below is not to be left out of what follows.
                hello.acknowledged = 0
                return .hello(hello)
            default: return frame
            }
        }

        private func passedOn(_ frame: Frame) -> Frame? {
            switch frame {
            case .hello(var hello):
                hello.compares = false
                return .hello(hello)
            case .ack(let ack): return ack.answersNoBatch ? nil : frame
            default: return frame
            }
        }
    }

    /// One exchange with a parent of the older release.
    private func exchange(_ network: Network, _ name: String, mode: LinkMode = .usual) throws -> LinkReport {
        let parent = network[try #require(network.parent(of: name))]
        let now = network.now
        var below = try ChildLink(network[name], to: parent.name, wait: 0, mode: mode, now: now)
        var above = OlderParent(ParentLink(parent, from: network[name].name))
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            while let bytes = try below.next(now: now) {
                hasMoved = true
                try above.take(bytes, now: now)
            }
            while let bytes = try above.next(now: now) {
                hasMoved = true
                if !bytes.isEmpty { try below.take(bytes, now: now) }
            }
        }
        try below.bodyEnded()
        var report = below.report
        report.wantsAnother = below.wantsAnother
        report.needsNewerParent = below.needsNewerParent
        return report
    }

    private func cases(_ network: Network, at name: String) throws -> Int {
        try network[name].replica.read { try $0.caseCounts().all }
    }

    private func relies(_ network: Network) throws -> Bool {
        try network[Network.town].replica.read { transaction in
            let county = try #require(try transaction.latestPeer(unit: UnitCode(Network.county)!, node: 1))
            return try transaction.reliesOnCursors(with: county)
        }
    }

    /// A town that has compared with nobody in this life of its database, as the migration leaves one.
    private func upgraded() throws -> Network {
        let network = try Network(Self.all)
        try network.accept(at: Network.town, number: 1, route: [Network.county])
        try network.settle()
        try network[Network.town].replica.write { transaction in
            let county = try #require(try transaction.latestPeer(unit: UnitCode(Network.county)!, node: 1))
            try transaction.doubtCursors(with: county)
        }
        return network
    }

    @Test(arguments: [LinkMode.usual, .looks, .repairs])
    func casesGoByCursorsUntilTheParentCompares(mode: LinkMode) throws {
        let network = try upgraded()
        let second = try network.accept(at: Network.town, number: 2, route: [Network.county])
        let report = try exchange(network, Network.town, mode: mode)
        #expect(report.needsNewerParent && report.comparison == nil && !report.wantsAnother)
        #expect(try cases(network, at: Network.county) == 2)
        // Only what is new went up: the cursors are still good.
        #expect(report.refusedBatches == 0 && report.newChangeSets == 0)
        // And what is decided comes down.
        try network.act(.forward, at: Network.town, on: second.creation, target: Network.county)
        _ = try exchange(network, Network.town, mode: mode)
        try network.act(
            .decide, at: Network.county, on: second.creation,
            fields: [CaseField.decision: Outcome.granted.rawValue])
        #expect(try exchange(network, Network.town, mode: mode).newChangeSets == 1)
        #expect(try !relies(network), "what is due stays due")
        // The county is upgraded.
        let first = try #require(try network.exchange(Network.town, mode: mode)?.child)
        #expect(first.comparison?.isOver == true && !first.needsNewerParent)
        _ = try network.exchange(Network.town)
        #expect(try relies(network))
        #expect(try network.fingerprints(of: Network.town, at: [Network.county, Network.town]).count == 1)
    }

    /// The daily comparison is due while cursors are good.
    @Test func theDailyComparisonWaits() throws {
        let network = try Network(Self.all)
        try network.settle()
        try network.accept(at: Network.town, number: 1)
        let report = try exchange(network, Network.town, mode: .repairs)
        #expect(report.needsNewerParent && report.comparison == nil)
        #expect(try cases(network, at: Network.county) == 1)
        // Where none is due nobody asks what the parent knows.
        let next = try exchange(network, Network.town)
        #expect(!next.needsNewerParent && next.sentBatches == 0)
    }

    /// Another life of the parent's database is met anew, and may lack what the one before had.
    @Test func aParentInAnotherLifeIsToldEverything() throws {
        let network = try upgraded()
        try network[Network.county].replica.write { try $0.renew(incarnation: 77) }
        try network.accept(at: Network.town, number: 2)
        for _ in 0..<3 { #expect(try exchange(network, Network.town).needsNewerParent) }
        #expect(try exchange(network, Network.town).refusedBatches == 0)
        #expect(try cases(network, at: Network.county) == 2)
    }

    /// Another life of the child's database, as after a restore: it is met anew, and says from the beginning what it
    /// has.
    @Test func aRestoredChildSendsFromTheBeginning() throws {
        let network = try upgraded()
        try network[Network.town].replica.write { try $0.renew(incarnation: 77) }
        try network.accept(at: Network.town, number: 2)
        try network.accept(at: Network.county, number: 3, route: [Network.town])
        // What it says first begins where the life before had come, and is refused.
        #expect(try exchange(network, Network.town).wantsAnother)
        let report = try exchange(network, Network.town)
        #expect(report.needsNewerParent && report.comparison == nil && report.refusedBatches == 0)
        #expect(try cases(network, at: Network.county) == 3)
        #expect(try cases(network, at: Network.town) == 3)
        #expect(try network.exchange(Network.town)?.child.comparison?.isOver == true)
    }

    /// What the parent sends rests on what this database never had. A comparison would find that; an older parent is
    /// asked from the beginning.
    @Test func whatIsMissingIsAskedForFromTheBeginning() throws {
        let network = try Network(Self.all + [Network.village, Network.neighbour])
        try network.accept(at: Network.town, number: 1, route: [Network.village])
        for name in [Network.neighbour, Network.village, Network.town] { try network.exchange(name) }
        for name in [Network.town, Network.village] { try network.exchange(name) }
        try network.accept(at: Network.neighbour, number: 2, route: [Network.village])
        try network.exchange(Network.neighbour)
        try network.change(
            Network.town,
            """
            INSERT OR REPLACE INTO peer_author (peer, author, feed, position)
            SELECT peer.id, author.id, 2, 0 FROM peer JOIN author ON author.unit = '\(Network.neighbour)'
            WHERE peer.unit = '\(Network.village)'
            """)
        for _ in 0..<2 {
            let refused = try exchange(network, Network.village)
            #expect(refused.refusedBatches > 0 && refused.wantsAnother)
        }
        let whole = try exchange(network, Network.village)
        #expect(whole.needsNewerParent && whole.refusedBatches == 0 && whole.newChangeSets > 0)
        #expect(try network.fingerprints(of: Network.neighbour, at: [Network.town, Network.village]).count == 1)
    }

    /// Who asked for a comparison is told what it waits for.
    @Test func whoAskedIsToldThatTheParentIsOlder() throws {
        let network = try upgraded()
        let county: UnitCode = "379902"
        let town = network[Network.town]
        let asked = try town.replica.read { try AskedComparison(with: county, $0) }
        let report = try exchange(network, Network.town, mode: .looks)
        #expect(throws: NodeError.olderParent(county)) {
            try town.replica.read { try asked.result(needsNewerParent: report.needsNewerParent, $0) }
        }
        // Beside a serving node.
        var line = LineState(isUp: true, through: UpperNode(unit: county, node: 1, isParent: true))
        try line.demandComparingParent(county)
        line.needsNewerParent = true
        #expect(throws: NodeError.olderParent(county)) { try line.demandComparingParent(county) }
        line.isUp = false
        try line.demandComparingParent(county)
    }
}
