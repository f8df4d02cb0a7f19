import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A process may die between the commit of a seal and the anchor's note of it.
@Suite struct AnchorBehindTests {
    @Test func theAnchorKnowsWhatLeavesThoughNothingWasOpen() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        let backup = try network.copyOfDisk(Network.county)
        let node = network[Network.county]
        let author = try node.replica.write { transaction in
            let author = try node.author(transaction)
            try transaction.seal(author, key: node.sealKey.key, quoted: .none, time: network.now.seconds)
            return author
        }
        try network.restart(Network.county)
        try network.exchange(Network.county)
        let content = try #require(try Anchor(network.directory(Network.county)).read())
        #expect(content.author == author.description)
        #expect(content.heads == [0, 1, 0])
        try network.crash(Network.county, leaving: backup)
        let after = try network[Network.county].replica.read { try network[Network.county].author($0) }
        #expect(after != author)
    }
}
