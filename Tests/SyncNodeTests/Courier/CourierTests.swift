import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A link that a courier carries: acknowledged by what comes back, and mixed with the line.
@Suite struct CourierTests {
    private static let path = [Network.city, Network.county, Network.town, Network.village]

    /// A village that was enrolled and has never had a line: its charter, and the decisions, come by stick.
    @Test func aVillageLivesFromSticks() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.enroll(Network.village)
        #expect(try network[Network.village].replica.read { $0.charter.count } == 1)
        let first = try network.carry(from: Network.town, to: Network.village)
        #expect(first.map(\.volume) == [1] && first[0].missing.isEmpty && !first[0].awaitsMore)
        #expect(try network[Network.village].replica.read { $0.charter.count } > 1)
        let place = try network.accept(at: Network.village, route: [Network.town, Network.county]).creation
        try network.act(.forward, at: Network.village, on: place, target: Network.county)
        #expect(try network.carry(from: Network.village, to: Network.town).map(\.newChangeSets) == [2])
        try network.exchange(Network.town)
        try network.act(
            .decide, at: Network.county, on: place, fields: [CaseField.decision: Outcome.granted.rawValue])
        try network.exchange(Network.town)
        network.pass(seconds: 60)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try network.fingerprints(of: Network.village, at: [Network.town, Network.village]).count == 1)
        let row = try network[Network.village].replica.read { try $0.serviceCases(limit: 1) }.first
        #expect(row?.phase == .decided)
        #expect(try network.unsent(at: Network.village) == 0)
        // What the town has applied is quoted by the next seal, so that the frontier moves by stick as well.
        let quoted = try network[Network.village].replica.read { try $0.quotedAcknowledgement() }
        #expect(quoted.heads.count == 3 && quoted.heads[1] == 2 && quoted.time == network.now.seconds)

        let online = try #require(try network.exchange(Network.village))
        #expect(online.child.newChangeSets == 0 && online.parent.newChangeSets == 0)
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: Network.village, at: Self.path).count == 1)
        #expect(try network.exchange(Network.village, mode: .looks)?.child.comparison?.isProven == true)
    }

    @Test func theLineSendsNothingOfWhatTheSticksBrought() throws {
        let network = try Network(Self.path)
        try network.acceptMany(5, at: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        try network.carry(from: Network.town, to: Network.village)
        let report = try #require(try network.exchange(Network.village))
        #expect(report.child.sentBatches == 0 && report.child.receivedBatches == 0)
        try network.accept(at: Network.village, number: 77)
        let next = try #require(try network.exchange(Network.village))
        #expect(next.child.sentBatches == 1 && next.parent.newChangeSets == 1 && next.child.refusedBatches == 0)
        #expect(try network.fingerprints(of: Network.village, at: [Network.village, Network.town]).count == 1)
    }

    /// The town's clock was a month ahead when one stick was written.
    @Test func aWordOfAWrongClockGivesWayToTheNext() throws {
        let network = try Network(Self.path)
        func quoted() throws -> Int64 {
            try network[Network.village].replica.read { try $0.quotedAcknowledgement().time }
        }
        try network.accept(at: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        network.skew[Network.town] = 30 * 86_400
        try network.carry(from: Network.town, to: Network.village)
        #expect(try quoted() > network.now.seconds + 29 * 86_400)
        network.skew[Network.town] = nil
        network.pass(seconds: 60)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try quoted() == network.now.seconds)
    }

    /// To a clock that is behind every stick seems to come from a wrong one.
    @Test func anOldStickChangesNothingForAClockThatIsBehind() throws {
        let network = try Network(Self.path)
        try network.accept(at: Network.village)
        network.pass(seconds: 10 * 86_400)
        let old = try network.export(at: Network.town, to: Network.village).files[0]
        network.pass(seconds: 16 * 86_400)
        try network.settle()
        let quoted = try network[Network.village].replica.read { try $0.quotedAcknowledgement() }
        network.skew[Network.village] = -25 * 86_400
        try network.bring(old, to: Network.village)
        #expect(try network[Network.village].replica.read { try $0.quotedAcknowledgement() } == quoted)
    }

    @Test func anOldStickChangesNothing() throws {
        let network = try Network(Self.path)
        try network.acceptMany(3, at: Network.village)
        let up = try network.export(at: Network.village, to: Network.town).files[0]
        let down = try network.export(at: Network.town, to: Network.village).files[0]
        try network.acceptMany(3, at: Network.village, from: 10)
        network.pass(seconds: 3600)
        try network.settle()
        func standing() throws -> [LinkCursors] {
            try network.cursors(at: Network.town, with: Network.village)
                + network.cursors(at: Network.village, with: Network.town)
        }
        let before = try standing()
        let quoted = try network[Network.village].replica.read { try $0.quotedAcknowledgement() }
        #expect(try network.bring(up, to: Network.town).newChangeSets == 0)
        #expect(try network.bring(down, to: Network.village).newChangeSets == 0)
        #expect(try standing() == before)
        #expect(try network[Network.village].replica.read { try $0.quotedAcknowledgement() } == quoted)
        let idle = try #require(try network.exchange(Network.village)).child
        #expect(idle.sentBatches == 0 && idle.receivedBatches == 0)
    }

    /// A bundle for a life of the database that is over brings what it can and moves no cursor.
    @Test func aRestoredRecipientKeepsWhatCameAndIsSentTheRest() throws {
        let network = try Network(Self.path)
        let backup = try network.copyOfDisk(Network.town)
        try network.acceptMany(3, at: Network.village)
        try network.accept(at: Network.town, number: 50)
        try network.exchange(Network.town)
        try network.exchange(Network.village)
        try network.acceptMany(3, at: Network.village, from: 10)
        let stick = try network.export(at: Network.village, to: Network.town).files[0]
        try network.crash(Network.town, leaving: backup)
        let before = try network.cursors(at: Network.town, with: Network.village)
        let report = try network.bring(stick, to: Network.town)
        #expect(report.isForAnother)
        #expect(try network.cursors(at: Network.town, with: Network.village) == before)
        network.pass(seconds: 60)
        try network.carry(from: Network.town, to: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        #expect(try network.fingerprints(of: Network.village, at: [Network.village, Network.town]).count == 1)
        // All that it goes up to has come in this life: nothing is missing, and nobody is to send again.
        #expect(try !network.bring(stick, to: Network.town).isForAnother)
        try network.settle()
        #expect(try network.fingerprints(of: Network.town, at: Self.path.dropLast()).count == 1)
        #expect(try network.fingerprints(of: Network.village, at: Self.path).count == 1)
    }

    /// A machine that was rolled back with its anchor does not know it; its next bundle says less than before.
    @Test func whatARolledBackRecipientLostIsSentAgain() throws {
        let network = try Network(Self.path)
        try network.acceptMany(2, at: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        let snapshot = try network.copyOfDisk(Network.town)
        try network.acceptMany(3, at: Network.village, from: 10)
        try network.carry(from: Network.village, to: Network.town)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try network.unsent(at: Network.village) == 0)
        try network.crash(Network.town, leaving: snapshot)
        network.pass(seconds: 60)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try network.unsent(at: Network.village) == 3)
        try network.carry(from: Network.village, to: Network.town)
        #expect(try network.fingerprints(of: Network.village, at: [Network.village, Network.town]).count == 1)
    }

    /// A unit that was moved hears of it from its new parent, whom it does not know as one.
    @Test func aMovedUnitHearsOfItByStick() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.acceptMany(2, at: Network.village)
        try network.settle()
        try network.move(Network.village, under: Network.county)
        try network.exchange(Network.county)
        let stick = try network.export(at: Network.county, to: Network.village).files[0]
        #expect(throws: BundleError.notNeighbour(UnitCode(Network.branch)!)) {
            try network.export(at: Network.village, to: Network.branch)
        }
        #expect(try network.bring(stick, to: Network.village).newChangeSets > 0)
        let topology = try network[Network.village].replica.read { $0.charter.current.topology }
        #expect(topology.parent(of: UnitCode(Network.village)!)?.text == Network.county)
        try network.acceptMany(1, at: Network.village, from: 10)
        try network.carry(from: Network.village, to: Network.county)
        #expect(try network.fingerprints(of: Network.village, at: [Network.village, Network.county]).count == 1)
    }

    /// A stick of a life of the sender's database that is over does not bring that life back.
    @Test func aRestoredSenderIsNotMetAnew() throws {
        let network = try Network(Self.path)
        let backup = try network.copyOfDisk(Network.village)
        try network.acceptMany(2, at: Network.village)
        let old = try network.export(at: Network.village, to: Network.town).files[0]
        try network.crash(Network.village, leaving: backup)
        try network.acceptMany(1, at: Network.village, from: 20)
        try network.settle()
        let peer = network[Network.village].name
        func latest() throws -> UInt64? {
            try network[Network.town].replica.read {
                try $0.latestPeer(unit: peer.unit, node: peer.ordinal)?.incarnation
            }
        }
        let before = try latest()
        // The restored village has lost two cases; the stick brings them, and they come back to it.
        #expect(try network.bring(old, to: Network.town).newChangeSets == 2)
        #expect(try latest() == before)
        try network.settle()
        #expect(try network.fingerprints(of: Network.village, at: Self.path).count == 1)
        #expect(try network[Network.village].replica.read { try $0.serviceCases(limit: 9) }.count == 3)
    }

    /// Nor does a stick of a life that was never met, where a later one is known already.
    @Test func aLifeThatIsOverIsNotMetByALateStick() throws {
        let network = try Network(Self.path)
        try network.acceptMany(2, at: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        try network.carry(from: Network.town, to: Network.village)
        let backup = try network.copyOfDisk(Network.town)
        try network.acceptMany(1, at: Network.town, from: 30)
        var sticks: [Data] = []
        for number in 1...2 {
            network.pass(seconds: 60)
            try network.crash(Network.town, leaving: backup)
            try network.acceptMany(1, at: Network.town, from: 30 + 10 * number)
            sticks.append(try network.export(at: Network.town, to: Network.village).files[0])
        }
        for stick in sticks.reversed() { try network.bring(stick, to: Network.village) }
        let peer = network[Network.town].name
        let latest = try network[Network.village].replica.read {
            try $0.latestPeer(unit: peer.unit, node: peer.ordinal)?.incarnation
        }
        #expect(try latest == network[Network.town].replica.read { try $0.identity?.incarnation })
        // Each heeds what the other says.
        network.pass(seconds: 60)
        try network.acceptMany(2, at: Network.village, from: 10)
        try network.carry(from: Network.village, to: Network.town)
        network.pass(seconds: 60)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try network.unsent(at: Network.village) == 0)
    }

    /// What was heard of it by a clock that was a year ahead is no later news.
    @Test func aRestoredSenderIsMetThoughTheOwnClockWasAhead() throws {
        let network = try Network(Self.path)
        let backup = try network.copyOfDisk(Network.village)
        try network.acceptMany(2, at: Network.village)
        try network.exchange(Network.village)
        let town = network[Network.town], peer = network[Network.village].name
        func latest(_ transaction: Transaction) throws -> Peer? {
            try transaction.latestPeer(unit: peer.unit, node: peer.ordinal)
        }
        try town.replica.write { transaction in
            let met = try #require(try latest(transaction))
            try transaction.noteContact(with: met, time: network.now.seconds + 31_536_000)
        }
        try network.crash(Network.village, leaving: backup)
        try network.acceptMany(1, at: Network.village, from: 20)
        try network.carry(from: Network.village, to: Network.town)
        let life = try network[Network.village].replica.read { try $0.identity?.incarnation }
        #expect(try town.replica.read { try latest($0)?.incarnation } == life)
    }

    /// What is cut off in the middle goes on by doing it again.
    @Test func aStickThatIsPulledOutCostsNothing() throws {
        let network = try Network(Self.path)
        try network.acceptMany(5, at: Network.village)
        let file = try network.export(at: Network.village, to: Network.town).files[0]
        for count in [0, 10, 200, file.count / 2, file.count - 1] {
            #expect(throws: BundleError.self) { try network.bring(file.prefix(count), to: Network.town) }
        }
        #expect(try network.bring(file, to: Network.town).newChangeSets == 5)
    }
    private func anchor(of name: String, _ network: Network) throws -> Anchor.Content {
        try #require(try Anchor(network.directory(name)).read())
    }

    /// A stick of an earlier life of the database does not say what that life had written last.
    @Test func aParentsWholeBundleEndsTheGuessOfALostAnchor() throws {
        let network = try Network(Self.path)
        try network.acceptMany(170, at: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        let old = try network.export(at: Network.town, to: Network.village).files[0]
        try network.loseAnchor(of: Network.village)
        try network.restart(Network.village)
        try network.acceptMany(1, at: Network.village, from: 200)
        try network.bring(old, to: Network.village)
        #expect(try anchor(of: Network.village, network).guessed == true)
        try network.carry(from: Network.village, to: Network.town)
        let files = try network.export(at: Network.town, to: Network.village, volumeBytes: 12_000).files
        try #require(files.count > 1)
        for (number, file) in files.enumerated() {
            #expect(try anchor(of: Network.village, network).guessed == true, "\(number)")
            try network.bring(file, to: Network.village)
        }
        #expect(try anchor(of: Network.village, network).guessed == nil)
    }

    /// The stick brings the life that was lost, and the other one goes on above it.
    @Test func twoLivesOfOneBackupAreToldApartBySticks() throws {
        let network = try Network(Self.path)
        try network.acceptMany(1, at: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        let backup = try network.backUp(Network.village)
        var depths: [UInt32?] = []
        for number in 1...3 {
            try network.loseDisk(of: Network.village)
            try network.restore(backup, at: Network.village)
            try network.acceptMany(1, at: Network.village, from: 10 * number)
            network.pass(seconds: 60)
            try network.carry(from: Network.village, to: Network.town)
            try network.carry(from: Network.town, to: Network.village)
            let village = network[Network.village]
            depths.append(try village.replica.read { try $0.opening(of: village.author($0))?.author.depth })
            #expect(try anchor(of: Network.village, network).guessed == nil)
            // Of a life that has written nothing nobody hears.
            try network.acceptMany(1, at: Network.village, from: 10 * number + 1)
            try network.carry(from: Network.village, to: Network.town)
        }
        #expect(depths == [1, 2, 3])
        #expect(try network.journal(of: Network.town).forks == 0)
    }
}
