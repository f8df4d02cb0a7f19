import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a node without a line lost of what it held: nobody compares with it, and the sticks bring it back.
@Suite struct CourierDamageTests {
    private static let both = [Network.village, Network.town]

    /// A case of the village that the town has decided; each end has confirmed what the other sent.
    private func network() throws -> SimulatedNetwork {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.acceptMany(2, at: Network.village)
        let place = try network.accept(at: Network.village, number: 9, route: [Network.town]).creation
        try network.act(.forward, at: Network.village, on: place, target: Network.town)
        try network.carry(from: Network.village, to: Network.town)
        try network.act(
            .decide, at: Network.town, on: place, fields: [CaseField.decision: Outcome.granted.rawValue])
        try network.settleBySticks()
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 1)
        #expect(try network.unsent(at: Network.village) == 0)
        return network
    }

    /// The first run that one unit's node holds of another's casework.
    private func run(of unit: String) -> String {
        """
        (SELECT run.id FROM run JOIN author ON author.id = author WHERE unit = '\(unit)' AND feed = 2
            AND signature IS NOT NULL ORDER BY first LIMIT 1)
        """
    }

    @Test(
        "At the parent and at the child, of what came and of what was sent",
        arguments: [
            (Network.town, Network.village), (Network.town, Network.town), (Network.village, Network.town),
            (Network.village, Network.village),
        ])
    func whatWasTakenOutComesBack(at name: String, of unit: String) throws {
        let network = try network()
        try network.change(
            name, "UPDATE run SET packed = substr(packed, 1, length(packed) - 9) WHERE id = \(run(of: unit))")
        var scrub = Scrub(began: 1)
        while !scrub.isFinished { _ = try network[name].step(&scrub) }
        let out = try network[name].takeOutDamage(now: network.now)
        #expect(out.runs.count == 1)
        network.pass(seconds: 60)
        try network.settleBySticks()
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 1)
        #expect(try network[name].replica.read { try $0.countOfTakenOut().all } == 0)
        let line = try #require(try network.exchange(Network.village))
        #expect(line.child.newChangeSets == 0 && line.parent.newChangeSets == 0)
    }

    @Test("Rows that are missing without a trace", arguments: both)
    func whatASalvageLostComesBack(at name: String) throws {
        let network = try network()
        let lost = run(of: name == Network.town ? Network.village : Network.town)
        try network.change(
            name,
            """
            CREATE TEMP TABLE lost AS SELECT id FROM run WHERE id = \(lost);
            DELETE FROM journal WHERE run IN (SELECT id FROM lost); DELETE FROM run WHERE id IN (SELECT id FROM lost)
            """)
        _ = try network.salvage(name)
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 2)
        network.pass(seconds: 60)
        try network.settleBySticks()
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 1)
    }
}

extension SimulatedNetwork {
    /// A courier goes between a village and its town until each has heard what the other has.
    fileprivate func settleBySticks() throws {
        for _ in 0..<2 {
            try carry(from: Self.town, to: Self.village)
            try carry(from: Self.village, to: Self.town)
        }
    }
}
