import ChangeSet
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// An exchange stays open for days, and one with each child: what was compared does not stay with it.
@Suite struct ComparisonMemoryTests {
    @Test(arguments: [true, false]) func whatWasComparedIsLetGo(isEqual: Bool) throws {
        let network = try Network([Network.city, Network.county])
        for number in 1...3 { try network.accept(at: Network.county, number: number) }
        try network.settle(rounds: 1)
        if !isEqual { try network.accept(at: Network.county, number: 4) }
        let (city, county) = (network[Network.city], network[Network.county])
        var upper = LinkReplica(node: city, neighbour: county.name, isAbove: true)
        upper.peer = try city.replica.read {
            try $0.latestPeer(unit: county.name.unit, node: county.name.ordinal)
        }
        var lower = LinkReplica(node: county, neighbour: city.name, isAbove: false, mode: .repairs)
        _ = try lower.lastKnown()
        var ends = [upper, lower]
        var at = 0
        // The child asks, and says nothing yet.
        var message: WireComparison? = WireComparison()
        while let said = message {
            message = try ends[at].compare(said, now: network.now).reply
            at = 1 - at
            if message != nil { #expect(ends[1 - at].comparing != nil) }
        }
        for end in ends {
            let comparing = try #require(end.comparing)
            #expect(comparing.isOver && comparing.search == nil)
            #expect(comparing.report.isProven == isEqual)
        }
        #expect(ends[1].comparing?.report.lackingThere == (isEqual ? 0 : 1))
    }
}
