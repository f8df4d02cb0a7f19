import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A row by which something is owed has become unreadable: the link goes on, and what was owed comes by a comparison.
@Suite struct WrongWideningHealedTests {
    @Test func whatItOwedIsBrought() throws {
        let network = try Network()
        let place = try network.accept(at: Network.village, number: 1, route: [Network.town]).creation
        try network.settle()
        try network.act(.forward, at: Network.village, on: place, target: Network.branch)
        for name in [Network.village, Network.town, Network.county] { try network.exchange(name) }
        let ofBranch = "widening WHERE unit = '\(Network.branch)'"
        try network.change(
            Network.city, "UPDATE widening SET unit = '!' WHERE position = (SELECT max(position) FROM \(ofBranch))")
        let city = network[Network.city]
        try network.exchange(Network.branch)
        #expect(!city.replica.damage.notes.isEmpty)
        #expect(try city.takeOutDamage(now: network.now).widenings == 1)
        #expect(city.replica.damage.notes.isEmpty)
        try network.exchange(Network.branch)
        try network.settle()
        let all = [Network.village, Network.town, Network.county, Network.city, Network.branch]
        #expect(try network.fingerprints(of: Network.village, at: all).count == 1)
        #expect(try network.journal(of: Network.branch).forks == 0)
    }
}
