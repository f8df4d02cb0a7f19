import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Sticks of a machine that was cut: its work is not lost, and a thief who has its keys gains nothing.
@Suite struct CutSenderTests {
    private static let path = [Network.city, Network.county, Network.town, Network.village, Network.neighbour]
    private static let heir = Network.neighbour

    /// A unit is merged into the other village, and those hear of it from the top down.
    private func cut(_ name: String, of network: SimulatedNetwork, told: [String]) throws {
        let unit = try #require(UnitCode(name))
        _ = try network[Network.city].cut(CutWish(unit: unit, ordinal: 1, heir: UnitCode(Self.heir)), now: network.now)
        for above in told { try network.exchange(above) }
    }

    /// What one node goes by toward another.
    private struct Standing: Equatable {
        let peer: Peer?
        let cursors: [LinkCursors]
        let contact: Int64?
        let incarnation: UInt64?
        let heard: Int64
    }

    private func standing(at name: String, with other: String, _ network: SimulatedNetwork) throws -> Standing {
        let peer = network[other].name
        let cursors = try network.cursors(at: name, with: other)
        return try network[name].replica.read { transaction in
            let contact = try transaction.contacts().first { $0.unit == peer.unit && $0.node == peer.ordinal }
            return Standing(
                peer: try transaction.latestPeer(unit: peer.unit, node: peer.ordinal), cursors: cursors,
                contact: contact?.time, incarnation: try transaction.identity?.incarnation,
                heard: try transaction.quotedAcknowledgement().time)
        }
    }

    @Test func workThatLiesOnlyOnAStickComesToTheHeir() throws {
        let network = try Network(Self.path)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let late = try network.accept(at: Network.village, number: 2)
        let stick = try network.export(at: Network.village, to: Network.town).files[0]
        try cut(Network.village, of: network, told: [Network.county, Network.town])
        network.pass(seconds: 60)
        let before = try standing(at: Network.town, with: Network.village, network)
        let report = try network.bring(stick, to: Network.town)
        #expect(report.isOfCut && report.newChangeSets == 1 && !report.isForAnother && !report.hasGap)
        #expect(try standing(at: Network.town, with: Network.village, network) == before)
        #expect(try network.bring(stick, to: Network.town).newChangeSets == 0)
        #expect(throws: BundleError.cutRecipient(UnitCode(Network.village)!)) {
            try network.export(at: Network.town, to: Network.village)
        }
        for name in [Network.town, Network.county, Self.heir] { try network.exchange(name) }
        for name in [Network.city, Self.heir] {
            let waits = try network[name].replica.read { transaction in
                let wish = CaseFilter(acceptedBy: Network.village, isUnsettled: true)
                return try transaction.serviceCases(wish, limit: 9).map(\.receipt)
            }
            #expect(waits == [late.receipt], "\(name)")
        }
    }

    /// A town was cut, and the village's case was on its stick.
    @Test func othersWorkOnTheStickStands() throws {
        let network = try Network(Self.path)
        try network.accept(at: Network.town, number: 1)
        try network.settle(rounds: 1)
        let accepted = try network.accept(at: Network.village, number: 2)
        try network.exchange(Network.village)
        let stick = try network.export(at: Network.town, to: Network.county).files[0]
        try cut(Network.town, of: network, told: [Network.county])
        let report = try network.bring(stick, to: Network.county)
        #expect(report.isOfCut && report.newChangeSets > 0)
        let held = try network[Network.county].replica.read { try $0.serviceCase(receipt: accepted.receipt) }
        #expect(held?.phase == .accepted)
    }

    /// A cut lets stand by its number what lies before it, whoever else should have written at that place.
    @Test func nothingIsPutWhereItsNumberStands() throws {
        let network = try Network(Self.path)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.village)
        for number in 2...3 {
            try network.accept(at: Network.village, number: number)
            try network.settle(rounds: 1)
        }
        try cut(Network.village, of: network, told: [Network.county, Network.town])
        try network.sit(Network.village, at: copy)
        var sticks: [Data] = []
        for number in 7...9 {
            try network.accept(at: Network.village, number: number)
            sticks = try network.export(at: Network.village, to: Network.town).files
        }
        for stick in sticks {
            let report = try network.bring(stick, to: Network.town)
            #expect(report.isOfCut && report.newChangeSets == 1 && report.forks == 0)
        }
        let held = try network[Network.town].replica.read { transaction in
            #expect(try transaction.forkEvidence().isEmpty)
            return try transaction.serviceCases(limit: 9)
        }
        #expect(Set(held.map(\.applicant)) == ["王1", "王2", "王3", "王9"])
        let waits = try network[Network.town].replica.read { transaction in
            try transaction.serviceCases(CaseFilter(isUnsettled: true), limit: 9).map(\.applicant)
        }
        #expect(waits == ["王9"])
    }

    /// What whoever has the village's keys may put on a stick for the town.
    private func forged(_ batch: WireBatch, like real: BundleVolume, _ network: SimulatedNetwork) throws -> Data {
        var header = real.header
        header.recipientIncarnation = try network[Network.town].replica.read { try $0.identity?.incarnation ?? 0 }
        var text = VolumeText(room: 65_536)
        let hello = WireHello.with {
            $0.incarnation = header.senderIncarnation
            $0.peerIncarnation = header.recipientIncarnation
            $0.cursors = [JournalCursor(position: 1_000_000, offset: 0, rolling: 1).wire(.casework)]
        }
        for frame in [Frame.hello(hello), .batch(batch)] {
            let isAdded = try text.add(frame)
            #expect(isAdded)
        }
        let key = network[Network.town].nodeKey.publicKey, thief = network[Network.village].nodeKey
        let body = try key.encrypt(text.finished(), boundTo: header.serializedBytes())
        return try BundleVolume(header, body: body) { try thief.signature(for: $0) }.bytes
    }

    /// What a stick for the town says of casework.
    private func casework(on stick: Data, _ network: SimulatedNetwork) throws -> WireBatch {
        let volume = try BundleVolume(bytes: stick)
        let text = network[Network.town].nodeKey.decrypt(volume.body, boundTo: volume.headerBytes)
        var found: [WireBatch] = []
        try VolumeText.read(try #require(text)) { frame in
            if case .batch(let batch) = frame, batch.feed == UInt32(Feed.casework.rawValue) { found.append(batch) }
        }
        return try #require(found.first { !$0.runs.isEmpty })
    }

    /// That this database was set back, how far it has got, that a gap has been filled, and that it took a case in.
    @Test func aThiefsWordCountsForNothing() throws {
        let network = try Network(Self.path)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let real = try BundleVolume(bytes: try network.export(at: Network.village, to: Network.town).files[0])
        try cut(Network.village, of: network, told: [Network.county, Network.town])
        network.pass(seconds: 60)
        // Whoever has the keys accepts what he likes.
        let claimed = try network.accept(at: Network.village, number: 2)
        var batch = try casework(on: network.export(at: Network.village, to: Network.town).files[0], network)
        batch.start = JournalCursor.start.wire(.casework)
        batch.end = JournalCursor(position: 1_000_000, offset: 0, rolling: 1).wire(.casework)
        let before = try standing(at: Network.town, with: Network.village, network)
        let stick = try forged(batch, like: real, network)
        let report = try network.bring(stick, to: Network.town)
        #expect(report.isOfCut && report.newChangeSets == 1)
        #expect(try standing(at: Network.town, with: Network.village, network) == before)
        let stretches = try network[Network.town].replica.read { transaction in
            let peer = network[Network.village].name
            let known = try #require(try transaction.latestPeer(unit: peer.unit, node: peer.ordinal))
            return try transaction.carriedStretches(of: known, .casework).stretches
        }
        #expect(stretches.isEmpty)
        // It does not stand until the heir admits it.
        let (phase, proposals) = try network[Network.town].replica.read { transaction in
            let row = try #require(try transaction.serviceCase(receipt: claimed.receipt))
            return (row.phase, try transaction.caseRecord(row.record).state.proposals.count)
        }
        #expect(phase == nil && proposals == 1)
        // Nor may a stub, which nobody has signed, raise the numbers of receipts.
        var stubs = batch
        stubs.stubs = [WireStub()]
        let other = try forged(stubs, like: real, network)
        #expect(throws: WireError.malformed("volume")) { try network.bring(other, to: Network.town) }
    }

    /// The seals on the stick quote a time of the town's clock, and lie behind the last heartbeat.
    @Test(arguments: [false, true]) func theFrontierDoesNotMoveByIt(hasBeaten: Bool) throws {
        let network = try Network(Self.path)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 2)
        network.pass(seconds: 3600)
        try network.exchange(Network.village)
        let heard = network.now.seconds
        if hasBeaten {
            #expect(try network[Network.village].heartbeat(now: network.now))
            try network.exchange(Network.village)
        }
        network.pass(seconds: 3600)
        try network.exchange(Network.village)
        try network.accept(at: Network.village, number: 2)
        let stick = try network.export(at: Network.village, to: Network.town).files[0]
        try cut(Network.village, of: network, told: [Network.county, Network.town])
        network.pass(seconds: 60)
        let village = try #require(UnitCode(Network.village))
        let today = try #require(CivilTime.day(at: network.now.seconds))
        func time() throws -> Int64? {
            try network[Network.town].replica.read {
                let now = network.now.seconds
                return try $0.frontier(of: village, days: today...today, asked: now, now: now).units[0].time
            }
        }
        let before = try #require(try time())
        #expect((before == heard) == hasBeaten)
        #expect(try network.bring(stick, to: Network.town).newChangeSets == 1)
        #expect(try time() == before)
    }
}
