import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Nodes whose disk has changed a byte of what they hold: the rest goes on, and the neighbours give back what they
/// have.
@Suite struct DamagedNodeTests {
    static let all = [Network.city, Network.county, Network.town]

    /// A case of the town and one of the county, known up to the city.
    private func network() throws -> SimulatedNetwork {
        let network = try Network(Self.all)
        try network.accept(at: Network.town, number: 1, route: [Network.county])
        try network.accept(at: Network.county, number: 2)
        try network.settle(rounds: 1)
        return network
    }

    private func run(of unit: String, feed: Feed = .casework, sealed: Bool = true) -> String {
        """
        (SELECT run.id FROM run JOIN author ON author.id = author WHERE unit = '\(unit)' AND feed = \(feed.rawValue)
            AND (signature IS NOT NULL) = \(sealed) ORDER BY first LIMIT 1)
        """
    }

    private func damage(_ network: SimulatedNetwork, _ name: String, _ run: String) throws {
        try network.change(name, "UPDATE run SET packed = substr(packed, 1, length(packed) - 9) WHERE id = \(run)")
    }

    /// What a scrub finds, each noted.
    private func scrub(_ node: Node) throws -> [Damage] {
        var scrub = Scrub(began: 1)
        var found: [Damage] = []
        while !scrub.isFinished { found += try node.step(&scrub) }
        return found
    }

    private func checkAgreement(_ network: SimulatedNetwork) throws {
        for unit in Self.all {
            #expect(try network.fingerprints(of: unit, at: Self.all.filter { $0 <= unit }).count == 1, "\(unit)")
        }
        for name in Self.all {
            #expect(try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
            #expect(try scrub(network[name]).isEmpty, "\(name)")
        }
    }

    @Test func soundNodesAreFoundSound() throws {
        let network = try network()
        try network.accept(at: Network.county, number: 3)
        for name in Self.all { #expect(try scrub(network[name]).isEmpty, "\(name)") }
    }

    /// A relay that has yet to send it on sends nothing false, and the link is not stuck for ever.
    @Test func aRelaySendsNothingThatItsDiskHasChanged() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.town, number: 1)
        try network.exchange(Network.town)
        try damage(network, Network.county, run(of: Network.town))
        #expect(throws: ReplicaError.self) { try network.exchange(Network.county) }
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 0)
        let out = try network[Network.county].takeOutDamage(now: network.now)
        #expect(out.runs.count == 1 && out.lost.isEmpty && !out.endsAuthor)
        // The town is asked from the beginning, and gives it back.
        try network.settle(rounds: 2)
        try checkAgreement(network)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 1)
    }

    /// A disk that changed who is below whom kept a case from the town, and the cursor has gone on behind it.
    @Test func whatWasKeptByAWrongUnitIsSentAfterAll() throws {
        let network = try Network(Self.all)
        try network.settle(rounds: 2)
        try network.change(Network.county, "DELETE FROM unit_above WHERE unit = '\(Network.town)'")
        // The last row of all is looked at in any case.
        for number in 1...2 { try network.accept(at: Network.city, number: number, route: [Network.town]) }
        try network.settle(rounds: 2)
        #expect(try network[Network.town].replica.read { try $0.caseCounts().all } == 1)
        #expect(try scrub(network[Network.county]) == [.derived("unit_above")])
        #expect(try network[Network.county].takeOutDamage(now: network.now).wasMisled)
        try network.settle(rounds: 2)
        try checkAgreement(network)
        #expect(try network[Network.town].replica.read { try $0.caseCounts().all } == 2)
    }

    /// What comes on a case of which a part is damaged is taken all the same.
    @Test func whatComesMeanwhileIsTaken() throws {
        let network = try Network(Self.all)
        let place = try network.accept(at: Network.town, number: 1).creation
        try network.exchange(Network.town)
        try damage(network, Network.county, run(of: Network.town))
        try network.act(.note, at: Network.town, on: place, fields: [CaseField.note + "1": "x"])
        let other = try network.accept(at: Network.town, number: 2).creation
        try network.exchange(Network.town)
        let county = network[Network.county]
        #expect(try county.replica.read { try $0.setAsideRecords() }.map(\.code) == ["replica.damagedRun"])
        #expect(try county.replica.read { try $0.record(created: other) } != nil)
        #expect(try county.takeOutDamage(now: network.now).runs.count == 1)
        #expect(try county.replica.read { try $0.health() }.setAside == 0)
        #expect(try county.replica.read { try $0.health() }.absent == 1)
        try network.settle(rounds: 2)
        try checkAgreement(network)
        #expect(try county.replica.read { try $0.health() }.absent == 0)
    }

    /// Nothing at all can be read before the charter can, not even who stands above.
    @Test func aDamagedCharterComesFromTheParent() throws {
        let network = try network()
        let before = try network[Network.county].replica.read { $0.pin.number }
        try damage(network, Network.county, run(of: Network.city, feed: .charter))
        let county = network[Network.county]
        #expect(try county.replica.read { $0.pin.number } < before)
        #expect(try county.replica.read { try $0.takenOut() }.first?.name.feed == .charter)
        // Until then it does not know who stands below.
        #expect(throws: LineProblem.self) { try network.exchange(Network.town) }
        try network.exchange(Network.county)
        try network.settle(rounds: 2)
        #expect(try county.replica.read { $0.pin.number } == before)
        try checkAgreement(network)
        try network.accept(at: Network.county, number: 3)
        try network.settle(rounds: 1)
        try checkAgreement(network)
    }

    /// Every leaf is named after it: all that is held would seem damaged.
    @Test func aDamagedGenesisIsNotTakenForDamageOfTheRest() throws {
        for place in [10, 60, 200, 500] {
            let network = try network()
            #expect(throws: ReplicaError.damaged("node.genesis")) {
                try network.change(
                    Network.county,
                    """
                    UPDATE node SET genesis = CAST(substr(genesis, 1, \(place - 1))
                        || CASE substr(genesis, \(place), 1) WHEN x'41' THEN x'42' ELSE x'41' END
                        || substr(genesis, \(place + 1)) AS BLOB)
                    """)
            }
        }
    }

    @Test func anOpeningComesFromWhoHasIt() throws {
        // Its signature, which its name does not cover, and all of it.
        for opening in ["CAST(substr(opening, 1, length(opening) - 1) || x'00' AS BLOB)", "x'00'"] {
            let network = try network()
            try network.change(
                Network.city, "UPDATE author SET opening = \(opening) WHERE unit = '\(Network.town)'")
            let city = network[Network.city]
            #expect(try scrub(city).contains { if case .opening = $0 { true } else { false } })
            let out = try city.takeOutDamage(now: network.now)
            #expect(out.openings.count == 1 && out.runs.count == 1 && !out.endsAuthor)
            try network.settle(rounds: 2)
            try checkAgreement(network)
        }
    }

    @Test func aHeartbeatGivesWayToTheNext() throws {
        let network = try network()
        network.pass(seconds: 2000)
        try network.exchange(Network.county)
        network.pass(seconds: 2000)
        #expect(try network[Network.county].heartbeat(now: network.now))
        try network.exchange(Network.county)
        try network.change(
            Network.city,
            "UPDATE heartbeat SET message = CAST(substr(message, 1, 60) || x'ffff' || substr(message, 63) AS BLOB)")
        #expect(try scrub(network[Network.city]).map(\.code) == ["damage.heartbeat"])
        try network[Network.city].takeOutDamage(now: network.now)
        #expect(try scrub(network[Network.city]).isEmpty)
    }

    // MARK: - The own journal

    /// Two machines under one name would be the end of it: a sequence that was given is never given again.
    @Test func whatWasNotSentIsLostAndSaid() throws {
        let network = try network()
        let receipts = try (3...6).map { try network.accept(at: Network.county, number: $0).receipt }
        let before = try network[Network.county].replica.read { try $0.identity }
        let open = run(of: Network.county, sealed: false)
        try network.change(
            Network.county,
            "UPDATE unpacked SET bytes = CAST(bytes || x'00' AS BLOB) WHERE run = \(open) AND offset = 1")
        #expect(try scrub(network[Network.county]).map(\.code).contains("damage.run"))
        let out = try network[Network.county].takeOutDamage(now: network.now)
        #expect(out.lost.flatMap { $0.said.map(\.receipt) } == [receipts[1]] && out.endsAuthor)
        let county = network[Network.county]
        let after = try county.replica.read { try $0.identity }
        #expect(after?.author != before?.author && after?.incarnation != before?.incarnation)
        #expect(try county.anchor.read()?.author == after?.author?.description)
        #expect(try county.replica.read { try $0.health() }.lost == 1)
        let found = Examination(county.facts(service: ServiceFacts(isServed: true), now: network.now)).dangers
        #expect(found.map(\.code) == ["disk.lost"])
        #expect(found[0].what[.english].contains("1 change sets that had not been sent"))
        #expect(found[0].wayOut[.english].contains("--taken-out --seen"))
        try county.replica.write { try $0.noteLostSeen($0.takenOut(), time: 7) }
        #expect(try county.replica.read { try $0.health() }.lost == 0)
        let seen = Examination(county.facts(service: ServiceFacts(isServed: true), now: network.now)).findings
        #expect(!seen.contains { ["disk.lost", "disk.absent"].contains($0.code) })
        // It is listed all the same.
        let listed = try county.replica.read { try $0.takenOut() }
        #expect(listed.map(\.isSeen) == [true] && listed[0].said.allSatisfy { $0.applicant != nil })
        // What was written before it went up under the old author; what was behind it rests.
        let last = try network.accept(at: Network.county, number: 9).receipt
        try network.settle(rounds: 2)
        try network.restart(Network.county)
        #expect(try network[Network.county].replica.read { try $0.identity } == after)
        for (receipt, isThere) in [(receipts[0], true), (receipts[1], false), (receipts[2], false), (last, true)] {
            for name in [Network.city, Network.county] {
                let found = try network[name].replica.read { try $0.serviceCase(receipt: receipt) }
                #expect((found != nil) == isThere, "\(name) \(receipt)")
            }
        }
        #expect(try network[Network.county].replica.read { try $0.unsentOfEarlierIncarnations() } == 2)
        try checkAgreement(network)
    }

    /// The parent has what it sealed. Where nothing follows, the anchor would take the database for a backup.
    @Test func theLastSealedRunEndsTheAuthorOnlyWhereNothingFollows() throws {
        for hasMore in [false, true] {
            let network = try network()
            if hasMore { try network.accept(at: Network.county, number: 3) }
            let before = try network[Network.county].replica.read { try $0.identity?.author }
            try damage(network, Network.county, run(of: Network.county))
            #expect(try !scrub(network[Network.county]).isEmpty)
            let out = try network[Network.county].takeOutDamage(now: network.now)
            #expect(out.lost.isEmpty && out.endsAuthor != hasMore)
            try network.restart(Network.county)
            let after = try network[Network.county].replica.read { try $0.identity?.author }
            #expect((after == before) == hasMore)
            try network.accept(at: Network.county, number: 4)
            try network.settle(rounds: 2)
            try checkAgreement(network)
            #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == (hasMore ? 4 : 3))
        }
    }

    /// All that it wrote hangs on one opening, of which the neighbours may have nothing yet.
    @Test func theOwnOpeningIsWrittenAgainFromItsSecondCopy() throws {
        for column in [
            "opening = CAST(substr(opening, 1, length(opening) - 1) || x'00' AS BLOB)", "opening = x'00'",
            "name = CAST(substr(name, 1, 15) || x'00' AS BLOB)",
        ] {
            let network = try network()
            try network.accept(at: Network.county, number: 3)
            try network[Network.county].seal(now: network.now)
            let before = try network[Network.county].replica.read { try ($0.identity, $0.journalHead()) }
            try network.change(Network.county, "UPDATE author SET \(column) WHERE unit = '\(Network.county)'")
            let county = network[Network.county]
            _ = try scrub(county)
            #expect(try county.damagedRuns() == 0)
            let out = try county.takeOutDamage(now: network.now)
            #expect(out.runs.isEmpty && out.openings.isEmpty, "\(column)")
            let after = try county.replica.read { try ($0.identity, $0.journalHead()) }
            #expect(after == before, "\(column)")
            #expect(try scrub(county).isEmpty)
            try network.settle(rounds: 2)
            try checkAgreement(network)
            #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 3)
        }
    }

    @Test func aDamagedSecondCopyIsMadeAgainAndWithoutEitherTheAuthorEnds() throws {
        let network = try network()
        let before = try network[Network.county].replica.read { try $0.identity?.author }
        try network.change(Network.county, "UPDATE node SET opening = x'00'")
        #expect(try scrub(network[Network.county]).map(\.code) == ["damage.derived"])
        try network[Network.county].takeOutDamage(now: network.now)
        try checkAgreement(network)
        try network.change(
            Network.county,
            "UPDATE node SET opening = x'00'; UPDATE author SET opening = x'00' WHERE unit = '\(Network.county)'")
        #expect(try network[Network.county].replica.read { try $0.identity?.author } != before)
        try network.settle(rounds: 2)
        try checkAgreement(network)
    }

    /// A run of its own that the disk gave to somebody else is missed all the same.
    @Test func theAnchorMissesWhatSeemsAnothers() throws {
        let network = try network()
        let before = try network[Network.county].replica.read { try $0.identity?.author }
        let other = "(SELECT id FROM author WHERE unit = '\(Network.town)')"
        try network.change(
            Network.county, "UPDATE run SET author = \(other) WHERE id = \(run(of: Network.county))")
        _ = try scrub(network[Network.county])
        try network[Network.county].takeOutDamage(now: network.now)
        #expect(try network[Network.county].replica.read { try $0.identity?.author } != before)
        try network.settle(rounds: 2)
        try checkAgreement(network)
    }
}

extension SimulatedNetwork {
    /// Changes a node's database behind its back, as the disk would, and starts the node again.
    func change(_ name: String, _ sql: String) throws {
        try self[name].replica.close()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: directory(name).replica.path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "PRAGMA ignore_check_constraints = ON; \(sql)") }
        try queue.close()
        try reopen(name)
    }
}
