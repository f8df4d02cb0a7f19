import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Cuts of forked journals that cannot name, or did not know, all of the line that is kept.
@Suite struct CutOfALongLineTests {
    private static let above = [Network.city, Network.county, Network.town]
    private static let all = above + [Network.village]

    /// A village of which there are two machines of one disk, and the name of the copy.
    private func cloned() throws -> (network: Network, copy: String) {
        let network = try Network(Self.all)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        return (network, try network.clone(Network.village))
    }

    private func lines(_ network: Network) throws -> [ForkBranch] {
        try network[Network.city].replica.read { try $0.forkEvidence() }.first?.branches ?? []
    }

    /// The applicants of the cases whose acceptance waits for an answer.
    private func waiting(_ network: Network, at name: String) throws -> [String] {
        try network[name].replica.read { try $0.serviceCases(limit: 99).filter { $0.phase == nil }.map(\.applicant) }
            .sorted()
    }

    private func admitAll(_ network: Network) throws {
        let node = network[Network.village]
        let records = try node.replica.read {
            try $0.serviceCases(limit: 99).filter { $0.phase == nil }.map(\.record)
        }
        for record in records {
            var answer = CaseStep(.answer, day: network.now.day, actor: "c05")
            answer.admits = try node.replica.read { try $0.caseRecord(record).state.proposals }
            _ = try node.act(answer, on: record, now: network.now)
        }
    }

    /// It ends within a sealed run, and what is beyond is the heir's to answer, as is the other line.
    @Test func theFirstPartStandsAndTheRestIsProposed() throws {
        let (network, copy) = try cloned()
        for number in 2...6 { try network.accept(at: Network.village, number: number) }
        let original = try network.sit(Network.village, at: copy)
        try network.accept(at: Network.village, number: 7)
        for machine in [original, copy, original, copy] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        let line = try #require(try lines(network).first { $0.changeSets == 5 })
        let wish = CutWish(unit: try #require(UnitCode(Network.village)), ordinal: 1, keeping: line.name)
        let outcome = try network[Network.city].cut(wish, naming: 2, now: network.now)
        #expect(outcome == CutOutcome(through: line.links[1].sequence, heir: wish.unit, standing: 2, beyond: 3))
        let standing = CutError.StandingCut(node: "\(Network.village)#1", through: outcome.through, line: line.name)
        #expect(throws: CutError.final(standing)) {
            try network[Network.city].cut(wish, naming: 2, now: network.now)
        }
        for name in [Network.county, Network.town] { try network.exchange(name) }
        for machine in [original, copy] {
            try network.sit(Network.village, at: machine)
            try network.enrollAgain(Network.village)
            try network.settle(rounds: 2)
        }
        for name in Self.all {
            #expect(try waiting(network, at: name) == ["王4", "王5", "王6", "王7"], "\(name)")
            for table in try network[name].replica.rebuild(keeping: false) {
                #expect(table.isSame, "\(name) \(table.name)")
            }
        }
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
        try admitAll(network)
        try network.settle(rounds: 1)
        for name in Self.all { #expect(try waiting(network, at: name) == [], "\(name)") }
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
    }

    /// The node was cut as one that is lost; then its other machine turns up, whose line is the shorter one.
    @Test func aForkThatIsSeenAfterTheCutIsChosenIn() throws {
        let (network, copy) = try cloned()
        for number in 2...4 { try network.accept(at: Network.village, number: number) }
        try network.settle(rounds: 1)
        try network.sit(Network.village, at: copy)
        try network.accept(at: Network.village, number: 5)
        let unit = try #require(UnitCode(Network.village))
        let first = try network[Network.city].cut(CutWish(unit: unit, ordinal: 1), now: network.now)
        #expect(first.standing == nil)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        try network.enrollAgain(Network.village)
        try network.settle(rounds: 2)
        let line = try #require(try lines(network).first { $0.changeSets == 1 })
        let outcome = try network[Network.city].cut(
            CutWish(unit: unit, ordinal: 1, keeping: line.name), now: network.now)
        #expect(outcome == CutOutcome(through: line.through, heir: unit, more: 0, standing: 1))
        #expect(outcome.through < first.through)
        try network.settle(rounds: 1)
        for name in Self.all { #expect(try waiting(network, at: name) == ["王2", "王3", "王4"], "\(name)") }
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
    }

    /// As many as a cut names at the most, with the longest of all else that it says.
    @Test func whatACutNamesFitsAnEntry() throws {
        let code = String(repeating: "9", count: UnitCode.longest), name = Data(repeating: 1, count: 16)
        let entry = WireCharterEntry.with {
            $0.number = .max
            $0.previous = name
            $0.cut = .with {
                ($0.author, $0.unit, $0.enrollment, $0.depth, $0.heir) = (name, code, .max, .max, code)
                ($0.through, $0.leaf, $0.forkFrom) = (.max, name, .max)
                $0.forkKept = Array(repeating: name, count: Limits.leavesPerCut)
            }
        }
        #expect(try entry.serializedData().count <= Limits.entryBytes)
    }
}
