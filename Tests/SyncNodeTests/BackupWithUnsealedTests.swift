import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A backup may hold change sets that were not sealed when it was made.
@Suite struct BackupWithUnsealedTests {
    private func unsent(_ network: SimulatedNetwork) throws -> Int {
        try network[Network.county].replica.read { try $0.unsentOfEarlierIncarnations() }
    }

    private func cases(_ network: SimulatedNetwork, at name: String) throws -> Int {
        try network[name].replica.read { try $0.fingerprint(of: UnitCode(Network.county)!).cases }
    }

    private func isHeldOnce(_ network: SimulatedNetwork, at name: String) throws -> Bool {
        let rows = try network.journal(of: name).rows
        return Set(rows.map(\.place)).count == rows.count && rows.allSatisfy(\.counts)
    }

    private func checkAgreement(_ network: SimulatedNetwork, at names: [String]) throws {
        #expect(try network.fingerprints(of: Network.county, at: names).count == 1)
        for name in names {
            #expect(try isHeldOnce(network, at: name), "\(name)")
            #expect(try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
    }

    @Test func whatWasSealedLaterComesBackAndIsHeldOnce() throws {
        let network = try Network([Network.city, Network.county])
        let first = try network.accept(at: Network.county, number: 1)
        let backup = try network.copyOfDisk(Network.county)
        try network.exchange(Network.county)
        try network.crash(Network.county, leaving: backup)
        // Nobody could be sent it from here, so that nothing may be built upon it before it is back.
        #expect(try unsent(network) == 1)
        #expect(try cases(network, at: Network.county) == 0)
        #expect(throws: NodeError.self) { try network.act(.withdraw, at: Network.county, on: first.creation) }
        let later = try network.accept(at: Network.county, number: 3)
        try network.settle(rounds: 2)
        #expect(try unsent(network) == 0)
        for receipt in [first.receipt, later.receipt] {
            for name in [Network.city, Network.county] {
                let found = try network[name].replica.read { try $0.serviceCase(receipt: receipt) }
                #expect(found != nil, "\(name) \(receipt)")
            }
        }
        try checkAgreement(network, at: [Network.city, Network.county])
        try network.act(.withdraw, at: Network.county, on: first.creation)
    }

    @Test func theRunsThatComeBackMayHaveOtherBounds() throws {
        let network = try Network([Network.city, Network.county])
        for number in 1...3 { try network.accept(at: Network.county, number: number) }
        let backup = try network.copyOfDisk(Network.county)
        let place = try network.accept(at: Network.county, number: 4).creation
        try network.act(.note, at: Network.county, on: place, fields: [CaseField.note + "1": "x"])
        try network.exchange(Network.county)
        try network.crash(Network.county, leaving: backup)
        try network.settle(rounds: 2)
        #expect(try cases(network, at: Network.county) == 4)
        try checkAgreement(network, at: [Network.city, Network.county])
    }

    @Test func aPartThatOthersMaySeeComesBackByItself() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let mine = try network.accept(at: Network.county, number: 1)
        let theirs = try network.accept(at: Network.county, number: 2, route: [Network.town])
        let backup = try network.copyOfDisk(Network.county)
        // The town alone hears of it, and only of its own case; then the disk is gone.
        try network.exchange(Network.town)
        try network.crash(Network.county, leaving: backup)
        #expect(try unsent(network) == 2)
        try network.settle(rounds: 3)
        #expect(try unsent(network) == 1)
        for name in [Network.city, Network.county, Network.town] {
            let found = try network[name].replica.read {
                (try $0.serviceCase(receipt: theirs.receipt), try $0.serviceCase(receipt: mine.receipt))
            }
            #expect(found.0 != nil && found.1 == nil, "\(name)")
        }
        #expect(
            try network.fingerprints(of: Network.county, at: [Network.city, Network.county, Network.town]).count == 1)
    }

    @Test func whatNobodyElseHasIsKeptAndHoldsNothingUp() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        let backup = try network.copyOfDisk(Network.county)
        try network[Network.county].seal(now: network.now)
        try network.crash(Network.county, leaving: backup)
        let later = try network.accept(at: Network.county, number: 2)
        try network.settle(rounds: 2)
        #expect(try unsent(network) == 1)
        let found = try network[Network.city].replica.read { try $0.serviceCase(receipt: later.receipt) }
        #expect(found != nil)
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
        #expect(try network[Network.county].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    @Test func theRootForgetsAnEntryThatItNeverSealed() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        let grant = WireCharterEntry.OneOf_Change.grant(
            .with {
                $0.unit = Network.village
                $0.kind = CaseAction.decide.rawValue
            })
        try network[Network.city].enter([grant], now: network.now)
        let backup = try network.copyOfDisk(Network.city)
        try network[Network.city].seal(now: network.now)
        try network.crash(Network.city, leaving: backup)
        // Had it gone on from that entry, nobody could ever read what it writes next.
        try network[Network.city].enter([grant], now: network.now)
        try network.settle(rounds: 2)
        let pins = try [Network.city, Network.village].map { try network[$0].replica.read { $0.pin.digest } }
        #expect(Set(pins).count == 1)
        #expect(try network[Network.city].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }
}
