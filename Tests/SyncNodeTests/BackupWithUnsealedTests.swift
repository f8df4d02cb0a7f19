import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A backup may hold change sets that were not sealed when it was made.
@Suite struct BackupWithUnsealedTests {
    @Test func whatComesAfterARestoreIsSent() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        let backup = try network.copyOfDisk(Network.county)
        try network.exchange(Network.county)
        try network.crash(Network.county, leaving: backup)
        let later = try network.accept(at: Network.county, number: 3)
        try network.settle(rounds: 2)
        let found = try network[Network.city].replica.read { try $0.serviceCase(receipt: later.receipt) }
        #expect(found != nil)
        #expect(try network[Network.county].replica.read { try $0.unsentOfEarlierIncarnations() } == 1)
        #expect(try network[Network.city].replica.read { try $0.unsentOfEarlierIncarnations() } == 0)
    }
}
