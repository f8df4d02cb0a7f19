import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a child is told of how far its journals lie in a backup above, without which nothing may leave its own disk.
@Suite struct BackedUpTests {
    private func told(_ network: SimulatedNetwork, _ name: String = Network.county) throws -> [UInt64] {
        try network[name].replica.read { try $0.backedUpAbove() }
    }

    /// As if the disks were two.
    private func backUp(_ network: SimulatedNetwork, _ name: String, isOnOtherDisk: Bool = true) throws {
        let node = network[name]
        let backup = try network.backUp(name, as: "\(network.now.seconds)")
        try node.replica.write { transaction in
            try transaction.note(
                backup.row(isOnOtherDisk: isOnOtherDisk), holding: transaction.allGaplessHeads(),
                received: transaction.receivedCasework())
        }
        network.pass(seconds: 1)
    }

    @Test func itFollowsTheBackupAndNotTheData() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        #expect(try told(network) == [])
        try backUp(network, Network.city, isOnOtherDisk: false)
        try network.settle(rounds: 1)
        #expect(try told(network) == [])
        try backUp(network, Network.city)
        try network.exchange(Network.county)
        #expect(try told(network) == [0, 1, 0])
        try network.accept(at: Network.county, number: 2)
        try network.settle(rounds: 1)
        #expect(try told(network) == [0, 1, 0])
        // A later one on the same disk takes nothing away and adds nothing.
        try backUp(network, Network.city, isOnOtherDisk: false)
        try network.settle(rounds: 1)
        #expect(try told(network) == [0, 1, 0])
        try backUp(network, Network.city)
        try network.exchange(Network.county)
        #expect(try told(network) == [0, 2, 0])
        let quoted = try network[Network.county].replica.read { try $0.quotedAcknowledgement() }
        #expect(quoted.heads == [0, 2, 0])
    }

    @Test func anIdleExchangeDoesNotRepeatIt() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        try backUp(network, Network.city)
        try network.exchange(Network.county)
        let idle = try #require(try network.exchange(Network.county)).child
        #expect(idle.receivedBytes < 24, "\(idle.receivedBytes)")
        #expect(try told(network) == [0, 1, 0])
    }

    @Test func aNewIncarnationBeginsAgain() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        try backUp(network, Network.city)
        try network.exchange(Network.county)
        let backup = try network.backUp(Network.county)
        network.drop(Network.county)
        try network.restore(backup, at: Network.county)
        try network.accept(at: Network.county, number: 2)
        try network.settle(rounds: 2)
        #expect(try told(network) == [0, 0, 0])
        try backUp(network, Network.city)
        try network.exchange(Network.county)
        #expect(try told(network) == [0, 1, 0])
    }

    /// A parent that was restored from it says no more than what was in it.
    @Test func aRestoredParentSaysWhatItsBackupHas() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        let backup = try network.backUp(Network.city)
        try network.accept(at: Network.county, number: 2)
        try network.settle(rounds: 1)
        try network.loseDisk(of: Network.city)
        try network.restore(backup, at: Network.city)
        let remembered = try network[Network.city].replica.read { try $0.backups() }
        #expect(remembered.map(\.place) == [backup.folder.path])
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.serviceCases(limit: 10).count } == 2)
        #expect(try told(network) == [])
    }

    @Test(.enabled(if: OtherDisk.folder != nil, "this machine has one disk")) func theDisksAreToldApart() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        let target = try #require(OtherDisk.folder).appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: target) }
        let far = try network.backUp(Network.city, to: target, as: "far")
        let near = try network.backUp(Network.city, as: "near")
        #expect(far.manifest.isOnOtherDisk && !near.manifest.isOnOtherDisk)
        let remembered = try network[Network.city].replica.read { try $0.backups() }
        #expect(remembered.map(\.isOnOtherDisk) == [true, false])
        try network.exchange(Network.county)
        #expect(try told(network) == [0, 1, 0])
    }
}
