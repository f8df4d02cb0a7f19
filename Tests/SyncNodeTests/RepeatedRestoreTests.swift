import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// One backup may be restored more than once; every life of the database writes under a name of its own.
@Suite struct RepeatedRestoreTests {
    private func author(_ network: SimulatedNetwork) throws -> AuthorID {
        try network[Network.county].replica.read { try network[Network.county].author($0) }
    }

    @Test func everyRestoreOfOneBackupIsANewIncarnation() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let backup = try network.copyOfDisk(Network.county)
        var authors = [try author(network)]
        for number in 2...4 {
            try network.accept(at: Network.county, number: number)
            // The first one finds that the city knows this database under another incarnation.
            for _ in 0..<2 { try network.exchange(Network.county) }
            try network.crash(Network.county, leaving: backup)
            authors.append(try author(network))
        }
        #expect(Set(authors).count == 4)
        let depths = try network[Network.county].replica.read { transaction in
            try transaction.opening(of: authors[3])?.opening.depth
        }
        // Above those that the backup knows nothing of.
        #expect(depths == 3)
        try network.accept(at: Network.county, number: 5)
        try network.settle(rounds: 2)
        let forks = try network.journal(of: Network.city).forks
        #expect(forks == 0)
        let cases = try network[Network.city].replica.read { try $0.fingerprint(of: UnitCode(Network.county)!).cases }
        #expect(cases == 5)
    }

    @Test func aRestoreThatHasWrittenNothingIsOneToo() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let backup = try network.copyOfDisk(Network.county)
        try network.accept(at: Network.county, number: 2)
        try network.exchange(Network.county)
        try network.crash(Network.county, leaving: backup)
        let second = try author(network)
        try network.crash(Network.county, leaving: backup)
        #expect(try author(network) != second)
    }

    @Test func aPlainStartIsNone() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let backup = try network.copyOfDisk(Network.county)
        try network.accept(at: Network.county, number: 2)
        try network.exchange(Network.county)
        try network.crash(Network.county, leaving: backup)
        let second = try author(network)
        for number in 3...5 {
            try network.restart(Network.county)
            #expect(try author(network) == second)
            try network.accept(at: Network.county, number: number)
            try network.exchange(Network.county)
        }
    }
}
