import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A restore that is refused has touched nothing, and none throws aside what lies nowhere else.
@Suite struct RefusedRestoreTests {
    /// As `terrace restore` with `--replace`.
    @discardableResult
    private func replace(
        _ network: SimulatedNetwork, _ name: String = Network.county, by backup: Backup, losingUnsent: Bool = false
    ) throws -> Restoration {
        try backup.restore(
            into: network.directory(name), replacing: true, losingUnsent: losingUnsent, now: network.now,
            entropy: { count in Data((0..<count).map { _ in UInt8.random(in: .min ... .max) }) })
    }

    private func refuses<E: Error & Equatable>(
        _ error: E, _ directory: NodeDirectory, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void
    ) throws {
        let before = try directory.content()
        #expect(throws: error, sourceLocation: sourceLocation, performing: body)
        #expect(try directory.content() == before, sourceLocation: sourceLocation)
    }

    private func stop(_ network: SimulatedNetwork, _ name: String = Network.county) throws {
        try network[name].replica.close()
        network.drop(name)
    }

    @Test func workThatLiesNowhereElseIsNotReplaced() throws {
        let network = try Network([Network.city, Network.county])
        let directory = network.directory(Network.county)
        let backup = try network.backUp(Network.county)
        try network.accept(at: Network.county, number: 1)
        try network[Network.county].seal(now: network.now)
        try network.accept(at: Network.county, number: 2)
        try stop(network)
        // Whether or not its keys are there.
        try refuses(RestoreError.unsent(directory.url.path, 2, isRoot: false), directory) {
            try replace(network, by: backup)
        }
        let key = try Data(contentsOf: directory.nodeKey)
        try FileManager.default.removeItem(at: directory.nodeKey)
        try refuses(RestoreError.unsent(directory.url.path, 2, isRoot: false), directory) {
            try replace(network, by: backup)
        }
        try key.write(to: directory.nodeKey)
        // It has been sent.
        try network.reopen(Network.county)
        try network.settle(rounds: 2)
        try stop(network)
        try replace(network, by: backup).node.replica.close()
        try network.reopen(Network.county)
        try network.settle(rounds: 2)
        #expect(try network[Network.county].replica.read { try $0.serviceCases(limit: 10).count } == 2)
    }

    @Test func whoSaysSoLosesIt() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county)
        try network.accept(at: Network.county, number: 1)
        try stop(network)
        let restored = try replace(network, by: backup, losingUnsent: true)
        #expect(try restored.node.replica.read { try $0.serviceCases(limit: 10).isEmpty })
        #expect(restored.setAside.count == 1)
    }

    @Test func whatTheBackupHoldsIsNotLost() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        let backup = try network.backUp(Network.county)
        try stop(network)
        let first = try replace(network, by: backup)
        #expect(try first.node.replica.read { try $0.serviceCases(limit: 10).count } == 1)
        // The next life has written under another name.
        try first.node.replica.close()
        try network.reopen(Network.county)
        try network.accept(at: Network.county, number: 2)
        try stop(network)
        let directory = network.directory(Network.county)
        try refuses(RestoreError.unsent(directory.url.path, 1, isRoot: false), directory) {
            try replace(network, by: backup)
        }
    }

    /// Who wrote it has it until it is backed up above.
    @Test func whatCameFromBelowIsNotLost() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let backup = try network.backUp(Network.county)
        try network.accept(at: Network.town, number: 1)
        try network.exchange(Network.town)
        #expect(try network.unsent(at: Network.county) == 1)
        try stop(network)
        try replace(network, by: backup).node.replica.close()
        try network.reopen(Network.county)
        try network.settle()
        #expect(try network[Network.city].replica.read { try $0.serviceCases(limit: 10).count } == 1)
    }

    /// Nobody is above who could have confirmed it.
    @Test func atTheRootAllCountsThatTheBackupLacks() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.city, number: 1, route: [Network.county])
        let backup = try network.backUp(Network.city)
        try network.accept(at: Network.city, number: 2, route: [Network.county])
        try stop(network, Network.city)
        let directory = network.directory(Network.city)
        try refuses(RestoreError.unsent(directory.url.path, 1, isRoot: true), directory) {
            try replace(network, Network.city, by: backup)
        }
        let words = RestoreError.unsent("x", 1, isRoot: true).words[.english]
        #expect(words.contains("holds 1 change set that") && !words.contains("unit above") && !words.contains("sync"))
        #expect(RestoreError.unsent("x", 1, isRoot: false).words[.english].contains("terrace bundle import"))
        #expect(try replace(network, Network.city, by: backup, losingUnsent: true).depth == 1)
    }

    /// Set aside when the node went on without it, and shown to nobody yet.
    @Test func whatRestsUnseenIsNotReplaced() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county, as: "one")
        try network.accept(at: Network.county, number: 1)
        let copy = try network.copyOfDisk(Network.county)
        try network[Network.county].seal(now: network.now)
        try network.crash(Network.county, leaving: copy)
        #expect(try network[Network.county].replica.read { try $0.countOfRestingUnseen() } == 1)
        let later = try network.backUp(Network.county, as: "two")
        try stop(network)
        let directory = network.directory(Network.county)
        try refuses(RestoreError.resting(directory.url.path, 1), directory) { try replace(network, by: backup) }
        // There it goes on resting.
        let restored = try replace(network, by: later)
        #expect(restored.resting == 1)
        try restored.node.replica.write { try $0.noteRestingSeen(time: 7) }
        try restored.node.replica.close()
        #expect(try replace(network, by: backup).resting == 0)
    }

    /// As it is where others write all the time that a backup is made.
    private func holdingUnsealed(_ made: Backup, _ network: SimulatedNetwork) throws -> Backup {
        let (file, manifest) = (made.file("replica.sqlite"), made.file("manifest.json"))
        let before = Digest32(hashing: try Data(contentsOf: file)).description
        try FileManager.default.removeItem(at: file)
        _ = try #require(try network[Network.county].replica.copy(to: file.path, time: network.now.seconds))
        let after = Digest32(hashing: try Data(contentsOf: file)).description
        try Data(String(contentsOf: manifest, encoding: .utf8).replacing(before, with: after).utf8).write(to: manifest)
        return try Backup(at: made.folder)
    }

    /// Whether its author still wrote then, and whatever its case has become since.
    @Test func whatRestsHereAndStandsInTheBackupIsNotLost() throws {
        let network = try Network([Network.city, Network.county])
        let sent = try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 2)
        let made = try network.backUp(Network.county, as: "one")
        try network.act(.note, at: Network.county, on: sent.creation, fields: [CaseField.note + "1": "x"])
        let written = try holdingUnsealed(made, network)
        let copy = try network.copyOfDisk(Network.county)
        try network[Network.county].seal(now: network.now)
        try network.crash(Network.county, leaving: copy)
        #expect(try network[Network.county].replica.read { try $0.placesOfRestingUnseen() }.count == 1)
        let resting = try network.backUp(Network.county, as: "two")
        try network.act(.amend, at: Network.county, on: sent.creation, fields: [CaseField.applicantName: "y"])
        try network.settle(rounds: 2)
        try stop(network)
        let directory = network.directory(Network.county)
        let today = try directory.content()
        for backup in [written, resting] {
            for name in try directory.content().keys {
                try FileManager.default.removeItem(at: directory.url.appending(path: name))
            }
            for (name, content) in today { try content.write(to: directory.url.appending(path: name)) }
            let restored = try replace(network, by: backup)
            #expect(restored.resting == 1)
            try restored.node.replica.close()
        }
    }

    @Test func whatIsRefusedForOtherReasonsStaysToo() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let backup = try network.backUp(Network.county)
        let county = network.directory(Network.county)
        try stop(network)
        try refuses(RestoreError.holdsReplica(county.url.path), county) {
            _ = try backup.restore(into: county, now: network.now, entropy: { Data(count: $0) })
        }
        // Also of a node that has lost its key.
        try stop(network, Network.town)
        let town = network.directory(Network.town)
        try FileManager.default.removeItem(at: town.nodeKey)
        let otherNode = RestoreError.otherNode(
            town.url.path, found: "\(Network.town)#1", wanted: "\(Network.county)#1")
        try refuses(otherNode, town) { try replace(network, Network.town, by: backup) }
        for language in Language.allCases {
            let words = otherNode.words[language]
            #expect(words.contains("--keys") && words.contains("seal.key") && words.contains("certificates.pem"))
        }

        let elsewhere = try Network(seed: 2, [Network.city, Network.county])
        try stop(elsewhere)
        let other = elsewhere.directory(Network.county)
        try refuses(RestoreError.otherNetwork(other.url.path), other) { try replace(elsewhere, by: backup) }
    }

    @Test func theFolderOfABackupIsNoPlace() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county, as: "one")
        let copy = NodeDirectory(try network.backUp(Network.county, as: "two").folder)
        try refuses(NodeError.isBackup(copy.url.path), copy) {
            _ = try backup.restore(into: copy, replacing: true, now: network.now, entropy: { Data(count: $0) })
        }
        try refuses(NodeError.isBackup(copy.url.path), copy) {
            _ = try backup.restoreKeys(into: copy, now: network.now)
        }
    }
}
