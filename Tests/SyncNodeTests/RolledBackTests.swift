import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing
import Trust

@testable import SyncNode

/// Databases that are older than what their neighbours know of them.
@Suite struct RolledBackTests {
    private func incarnation(_ network: SimulatedNetwork) throws -> UInt64? {
        try network[Network.county].replica.read { try $0.identity?.incarnation }
    }

    @Test func aRelayThatWroteNothingNoticesByWhatItsNeighboursSay() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.settle(rounds: 1)
        let backup = try network.copyOfDisk(Network.county)
        let place = try network.accept(at: Network.town).creation
        try network.settle(rounds: 1)
        let before = try incarnation(network)
        try network.crash(Network.county, leaving: backup)
        // Its anchor cannot tell.
        #expect(try incarnation(network) == before)
        try network.exchange(Network.county)
        #expect(try incarnation(network) != before)
        // The city does not take it for granted any more that the county has what it sent.
        try network.settle(rounds: 1)
        let record = try network[Network.county].replica.read { try $0.record(created: place) }
        #expect(record != nil)
        let settled = try incarnation(network)
        try network.settle(rounds: 2)
        #expect(try incarnation(network) == settled)
        #expect(
            try network.fingerprints(of: Network.town, at: [Network.city, Network.county, Network.town]).count == 1)
    }

    /// A case that the county has decided and told the town of, and the county's disk from before.
    private func decidedBehindABackup() throws -> (network: SimulatedNetwork, place: Place, backup: DiskCopy) {
        let network = try Network([Network.city, Network.county, Network.town])
        let place = try network.accept(at: Network.town, route: [Network.county]).creation
        try network.act(.forward, at: Network.town, on: place, target: Network.county)
        try network.settle(rounds: 1)
        let backup = try network.copyOfDisk(Network.county)
        try network.act(.decide, at: Network.county, on: place, fields: [CaseField.decision: "granted"])
        try network.exchange(Network.town)
        return (network, place, backup)
    }

    @Test func aDecisionThatOnlyAChildStillHasComesBack() throws {
        let (network, _, backup) = try decidedBehindABackup()
        try network.crash(Network.county, leaving: backup)
        try network.settle(rounds: 2)
        for name in [Network.city, Network.county, Network.town] {
            let phase = try network[name].replica.read { try $0.serviceCases(limit: 1) }.first?.phase
            #expect(phase == .decided, "\(name)")
        }
    }

    /// Simulation 20150473: the child's own news, chosen for the database that was lost, moved the cursor of the new
    /// one over what only the child still had.
    @Test func itComesBackThoughTheChildHasNewsOfItsOwn() throws {
        let (network, place, backup) = try decidedBehindABackup()
        let later = try network.accept(at: Network.town, number: 2).creation
        try network.crash(Network.county, leaving: backup)
        try network.settle(rounds: 2)
        for name in [Network.city, Network.county, Network.town] {
            let held = try network[name].replica.read { transaction in
                try [place, later].map { try transaction.record(created: $0).map { try transaction.caseRecord($0) } }
            }
            #expect(held[0]?.state.phase == .decided && held[1]?.state.phase == .accepted, "\(name)")
        }
    }

    @Test func whatOnlyAGrandchildStillHasComesAllTheWayUp() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let place = try network.accept(at: Network.town, route: [Network.county]).creation
        try network.settle(rounds: 1)
        let backups = try [Network.city, Network.county].map(network.copyOfDisk)
        try network.act(.note, at: Network.city, on: place, fields: [CaseField.note + "1": "x"])
        try network.settle(rounds: 1)
        for backup in backups { try network.crash(backup.unit, leaving: backup) }
        try network.settle(rounds: 3)
        for name in [Network.city, Network.county, Network.town] {
            let record = try network[name].replica.read { transaction in
                try transaction.record(created: place).map { try transaction.caseRecord($0) }
            }
            #expect(record?.state.values[CaseField.note + "1"]?.value == "x", "\(name)")
        }
    }

    @Test func anEntryThatOnlyAChildStillHasComesBackThoughTheParentHadSentIt() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.settle(rounds: 1)
        let backups = try [Network.city, Network.county].map(network.copyOfDisk)
        try network[Network.city].enter(
            [
                .grant(
                    .with {
                        $0.unit = Network.town
                        $0.kind = CaseAction.decide.rawValue
                    })
            ], now: network.now)
        try network.settle(rounds: 1)
        let pin = try network[Network.town].replica.read { $0.pin.digest }
        for backup in backups { try network.crash(backup.unit, leaving: backup) }
        try network.settle(rounds: 3)
        for name in [Network.city, Network.county] {
            let known = try network[name].replica.read { $0.charter.contains(pin) }
            #expect(known, "\(name)")
        }
    }

    @Test func bothBranchesOfACharterReachEveryone() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        try network.settle(rounds: 1)
        let backups = try [Network.city, Network.county].map(network.copyOfDisk)
        func grant(_ unit: String) throws {
            try network[Network.city].enter(
                [
                    .grant(
                        .with {
                            $0.unit = unit
                            $0.kind = CaseAction.decide.rawValue
                        })
                ], now: network.now)
        }
        try grant(Network.town)
        try network.settle(rounds: 1)
        for backup in backups { try network.crash(backup.unit, leaving: backup) }
        // The city goes on without what only the town still knows.
        for _ in 0..<3 { try grant(Network.county) }
        try network.settle(rounds: 3)
        let tips = try network.names.map { name in try network[name].replica.read { $0.charter.tips } }
        #expect(Set(tips).count == 1 && tips[0].count == 2)
        let city = network[Network.city]
        let branches = try city.charterBranches()
        #expect(branches.map(\.own.count) == [1, 3] || branches.map(\.own.count) == [3, 1])
        #expect(throws: NodeError.notAuthority) { try city.joinBranches(authority: AuthorityKey.generate()) }
        let key = try city.authorityKey(city.directory.authorityKey)
        #expect(throws: NodeError.notRoot) { try network[Network.county].joinBranches(authority: key) }

        #expect(try city.joinBranches(authority: key) == 1)
        #expect(try city.joinBranches(authority: key) == 0)
        try network.settle(rounds: 1)
        let joined = try network.names.map { name in try network[name].replica.read { $0.charter.tips } }
        #expect(Set(joined).count == 1 && joined[0].count == 1)
        // What is entered from now on stands on both.
        try grant(Network.town)
        try network.settle(rounds: 1)
        for name in network.names {
            let isAbove = try network[name].replica.read { transaction in
                branches.allSatisfy { transaction.charter.isBehind($0.tip.digest, transaction.pin.digest) }
            }
            #expect(isAbove, "\(name)")
        }
    }

    @Test func aChildHearsThatItsParentForgotEverything() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.copyOfDisk(Network.city)
        try network.accept(at: Network.county)
        try network.settle(rounds: 1)
        try network.crash(Network.city, leaving: backup)
        try network.settle(rounds: 2)
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
    }
}
