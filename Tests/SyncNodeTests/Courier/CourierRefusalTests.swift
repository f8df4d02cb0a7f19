import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing
import Trust

@testable import SyncNode

/// What a stick must not do: nothing of it is kept where anything is wrong with it.
@Suite struct CourierRefusalTests {
    private static let path = [Network.city, Network.county, Network.town, Network.village, Network.neighbour]

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as any CodedError {
            return error.code
        } catch {
            return "\(error)"
        }
    }

    /// With its digest made to fit again, as somebody would who changes it on purpose.
    private func refit(_ bytes: Data) -> Data {
        bytes.dropLast(32) + Digest32(hashing: Data(bytes.dropLast(32))).data
    }

    @Test func aChangedByteAnywhereIsMetAndNothingIsKept() throws {
        let network = try Network(Self.path)
        try network.acceptMany(3, at: Network.village)
        let file = try network.export(at: Network.village, to: Network.town).files[0]
        let town = network[Network.town]
        let head = try town.replica.read { try $0.journalHead() }
        let before = try network.cursors(at: Network.town, with: Network.village)
        var seen: Set<String> = []
        for at in Array(0..<60) + Array(stride(from: 60, to: file.count, by: 13)) + Array(file.count - 130..<file.count)
        {
            var changed = file
            changed[at] ^= 0x10
            let plain = code { try network.bring(changed, to: Network.town) }
            #expect(["bundle.none", "bundle.version", "bundle.damaged"].contains(plain), "byte \(at): \(plain ?? "-")")
            guard at < file.count - 32 else { continue }
            let forged = code { try network.bring(refit(changed), to: Network.town) }
            #expect(forged?.hasPrefix("bundle.") == true || forged?.hasPrefix("trust.") == true, "byte \(at)")
            seen.insert(forged ?? "taken")
        }
        #expect(seen.isSuperset(of: ["bundle.forged", "bundle.damaged"]) && !seen.contains("taken"), "\(seen)")
        #expect(try town.replica.read { try $0.journalHead() } == head)
        #expect(try network.cursors(at: Network.town, with: Network.village) == before)
        #expect(try network.bring(file, to: Network.town).newChangeSets == 3)
    }

    /// Who signs another's body with a key of its own cannot read it to anybody.
    @Test func aStolenBodyIsNoUse() throws {
        let network = try Network(Self.path)
        try network.acceptMany(1, at: Network.village)
        let volume = try BundleVolume(bytes: try network.export(at: Network.village, to: Network.town).files[0])
        let thief = network[Network.neighbour]
        var header = volume.header
        header.senderUnit = Network.neighbour
        header.certificates = thief.chain.der.map { Data($0) }
        let stolen = try BundleVolume(header, body: volume.body) { try thief.nodeKey.signature(for: $0) }
        #expect(code { try network.bring(stolen.bytes, to: Network.town) } == "bundle.forged")
    }

    @Test func otherRecipientsAndSendersAreNamed() throws {
        let network = try Network(Self.path), other = try Network(seed: 2, Self.path)
        try network.acceptMany(1, at: Network.village)
        let file = try network.export(at: Network.village, to: Network.town).files[0]
        #expect(code { try network.bring(file, to: Network.neighbour) } == "bundle.notForThisNode")
        #expect(code { try network.bring(file, to: Network.village) } == "bundle.notForThisNode")
        #expect(code { try other.bring(file, to: Network.town) } == "bundle.otherNetwork")
        for unit in [Network.neighbour, Network.village, Network.branch] {
            #expect(code { _ = try network.export(at: Network.village, to: unit) } == "bundle.notNeighbour", "\(unit)")
        }
        #expect(code { _ = try network.export(at: Network.city, to: Network.branch) } == "bundle.unknownRecipient")

        var header = try BundleVolume(bytes: file).header
        header.dictionary = "2-0000000000000000"
        let village = network[Network.village]
        let later = try BundleVolume(header, body: Data()) { try village.nodeKey.signature(for: $0) }
        #expect(code { try network.bring(later.bytes, to: Network.town) } == "bundle.version")
    }

    /// A unit that was moved away is nobody's child here any more.
    @Test func whoStandsElsewhereIsUnknown() throws {
        let network = try Network(Self.path)
        try network.acceptMany(1, at: Network.village)
        let file = try network.export(at: Network.village, to: Network.town).files[0]
        try network.move(Network.village, under: Network.county)
        try network.exchange(Network.county)
        try network.exchange(Network.town)
        #expect(code { try network.bring(file, to: Network.town) } == "bundle.movedAway")
    }

    /// The stick of who did not know it yet.
    @Test func whoWasMovedAwayIsSentToWhereItStands() throws {
        let network = try Network(Self.path)
        try network.exchange(Network.village)
        try network.acceptMany(1, at: Network.village)
        let file = try network.export(at: Network.village, to: Network.town).files[0]
        try network.move(Network.village, under: Network.county)
        try network.exchange(Network.county)
        try network.exchange(Network.town)
        let county = try #require(UnitCode(Network.county))
        let village = network[Network.village].name.description
        #expect(throws: BundleError.movedAway(village, under: county)) { try network.bring(file, to: Network.town) }
    }

    @Test func whoseOnlyMachineWasCutIsToBeEnrolledAgain() throws {
        let network = try Network(Self.path)
        let town = try #require(UnitCode(Network.town))
        try network.acceptMany(1, at: Network.town)
        try network.exchange(Network.town)
        try network.exchange(Network.county)
        _ = try network[Network.city].cut(CutWish(unit: town, ordinal: 1), now: network.now)
        try network.exchange(Network.county)
        for above in [Network.county, Network.city] {
            #expect(throws: BundleError.cutRecipient(town)) { try network.export(at: above, to: Network.town) }
        }
    }

    /// Its hello says that this database was later once: believed, it would begin another life.
    @Test func aStrangersWordCountsForNothing() throws {
        let network = try Network(Self.path)
        let village = network[Network.village]
        let real = try BundleVolume(bytes: try network.export(at: Network.town, to: Network.village).files[0])
        func incarnation(_ node: Node) throws -> UInt64 { try node.replica.read { try $0.identity?.incarnation ?? 0 } }
        func boast(of name: String) throws -> Data {
            let sender = network[name]
            var header = real.header
            header.senderUnit = name
            header.senderIncarnation = try incarnation(sender)
            header.certificates = sender.chain.der.map { Data($0) }
            var text = VolumeText(room: 4096)
            let isAdded = try text.add(
                .hello(
                    .with {
                        $0.incarnation = header.senderIncarnation
                        $0.peerIncarnation = header.recipientIncarnation
                        $0.cursors = [JournalCursor(position: 1_000_000, offset: 0, rolling: 1).wire(.casework)]
                    }))
            #expect(isAdded)
            let body = try village.nodeKey.publicKey.encrypt(text.finished(), boundTo: header.serializedBytes())
            return try BundleVolume(header, body: body) { try sender.nodeKey.signature(for: $0) }.bytes
        }
        let before = try incarnation(village)
        #expect(code { try network.bring(boast(of: Network.neighbour), to: Network.village) } == "bundle.unknownSender")
        #expect(try incarnation(village) == before)
        let stranger = network[Network.neighbour].name
        #expect(try village.replica.read { try $0.latestPeer(unit: stranger.unit, node: stranger.ordinal) } == nil)
        // Of a neighbour it is believed.
        try network.bring(boast(of: Network.town), to: Network.village)
        #expect(try incarnation(village) != before)
    }

    /// Nor does that of a unit below, a second time within the hour.
    @Test func aChildIsBelievedOnceInAnHour() throws {
        let network = try Network(Self.path)
        let town = network[Network.town], village = network[Network.village]
        func life() throws -> UInt64 { try town.replica.read { try $0.identity?.incarnation ?? 0 } }
        func boast() throws -> Data {
            var header = try BundleVolume(bytes: network.export(at: Network.village, to: Network.town).files[0]).header
            header.recipientIncarnation = try life()
            var text = VolumeText(room: 4096)
            let isAdded = try text.add(
                .hello(
                    .with {
                        $0.incarnation = header.senderIncarnation
                        $0.peerIncarnation = header.recipientIncarnation
                        $0.cursors = [JournalCursor(position: 1_000_000, offset: 0, rolling: 1).wire(.casework)]
                    }))
            #expect(isAdded)
            let body = try town.nodeKey.publicKey.encrypt(text.finished(), boundTo: header.serializedBytes())
            return try BundleVolume(header, body: body) { try village.nodeKey.signature(for: $0) }.bytes
        }
        let before = try life()
        try network.bring(boast(), to: Network.town)
        let after = try life()
        #expect(after != before)
        #expect(code { try network.bring(boast(), to: Network.town) } == "bundle.claimedAgain")
        #expect(try life() == after)
        network.pass(seconds: 3600)
        try network.bring(boast(), to: Network.town)
        #expect(try life() != after)
    }

    /// No stick goes where no line may.
    @Test func aUnitOnHoldGetsAndBringsNothing() throws {
        let network = try Network(Self.path)
        let stick = try network.export(at: Network.village, to: Network.town).files[0]
        try network[Network.city].enter([.hold(Network.village)], now: network.now)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        #expect(code { _ = try network.export(at: Network.town, to: Network.village) } == "bundle.onHold")
        #expect(code { try network.bring(stick, to: Network.town) } == "bundle.onHold")
        #expect(code { _ = try network.export(at: Network.town, to: Network.neighbour) } == nil)
    }

    /// Whoever reads it has the unit's next machine, and that one may be gone.
    @Test func aStickForTheEarlierMachineNamesTheWayOut() throws {
        let network = try Network(Self.path)
        try network.acceptMany(1, at: Network.village)
        try network.settle(rounds: 1)
        try network.acceptMany(1, at: Network.village, from: 10)
        let stick = try network.export(at: Network.village, to: Network.town).files[0]
        let earlier = network[Network.town].name.description
        try network.enroll(Network.town)
        // It stands where it hears to stand, and is given then what its unit had.
        for mode in [LinkMode.usual, .repairs] { try network.exchange(Network.town, mode: mode) }
        let own = network[Network.town].name.description
        #expect(
            throws: BundleError.otherMachine(recipient: earlier, own: own, sender: Network.village)
        ) { try network.bring(stick, to: Network.town) }
        // What the error says.
        network.pass(seconds: 60)
        try network.carry(from: Network.town, to: Network.village)
        try network.carry(from: Network.village, to: Network.town)
        #expect(try network.fingerprints(of: Network.village, at: [Network.village, Network.town]).count == 1)
    }

    @Test func anExpiredCertificateBringsNothing() throws {
        let network = try Network(Self.path)
        try network.acceptMany(1, at: Network.village)
        let file = try network.export(at: Network.village, to: Network.town).files[0]
        network.pass(seconds: Node.nodePeriod + 86_400)
        #expect(code { try network.bring(file, to: Network.town) }?.hasPrefix("trust.") == true)
    }
}
