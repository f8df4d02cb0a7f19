import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What the charter says after a case has left.
@Suite struct StubsMeanwhileTests {
    private func retired() throws -> (network: Network, cases: [CaseReference]) {
        let network = try Network.forgetful(Network.line + [Network.neighbour])
        let cases = try (1...3).map { try network.closedCase($0) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 2)
        return (network, cases)
    }

    private func expectAlike(_ network: Network, at names: [String], _ location: SourceLocation = #_sourceLocation)
        throws
    {
        #expect(
            try network.fingerprints(of: Network.village, at: names).count == 1, sourceLocation: location)
    }

    /// The heirs of one cut are no heirs of an earlier one, whichever of them a stub knew of.
    @Test func heirsComeInInTheOrderOfTheCuts() throws {
        let (network, _) = try retired()
        // A machine that wrote nothing cannot be named.
        _ = try network.accept(at: Network.town, number: 9)
        try network.settle(rounds: 1)
        for (name, heir) in [(Network.county, Network.city), (Network.town, Network.county)] {
            let author = try network[name].replica.read { try network[name].author($0) }
            let root = network[Network.city]
            let opening = try #require(try root.replica.read { try $0.opening(of: author) })
            let through = try root.replica.read { try $0.gaplessHeads(of: author) }[1]
            let cut = Cut(author: opening.author, through: through, heir: UnitCode(heir))
            try root.enter([.cut(WireCut(cut))], now: network.now)
            try network.enroll(name)
            try network.exchange(name)
            try network.settle(rounds: 2)
            try expectAlike(network, at: [Network.city, Network.village])
            if name == Network.county {
                try network.backUpAll()
                _ = try network.retire(at: Network.village)
            }
        }
        for name in [Network.county, Network.town] { try network.exchange(name, mode: .repairs) }
        try network.settle(rounds: 1)
        try expectAlike(network, at: Network.line)
    }

    /// What a machine wrote that is cut off before it: its case comes back, and stays.
    @Test func whatIsCutComesBack() throws {
        let (network, cases) = try retired()
        let village = network[Network.village], root = network[Network.city]
        let author = try village.replica.read { try village.author($0) }
        let opening = try #require(try root.replica.read { try $0.opening(of: author) })
        try root.enter(
            [.cut(WireCut(Cut(author: opening.author, through: 1, heir: UnitCode(Network.town))))], now: network.now)
        try network.exchange(Network.county)
        try network.exchange(Network.town)
        try network.exchange(Network.neighbour)
        #expect(try network[Network.town].replica.read { try $0.stubCounts().all } == 0)
        try network.enroll(Network.village)
        try network.settle(rounds: 1)
        try network.exchange(Network.village, mode: .repairs)
        try network.backUpAll()
        #expect(try network.retire(at: Network.town).kept[.cut] ?? 0 > 0)
        let found = try network[Network.village].replica.read { try $0.serviceCase(receipt: cases[1].receipt) }
        #expect(found != nil)
        try expectAlike(network, at: Network.line)
    }

    /// Closed cases that have left the unit above concern an heir as well.
    @Test func anHeirIsToldWhatHasLeft() throws {
        let (network, cases) = try retired()
        #expect(try network.retire(at: Network.town).retired > 0)
        let root = network[Network.city]
        let opening = try #require(
            try root.replica.read { try $0.openings(ofUnit: UnitCode(Network.village)!).first })
        let through = try root.replica.read { try $0.gaplessHeads(of: opening.author.id) }[1]
        let cut = Cut(author: opening.author, through: through, heir: UnitCode(Network.neighbour))
        try root.enter([.cut(WireCut(cut))], now: network.now)
        for name in [Network.county, Network.town, Network.neighbour] { try network.exchange(name) }
        // What the town's parent has all of needs no comparison.
        for (name, mode) in [(Network.town, LinkMode.usual), (Network.neighbour, .repairs)] {
            let wished = try network[name].linkMode(now: network.time(at: name)).mode
            #expect(wished == mode, "\(name)")
            try network.exchange(name, mode: wished)
        }
        try expectAlike(network, at: [Network.city, Network.county, Network.town, Network.neighbour])
        let known = try network[Network.neighbour].replica.read { transaction in
            try cases.filter { try transaction.serviceCase(receipt: $0.receipt) != nil }.count
                + transaction.stubCounts().all
        }
        #expect(known == cases.count)
    }
}
