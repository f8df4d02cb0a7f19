import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A node that was restored by the program: what its neighbours have comes back, and nothing is given twice.
@Suite struct RestoreTests {
    private static let all = [Network.city, Network.county, Network.town, Network.village]

    private func author(_ network: SimulatedNetwork, _ name: String) throws -> Author {
        try network[name].replica.read { transaction in
            let author = try network[name].author(transaction)
            return try #require(try transaction.opening(of: author)?.author)
        }
    }

    private func running(_ receipt: String) throws -> UInt64 { try ReceiptNumber(typed: receipt).running }

    /// Everybody holds everything that was confirmed, each number and each sequence once.
    private func check(
        _ network: SimulatedNetwork, _ receipts: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(Set(receipts).count == receipts.count, sourceLocation: sourceLocation)
        let pairs = try receipts.map { receipt in
            let number = try ReceiptNumber(typed: receipt)
            return "\(number.unit)-\(number.ordinal)-\(number.running)"
        }
        #expect(Set(pairs).count == pairs.count, sourceLocation: sourceLocation)
        for name in network.names {
            let journal = try network.journal(of: name)
            #expect(journal.forks == 0, "\(name)", sourceLocation: sourceLocation)
            #expect(Set(journal.rows.map(\.place)).count == journal.rows.count, sourceLocation: sourceLocation)
            #expect(
                try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), sourceLocation: sourceLocation)
        }
        for receipt in receipts {
            let found = try network[Network.city].replica.read { try $0.serviceCase(receipt: receipt) }
            #expect(found != nil, "\(receipt)", sourceLocation: sourceLocation)
        }
        let cases = try network[Network.city].replica.read { try $0.serviceCases(limit: 1000).count }
        #expect(cases == receipts.count, sourceLocation: sourceLocation)
        for unit in network.names where unit != Network.city {
            let above = [unit] + network.path(above: unit)
            #expect(try network.fingerprints(of: unit, at: above).count == 1, "\(unit)", sourceLocation: sourceLocation)
        }
    }

    /// Any tier, with its anchor and without: work before the backup, after it and sent, after it and not sent, and on
    /// the restored machine before it has heard of anybody.
    @Test(arguments: all, [true, false])
    func whatTheNeighboursHaveComesBack(name: String, keepsAnchor: Bool) throws {
        let network = try Network(Self.all)
        var receipts: [String] = []
        func accept(_ number: Int, at unit: String) throws -> CaseReference {
            // What the city accepts for itself alone, nobody else has.
            let route = unit == Network.city ? [Network.county] : network.path(above: unit)
            let reference = try network.accept(at: unit, number: number, route: route)
            receipts.append(reference.receipt)
            return reference
        }
        let first = try accept(1, at: Network.village)
        try network.settle(rounds: 1)
        // Not sealed yet when the backup is made.
        _ = try accept(2, at: name)
        let backup = try network.backUp(name)
        let before = try author(network, name)
        _ = try accept(3, at: name)
        try network.act(
            .note, at: name == Network.village ? Network.town : name, on: first.creation,
            fields: [CaseField.note + "1": "x"])
        try network.settle(rounds: 2)
        // This dies with the disk: nobody was sent it.
        try network.accept(at: name, number: 4)
        if keepsAnchor {
            network.drop(name)
        } else {
            try network.loseDisk(of: name)
        }
        let restored = try network.restore(backup, at: name)
        #expect(restored.keptAnchor == keepsAnchor && restored.resting == 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: network.directory(name).url.path)
        #expect(!files.contains { $0.contains("restoring") }, "\(files)")
        #expect(restored.setAside.isEmpty != keepsAnchor)
        let after = try author(network, name)
        #expect(after.id != before.id && after.depth == before.depth + 1)
        // The line is not back yet; there is work.
        let fifth = try accept(5, at: name)
        let last = try accept(6, at: name)
        #expect(try running(last.receipt) > running(fifth.receipt))
        if !keepsAnchor { #expect(try running(fifth.receipt) > Anchor.gap) }
        try network.settle(rounds: 3)
        try check(network, receipts)
        // It goes on as it is.
        try network.restart(name)
        #expect(try author(network, name) == after)
        _ = try accept(7, at: name)
        try network.settle(rounds: 2)
        try check(network, receipts)
    }

    @Test func itIsAnotherAuthorThoughNothingContradictsIt() throws {
        let network = try Network([Network.city, Network.county])
        let accepted = try network.accept(at: Network.county, number: 1)
        let backup = try network.backUp(Network.county)
        let before = try author(network, Network.county)
        network.drop(Network.county)
        let restored = try network.restore(backup, at: Network.county)
        #expect(restored.keptAnchor)
        #expect(try author(network, Network.county).depth == before.depth + 1)
        let next = try network.accept(at: Network.county, number: 2)
        try network.settle(rounds: 2)
        try check(network, [accepted.receipt, next.receipt])
    }

    /// Somebody takes the file out of the backup and puts it there by hand.
    @Test func aCopyKnowsThatItIsOne() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let backup = try network.backUp(Network.county)
        let before = try author(network, Network.county)
        try network.restart(Network.county)
        #expect(try author(network, Network.county) == before)
        network.drop(Network.county)
        let replica = network.directory(Network.county).replica
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: replica.path + suffix) }
        try FileManager.default.copyItem(at: backup.file("replica.sqlite"), to: replica)
        try network.reopen(Network.county)
        let after = try author(network, Network.county)
        #expect(after.depth == 1)
        try network.restart(Network.county)
        #expect(try author(network, Network.county) == after)
    }

    @Test func whatHasToGiveWayIsMovedAsideAndCanStillBeRead() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county)
        let lost = try network.accept(at: Network.county, number: 1)
        network.drop(Network.county)
        let directory = network.directory(Network.county)
        #expect(throws: RestoreError.holdsReplica(directory.url.path)) {
            try backup.restore(into: directory, now: network.now, entropy: { Data(count: $0) })
        }
        let keys = try Data(contentsOf: directory.nodeKey)
        let aside = try network.restore(backup, at: Network.county).setAside
        try #require(aside.count == 1)
        #expect(try Data(contentsOf: directory.nodeKey) == keys)
        let old = try Replica(path: directory.url.appending(path: aside[0]).path)
        let found = try old.read { try $0.serviceCase(receipt: lost.receipt) }
        #expect(found != nil)
        // Another one in the same second does not take its place.
        let again = try network.restore(backup, at: Network.county).setAside
        #expect(again.count == 1 && Set(again).isDisjoint(with: aside))
    }

    @Test func aReplicaThatIsDamagedGivesWay() throws {
        let network = try Network([Network.city, Network.county])
        let accepted = try network.accept(at: Network.county, number: 1)
        let backup = try network.backUp(Network.county)
        network.drop(Network.county)
        let directory = network.directory(Network.county)
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: directory.replica.path + suffix) }
        try Data(repeating: 0x5A, count: 50_000).write(to: directory.replica)
        try Data("rubbish".utf8).write(to: directory.nodeKey)
        try Data("rubbish".utf8).write(to: directory.anchor)
        let restored = try network.restore(backup, at: Network.county)
        #expect(!restored.keptAnchor && restored.setAside.count == 5)
        try network.settle(rounds: 2)
        try check(network, [accepted.receipt])
    }

    @Test func aDirectoryOfAnotherNodeIsRefused() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let backup = try network.backUp(Network.county)
        let town = network.directory(Network.town)
        network.drop(Network.town)
        #expect(
            throws: RestoreError.otherNode(
                town.url.path, found: "\(Network.town)#1", wanted: "\(Network.county)#1")
        ) {
            try backup.restore(into: town, replacing: true, now: network.now, entropy: { Data(count: $0) })
        }
        // The same name in another network.
        let other = try Network(seed: 2, [Network.city, Network.county])
        let county = other.directory(Network.county)
        other.drop(Network.county)
        #expect(throws: RestoreError.otherNetwork(county.url.path)) {
            try backup.restore(into: county, replacing: true, now: network.now, entropy: { Data(count: $0) })
        }
        for (network, name) in [(network, Network.town), (other, Network.county)] {
            try network.reopen(name)
            try network.exchange(name)
        }
    }

    @Test func aBackupThatWasChangedIsRefusedBeforeAnythingIsTouched() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county)
        let file = backup.file("replica.sqlite")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: file)
        try network.loseDisk(of: Network.county)
        #expect(throws: BackupError.damaged("replica.sqlite")) { try network.restore(backup, at: Network.county) }
        #expect(!FileManager.default.fileExists(atPath: network.directory(Network.county).url.path))
    }

    /// Whoever was enrolled after the backup keeps its name for itself.
    @Test func ordinalsAreNotGivenTwice() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county)
        try network.enroll(Network.town)
        try network.loseDisk(of: Network.county)
        try network.restore(backup, at: Network.county)
        let first = network[Network.town].name
        try network.enroll(Network.town)
        #expect(network[Network.town].name.ordinal > first.ordinal)
    }
}
