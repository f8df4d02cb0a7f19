import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

extension SimulatedNetwork {
    /// The clerk of the village sits at its original machine, which has come less far than the line of the copy that it
    /// holds.
    static func overtaken() throws -> SimulatedNetwork {
        let network = try SimulatedNetwork([city, county, town, village])
        try network.accept(at: village, number: 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(village)
        try network.accept(at: village, number: 2)
        let original = try network.sit(village, at: copy)
        for number in 3..<12 { try network.accept(at: village, number: number) }
        for machine in [copy, original, copy, original] {
            try network.sit(village, at: machine)
            try network.settle(rounds: 1)
        }
        return network
    }
}

/// What the anchor says of a machine that holds the line of another one under its name.
@Suite struct ForkedAnchorTests {
    private func author(_ network: Network) throws -> AuthorID {
        try network[Network.village].replica.read { try network[Network.village].author($0) }
    }

    private func sealed(_ network: Network) throws -> [UInt64]? {
        try Anchor(network.directory(Network.village)).read()?.heads
    }

    /// It would give the numbers a third time.
    @Test func anOlderImageIsNoticedThoughTheOtherLineIsLonger() throws {
        let network = try Network.overtaken()
        let image = try network.copyOfDisk(Network.village)
        let before = try author(network)
        try network.accept(at: Network.village, number: 20)
        try network.settle(rounds: 1)
        try network.crash(Network.village, leaving: image)
        #expect(try author(network) != before)
        try network.accept(at: Network.village, number: 21)
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.forkEvidence() }.map(\.branches.count) == [2])
    }

    @Test func aRestartIsNoOlderImage() throws {
        let network = try Network.overtaken()
        let before = try author(network)
        try network.accept(at: Network.village, number: 20)
        try network.restart(Network.village)
        #expect(try author(network) == before)
        #expect(try network[Network.village].replica.read { try $0.unsentOfEarlierIncarnations() } == 0)
    }

    /// It went on behind what the copy had sealed, as its own, before it knew of two lines.
    @Test func whoHasGoneOnBehindTheOtherLineIsNoOlderImage() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.village)
        let original = try network.sit(Network.village, at: copy)
        for number in 2..<5 { try network.accept(at: Network.village, number: number) }
        try network.settle(rounds: 1)
        try network.sit(Network.village, at: original)
        try network.settle(rounds: 2)
        let before = try author(network)
        #expect(try network.accept(at: Network.village, number: 5).creation.sequence == 5)
        try network.restart(Network.village)
        #expect(try author(network) == before)
        try network.settle(rounds: 1)
        try network.restart(Network.village)
        #expect(try author(network) == before)
        #expect(try network.fingerprints(of: Network.village, at: [Network.city, Network.village]).count == 1)
    }

    /// It was given back one line, which nothing contradicted, and hears of another one afterwards.
    @Test func whoTookAnothersLineForTheOnlyOneGoesOn() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let second = try network.clone(Network.village)
        let third = try network.clone(Network.village)
        for number in 2..<5 { try network.accept(at: Network.village, number: number) }
        try network.settle(rounds: 1)
        try network.sit(Network.village, at: second)
        try network.settle(rounds: 2)
        let before = try author(network)
        #expect(try sealed(network) == [0, 4, 0])
        try network.sit(Network.village, at: third)
        try network.accept(at: Network.village, number: 5)
        try network.settle(rounds: 2)
        try network.sit(Network.village, at: second)
        try network.settle(rounds: 1)
        #expect(try sealed(network) == [0, 1, 0])
        try network.accept(at: Network.village, number: 6)
        try network.settle(rounds: 2)
        #expect(try sealed(network) == [0, 2, 0])
        try network.accept(at: Network.village, number: 7)
        try network.restart(Network.village)
        #expect(try author(network) == before)
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: Network.village, at: [Network.city, Network.village]).count == 1)
    }
}
