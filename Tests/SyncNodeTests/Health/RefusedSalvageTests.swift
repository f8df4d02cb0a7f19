import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Salvages that are refused: the folder is as it was.
@Suite struct RefusedSalvageTests {
    /// A county that is switched off with a case that the city has, and some that it has not.
    private func network(unsent: Int) throws -> SimulatedNetwork {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        for number in 0..<unsent { try network.accept(at: Network.county, number: 100 + number) }
        try network[Network.county].replica.close()
        return network
    }

    @Test(arguments: ["anchor", "node.key", "seal.key"])
    func withAnotherNodesFileNothingIsLeftBehindUnasked(_ name: String) throws {
        let network = try network(unsent: 2)
        let directory = network.directory(Network.county)
        let file = directory.url.appending(path: name), right = try Data(contentsOf: file)
        try Data(contentsOf: network.directory(Network.city).url.appending(path: name)).write(to: file)
        let before = try Data(contentsOf: directory.replica)
        let refusal =
            name == "anchor"
            ? NodeError.anchorOther(directory.anchor.path, unsealed: 2, isSalvaged: true) : .otherKey(file.path)
        #expect(throws: refusal) { try network.salvage(Network.county) }
        #expect(try Data(contentsOf: directory.replica) == before && network.tracesOfSalvage(Network.county).isEmpty)
        try right.write(to: file)
        try network.reopen(Network.county)
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 3)
    }

    @Test func aBackupIsNotSalvaged() throws {
        let network = try network(unsent: 0)
        try network.reopen(Network.county)
        let folder = try network.backUp(Network.county).folder
        let before = try Data(contentsOf: folder.appending(path: "replica.sqlite"))
        #expect(throws: NodeError.isBackup(folder.path)) {
            try Node.salvage(
                NodeDirectory(folder), now: network.now, entropy: { Data(repeating: 7, count: $0) }, progress: { _ in })
        }
        #expect(try Data(contentsOf: folder.appending(path: "replica.sqlite")) == before)
    }

    @Test func aDatabaseOfANewerProgramIsLeftToIt() throws {
        let network = try network(unsent: 1)
        let directory = network.directory(Network.county)
        let queue = try DatabaseQueue(path: directory.replica.path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        try queue.close()
        #expect(throws: ReplicaError.newer(directory.replica.path)) { try network.salvage(Network.county) }
        #expect(try network.tracesOfSalvage(Network.county).isEmpty)
    }

    /// An attempt of long ago was stopped, and the node went on with the file that was not damaged so much then.
    @Test func whatWasSavedLongAgoTakesNoPlace() throws {
        let network = try network(unsent: 1)
        let directory = network.directory(Network.county)
        let ready = URL(filePath: directory.replica.path + ".ready")
        try FileManager.default.copyItem(at: directory.replica, to: ready)
        let handle = try FileHandle(forUpdating: directory.replica)
        try handle.write(contentsOf: Data(repeating: 0x5a, count: 4096))
        try handle.close()
        let before = try Data(contentsOf: directory.replica)
        #expect(throws: SalvageError.self) { try network.salvage(Network.county) }
        #expect(try Data(contentsOf: directory.replica) == before)
    }
}
