import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// The database of another node beside the keys of this one.
@Suite struct OtherDatabaseTests {
    private static let names = [Network.city, Network.county, Network.town]
    private static let entropy: @Sendable (Int) -> Data = { Data((0..<$0).map { _ in .random(in: 0...255) }) }

    private func codes(_ directory: NodeDirectory, _ now: Moment) -> [String] {
        Examination(NodeFacts(directory, service: ServiceFacts(isServed: false, hasUplink: true), now: now))
            .findings.map(\.code)
    }

    /// Puts the database of one node in the place of another's, and expects that nothing is begun with it.
    private func expectRefused(_ file: URL, in directory: NodeDirectory, now: Moment, as error: NodeError) throws {
        let anchor = try Data(contentsOf: directory.anchor)
        let own = try Data(contentsOf: directory.replica)
        try FileManager.default.removeItem(at: directory.replica)
        try FileManager.default.copyItem(at: file, to: directory.replica)
        #expect(throws: error) { _ = try Node(directory, now: now, entropy: Self.entropy) }
        let codes = codes(directory, now)
        #expect(codes.contains("database.other") && !codes.contains("backup.none"), "\(codes)")
        #expect(try Data(contentsOf: directory.anchor) == anchor)
        let queue = try DatabaseQueue(path: directory.replica.path)
        let depth = try queue.read {
            try Int.fetchOne($0, sql: "SELECT max(depth) FROM author WHERE id = (SELECT author FROM node)")
        }
        try queue.close()
        #expect(depth == 0)
        try own.write(to: directory.replica)
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: directory.replica.path + suffix) }
        try Node(directory, now: now, entropy: Self.entropy).replica.close()
    }

    @Test func anotherMachinesDatabaseIsNotOpened() throws {
        let network = try Network(Self.names)
        try network.accept(at: Network.town, number: 1)
        try network.settle(rounds: 1)
        for name in Self.names { try network[name].replica.close() }
        let directory = network.directory(Network.county)
        let error = NodeError.otherDatabase(
            directory.replica.path, of: "\(Network.town)#1", network: nil, keys: "\(Network.county)#1")
        for language in Language.allCases {
            #expect(error.words[language].contains("\(Network.town)#1"))
            #expect(error.words[language].contains("\(Network.county)#1"))
        }
        try expectRefused(network.directory(Network.town).replica, in: directory, now: network.now, as: error)
    }

    @Test func aDatabaseOfAnotherNetworkIsNotOpened() throws {
        let networks = [try Network(seed: 1, Self.names), try Network(seed: 2, Self.names)]
        let called = networks[1][Network.city].genesis.network
        for network in networks {
            for name in Self.names { try network[name].replica.close() }
        }
        let directory = networks[0].directory(Network.county), now = networks[0].now
        let other = networks[1].directory(Network.county).replica
        let error = NodeError.otherDatabase(
            directory.replica.path, of: "\(Network.county)#1", network: called, keys: "\(Network.county)#1")
        try expectRefused(other, in: directory, now: now, as: error)
    }

    @Test func aSalvageOfItPutsNothingInPlace() throws {
        let network = try Network(Self.names)
        try network.settle(rounds: 1)
        for name in Self.names { try network[name].replica.close() }
        let directory = network.directory(Network.county)
        try FileManager.default.removeItem(at: directory.replica)
        try FileManager.default.copyItem(at: network.directory(Network.town).replica, to: directory.replica)
        let before = try Data(contentsOf: directory.replica)
        let error = NodeError.otherDatabase(
            directory.replica.path, of: "\(Network.town)#1", network: nil, keys: "\(Network.county)#1")
        #expect(throws: error) { try network.salvageAsItLies(Network.county) }
        #expect(try Data(contentsOf: directory.replica) == before && network.tracesOfSalvage(Network.county).isEmpty)
    }

    /// Its database is renamed before its certificates are put in place.
    @Test func whoIsEnrolledAgainIsLetIn() throws {
        let network = try Network(Self.names)
        try network.settle(rounds: 1)
        let before = network.directory(Network.county).replica
        let copy = before.appendingPathExtension("before")
        try network[Network.county].replica.close()
        try FileManager.default.copyItem(at: before, to: copy)
        try network.reopen(Network.county)
        try network.enrollAgain(Network.county)
        #expect(network[Network.county].name.ordinal > 1)
        let keys = network[Network.county].name.ordinal
        try network[Network.county].replica.close()
        let directory = network.directory(Network.county)
        #expect(!codes(directory, network.now).contains("database.other"))
        // The database that it had under the name before is another node's.
        try FileManager.default.removeItem(at: directory.replica)
        try FileManager.default.copyItem(at: copy, to: directory.replica)
        #expect(
            throws: NodeError.otherDatabase(
                directory.replica.path, of: "\(Network.county)#1", network: nil, keys: "\(Network.county)#\(keys)")
        ) { _ = try Node(directory, now: network.now, entropy: Self.entropy) }
    }

    /// Keys that wait for the database to be renamed wait for this node's.
    @Test func waitingKeysAreNotTakenForAnotherUnitsDatabase() throws {
        let network = try Network(Self.names)
        let county = network[Network.county]
        let (genesis, identity) = try county.replica.founded()
        try county.directory.writeNext(county.nodeKey, county.sealKey, network[Network.town].chain)
        let certificates = try Data(contentsOf: county.directory.certificates)
        // The ordinal is the same, and the unit is not.
        try county.directory.takeNext { $0.isOwner(of: identity, in: genesis) }
        #expect(try Data(contentsOf: county.directory.certificates) == certificates)
    }
}
