import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Simulator
import Testing

@testable import Replica
@testable import SyncNode

/// A retired case comes back whole wherever something of it is needed.
@Suite struct ReturningTests {
    /// Six closed cases, of which all but the last have left the village and the town.
    private func retired() throws -> (network: Network, cases: [CaseReference]) {
        let network = try Network.forgetful()
        let cases = try (1...6).map { try network.closedCase($0) }
        try network.backUpAll()
        for name in [Network.village, Network.town] { #expect(try network.retire(at: name).retired == 5) }
        return (network, cases)
    }

    /// As serving nodes do: what is wished for is compared, and then all flows.
    private func mend(_ network: Network) throws {
        for name in network.names where name != network.root { try network.exchange(name, mode: .repairs) }
        try network.settle(rounds: 1)
    }

    private func expectEqual(_ network: Network, _ location: SourceLocation = #_sourceLocation) throws {
        #expect(
            try network.fingerprints(of: Network.village, at: Network.line).count == 1, sourceLocation: location)
        for name in [Network.village, Network.town, Network.county] {
            let report = try network.prove(name)
            #expect(report.isProven, "\(name) \(report)", sourceLocation: location)
            try network.expectSound(name, location)
        }
    }

    private func phase(_ reference: CaseReference, at name: String, in network: Network) throws -> Phase? {
        try network[name].replica.read { try $0.serviceCase(receipt: reference.receipt)?.phase }
    }

    @Test func aCorrectionFromAboveBringsItsCaseBack() throws {
        let (network, cases) = try retired()
        let figures = try network.figures(at: Network.city)
        try network.act(
            .note, at: Network.county, on: cases[1].creation, fields: [CaseField.note + "9": "复核"])
        try network.settle(rounds: 1)
        #expect(try network[Network.town].replica.read { try $0.stubCounts().wished } == 1)
        // Half of it is here, and the stub says for whom.
        try network.expectSound(Network.town)
        // It is counted all the time.
        for name in Network.line { #expect(try network.figures(at: name) == figures, "\(name)") }
        try mend(network)
        try mend(network)
        for name in [Network.town, Network.village] {
            #expect(try phase(cases[1], at: name, in: network) == .delivered, "\(name)")
            #expect(try phase(cases[0], at: name, in: network) == nil)
            let fields = try network[name].replica.read { try $0.serviceCase(receipt: cases[1].receipt)?.fields }
            #expect(fields?[CaseField.note + "9"] == "复核")
            #expect(try network.figures(at: name) == figures)
        }
        try expectEqual(network)
        // And it may leave again.
        _ = try network.closedCase(7)
        _ = try network.closedCase(8)
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired >= 2)
        #expect(try network.retire(at: Network.town).retired >= 2)
        try expectEqual(network)
    }

    @Test func whoeverAsksForACaseGetsItThroughAllTiers() throws {
        let (network, cases) = try retired()
        let village = network[Network.village]
        try village.fetchCase(typed: cases[2].receipt, now: network.now)
        #expect(throws: NodeError.keptAbove(cases[2].receipt, isWished: true)) {
            try village.replica.read { try $0.caseReference(typed: cases[2].receipt) }
        }
        #expect(throws: NodeError.isHere(cases[5].receipt)) {
            try village.fetchCase(typed: cases[5].receipt, now: network.now)
        }
        #expect(throws: NodeError.unknownCase("x")) { try village.fetchCase(typed: "x", now: network.now) }
        // The town has it no more either: it asks the county.
        try network.exchange(Network.village, mode: .repairs)
        #expect(try phase(cases[2], at: Network.village, in: network) == nil)
        try network.exchange(Network.town, mode: .repairs)
        #expect(try phase(cases[2], at: Network.town, in: network) == .delivered)
        try network.exchange(Network.village)
        #expect(try phase(cases[2], at: Network.village, in: network) == .delivered)
        #expect(try phase(cases[1], at: Network.village, in: network) == nil)
        try expectEqual(network)
        // It stays for a while where it was asked for.
        _ = try network.closedCase(7)
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).kept[.fetched] == 1)
    }

    @Test func aFreshMachineIsToldTheStubs() throws {
        let (network, cases) = try retired()
        let figures = try network.figures(at: Network.town)
        try network.replaceMachine(of: Network.village)
        let report = try #require(try network.exchange(Network.village, mode: .repairs)?.child)
        #expect(report.comparison?.isOver == true)
        #expect(try network.figures(at: Network.village) == figures)
        #expect(throws: NodeError.keptAbove(cases[0].receipt, isWished: false)) {
            try network[Network.village].replica.read { try $0.caseReference(typed: cases[0].receipt) }
        }
        #expect(try phase(cases[5], at: Network.village, in: network) == .delivered)
        try network.settle(rounds: 1)
        try expectEqual(network)
        try network[Network.village].fetchCase(typed: cases[0].receipt, now: network.now)
        try mend(network)
        try mend(network)
        #expect(try phase(cases[0], at: Network.village, in: network) == .delivered)
        try expectEqual(network)
    }

    /// Two machines have given one number to two cases, and what tells which of them a later step belongs to has left.
    @Test func whatTellsTheLinesOfAForkApartComesBack() throws {
        let network = try Network.forgetful()
        let copy = try network.clone(Network.village)
        let open = try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let closed = try network.closedCase(2)
        try network.act(.forward, at: Network.village, on: open.creation, target: Network.county)
        try network.settle(rounds: 1)
        _ = try network.closedCase(3)
        try network.backUpAll()
        for name in [Network.village, Network.town] {
            #expect(try network.retire(at: name).retired == 1)
            #expect(try phase(closed, at: name, in: network) == nil)
        }
        let original = try network.sit(Network.village, at: copy)
        #expect(try network.accept(at: Network.village, number: 4).creation == open.creation)
        for machine in [copy, original] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        // The seals between had come to a life of the database that is no more.
        for name in [Network.village, Network.town] {
            try network[name].replica.write { transaction in
                try transaction.db.execute(
                    sql: "DELETE FROM run WHERE NOT EXISTS (SELECT 1 FROM journal WHERE journal.run = run.id)")
            }
            _ = try network[name].replica.rebuild(keeping: true)
            #expect(try network[name].replica.read { try $0.stubCounts().wished } == 1, "\(name)")
            #expect(try network[name].linkMode(now: network.time(at: name)).mode == .repairs)
        }
        try mend(network)
        try mend(network)
        for name in Network.line {
            let row = try network[name].replica.read { try $0.serviceCase(receipt: open.receipt) }
            #expect(row?.holder?.text == Network.county && row?.pending == 0, "\(name)")
            try network.expectSound(name)
        }
        #expect(try network.fingerprints(of: Network.village, at: Network.line).count == 1)
        // As long as they hang on it, it stays.
        try network.backUpAll()
        #expect(try network.retire(at: Network.town).kept[.forked] ?? 0 > 0)
    }

    /// What a machine wrote before it was set back has left, and what the neighbours gave back of it is there.
    @Test func whoWasSetBackGoesOnWhenWhatItWroteHasLeft() throws {
        let network = try Network.forgetful()
        _ = try network.closedCase(1)
        let copy = try network.clone(Network.village)
        _ = try network.closedCase(2)
        try network.sit(Network.village, at: copy)
        for _ in 0..<2 { try mend(network) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 1)
        let author = try network[Network.village].replica.read { try $0.identity?.author }
        _ = try network.accept(at: Network.village, number: 3)
        let held = try network.journal(of: Network.village).leaves
        try network.restart(Network.village)
        #expect(try network.journal(of: Network.village).leaves == held)
        #expect(try network[Network.village].replica.read { try $0.identity?.author } == author)
    }

    /// A town's new machine has not heard yet of what its village let go for the old one's backups.
    @Test func whatIsLackedAboveAndHasLeftIsTold() throws {
        let (network, _) = try retired()
        try network.enroll(Network.town)
        // It hears where it stands, and nothing else yet.
        try network.exchange(Network.town)
        func difference() throws -> ComparisonOutcome? {
            _ = try network.prove(Network.village)
            return try network[Network.village].replica.read { try $0.proofStanding()?.difference }
        }
        try network.exchange(Network.village, mode: .repairs)
        let lost = try #require(try difference())
        #expect(lost.gone > 0 && lost.gone == lost.lackingThere)
        try mend(network)
        #expect(try difference() == nil)
        try expectEqual(network)
    }

    /// A town that has asked for a case itself is no town that has lost it.
    @Test func whatIsOnItsWayToTheTownIsNotSoonCalledLost() throws {
        let (network, cases) = try retired()
        try network[Network.town].fetchCase(typed: cases[1].receipt, now: network.now)
        let report = try network.prove(Network.village)
        let difference = try #require(try network[Network.village].replica.read { try $0.proofStanding()?.difference })
        #expect(report.lackingThere == difference.gone && difference.gone > 0)
        #expect(difference.goneSince == difference.time)
        try mend(network)
        try expectEqual(network)
    }

    /// What a stub says of its parent's clock is doubted while this node's clock is behind; what comes back later has a
    /// word of its own.
    @Test func whatComesBackIsBelievedByTheClockOfThen() throws {
        let (network, cases) = try retired()
        try network.replaceMachine(of: Network.village)
        network.skew[Network.village] = -2 * 3600
        try network.exchange(Network.village, mode: .repairs)
        network.skew = [:]
        try network[Network.village].fetchCase(typed: cases[0].receipt, now: network.now)
        try mend(network)
        try mend(network)
        #expect(try phase(cases[0], at: Network.village, in: network) == .delivered)
        try expectEqual(network)
    }

    /// A village that was restored holds half of a case of which its parent has only the stub.
    @Test func whoHoldsAPartGetsTheRest() throws {
        let network = try Network.forgetful()
        let first = try network.accept(at: Network.village, number: 1, route: [Network.county])
        try network.settle(rounds: 1)
        let backup = try network.backUp(Network.village)
        try network.act(.forward, at: Network.village, on: first.creation, target: Network.county)
        try network.settle(rounds: 1)
        try network.act(
            .decide, at: Network.county, on: first.creation, fields: [CaseField.decision: "granted"])
        try network.act(.deliver, at: Network.county, on: first.creation)
        try network.settle(rounds: 1)
        for number in 2...3 { _ = try network.closedCase(number) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.town).retired == 2)
        network.drop(Network.village)
        try network.restore(backup, at: Network.village)
        #expect(try phase(first, at: Network.village, in: network) == .accepted)
        try mend(network)
        try mend(network)
        #expect(try phase(first, at: Network.village, in: network) == .delivered)
        #expect(try phase(first, at: Network.town, in: network) == .delivered)
        try expectEqual(network)
    }

    /// A week without a line is one run, of which some cases leave and others stay.
    @Test func whatIsLeftOfARunIsAsIfItHadComeLikeThat() throws {
        let network = try Network.forgetful()
        let week = try (1...5).map { number in
            let reference = try network.accept(at: Network.village, number: number, route: [Network.county])
            try network.act(.forward, at: Network.village, on: reference.creation, target: Network.county)
            return reference
        }
        try network.settle(rounds: 1)
        for index in [0, 2, 3] {
            let place = week[index].creation
            try network.act(.decide, at: Network.county, on: place, fields: [CaseField.decision: "granted"])
            try network.act(.deliver, at: Network.county, on: place)
        }
        try network.settle(rounds: 1)
        _ = try network.closedCase(9)
        try network.backUpAll()
        for name in [Network.village, Network.town] { #expect(try network.retire(at: name).retired == 3) }
        let (runs, hashes) = try network[Network.village].replica.read { transaction in
            (try transaction.arrived(behind: 0), try transaction.content().rows["run_hash"] ?? 0)
        }
        #expect(runs > 0 && hashes > 0)
        try expectEqual(network)
        // What is left of them goes on, and what has left comes back into them.
        try network.act(.decide, at: Network.county, on: week[1].creation, fields: [CaseField.decision: "refused"])
        try network.settle(rounds: 1)
        #expect(try phase(week[1], at: Network.village, in: network) == .decided)
        try network[Network.village].fetchCase(typed: week[2].receipt, now: network.now)
        try mend(network)
        try mend(network)
        #expect(try phase(week[2], at: Network.village, in: network) == .delivered)
        try expectEqual(network)
        // A machine that is new is told some cases and sent the others, of the same run.
        try network.replaceMachine(of: Network.village)
        try network.exchange(Network.village, mode: .repairs)
        try network.settle(rounds: 1)
        try expectEqual(network)
    }

    /// What a child says that it had is not believed: it would count as held, and nobody had it.
    @Test func stubsFromBelowAreRefused() throws {
        let (network, cases) = try retired()
        let county = network[Network.county]
        let from = try #require(
            try county.replica.read { try $0.latestPeer(unit: UnitCode(Network.town)!, node: 1) })
        var batch = WireBatch()
        batch.feed = UInt32(Feed.casework.rawValue)
        batch.stubs = [
            .with {
                $0.author = cases[0].creation.author.value.data
                $0.sequence = 1
                $0.receipt = "x"
                $0.digest = Data(count: 32)
            }
        ]
        #expect(throws: WireError.self) {
            try county.replica.write { try $0.apply(batch, from: from, now: 0, check: { _ in }) }
        }
    }

    /// A part of a case may concern nobody here by its own fold: who is above tells the stub of a case that is held.
    @Test func whoHoldsAPartTakesTheStubAndWishes() throws {
        let network = try Network(Network.line)
        let reference = try network.accept(at: Network.village, route: [Network.county])
        try network.settle(rounds: 1)
        let town = network[Network.town], place = reference.creation
        let from = try #require(
            try town.replica.read { try $0.latestPeer(unit: UnitCode(Network.county)!, node: 1) })
        let queue = try DatabaseQueue(path: network.directory(Network.town).replica.path)
        let held = try #require(
            try queue.read {
                try Row.fetchOne(
                    $0,
                    sql: "SELECT first, count, digest FROM run JOIN journal ON run = run.id WHERE record IS NOT NULL")
            })
        func tell(count: UInt32) throws {
            var batch = WireBatch()
            batch.feed = UInt32(Feed.casework.rawValue)
            batch.stubs = [
                .with {
                    $0.author = place.author.value.data
                    $0.sequence = place.sequence
                    $0.receipt = reference.receipt
                    $0.digest = Data(count: 32)
                    $0.runs = [
                        .with {
                            $0.author = place.author.value.data
                            $0.from = held[0]
                            $0.count = held[1]
                            $0.digest = held[2]
                        },
                        .with {
                            $0.author = place.author.value.data
                            $0.from = place.sequence + 1
                            $0.count = count
                            $0.digest = Data(repeating: 1, count: 32)
                        },
                    ]
                }
            ]
            _ = try town.replica.write { try $0.apply(batch, from: from, now: 0, check: { _ in }) }
        }
        for count: UInt32 in [0, 257, .max] {
            #expect(throws: WireError.malformed("stub")) { try tell(count: count) }
        }
        #expect(try town.replica.read { try $0.stubCounts().all } == 0)
        try tell(count: 1)
        #expect(try town.replica.read { try $0.wishedCases() } == [place])
        // What is held is not retired besides, or it would count twice.
        #expect(try queue.read { try Int64.fetchAll($0, sql: "SELECT first FROM retired") } == [held[0] + held[1]])
        #expect(try phase(reference, at: Network.town, in: network) == .accepted)
    }

    /// Nor is the number on its paper: running numbers would end.
    @Test func refusedStubsPassNoNumbers() throws {
        let (network, cases) = try retired()
        let county = network[Network.county]
        let own = try ReceiptNumber(typed: try network.accept(at: Network.county, number: 90).receipt)
        let before = try Data(contentsOf: county.directory.anchor)
        var link = LinkReplica(node: county, neighbour: network[Network.town].name, isAbove: true)
        let from = try county.replica.read { try $0.latestPeer(unit: UnitCode(Network.town)!, node: 1) }
        _ = try link.greet(.with { $0.incarnation = from?.incarnation ?? 0 }, now: network.now)
        let far = try #require(
            ReceiptNumber(
                unit: own.unit, ordinal: own.ordinal, running: ReceiptNumber.mostRunning, random: own.random))
        var batch = WireBatch()
        batch.feed = UInt32(Feed.casework.rawValue)
        batch.start = .with { $0.position = 77 }
        batch.end = batch.start
        batch.stubs = [
            .with {
                $0.author = cases[0].creation.author.value.data
                $0.sequence = 1
                $0.receipt = far.description
            }
        ]
        guard case .refused = try link.apply(batch, now: network.now) else {
            Issue.record("taken")
            return
        }
        #expect(try Data(contentsOf: county.directory.anchor) == before)
        try network.accept(at: Network.county, number: 91)
    }
}
