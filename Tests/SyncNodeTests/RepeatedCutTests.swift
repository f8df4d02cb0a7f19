import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A node that is cut off already is cut once more.
@Suite struct RepeatedCutTests {
    private static let all = [Network.city, Network.county, Network.town, Network.village, Network.neighbour]
    private static let unit = UnitCode(Network.village)!
    private static let node = "\(Network.village)#1"

    private func wish(
        keeping line: String? = nil, heir: String? = nil, further: Bool = false
    ) -> CutWish {
        CutWish(unit: Self.unit, ordinal: 1, keeping: line, heir: heir.flatMap { UnitCode($0) }, further: further)
    }

    private func mark(_ outcome: CutOutcome, line: String? = nil) -> CutError.StandingCut {
        CutError.StandingCut(node: Self.node, through: outcome.through, line: line)
    }

    /// Cases whose acceptance waits for an answer, at the root.
    private func waiting(_ network: Network) throws -> Int {
        try network[Network.city].replica.read { try $0.serviceCases(limit: 99).count { $0.phase == nil } }
    }

    private func lines(_ network: Network) throws -> [ForkBranch] {
        try network[Network.city].replica.read { try $0.forkEvidence() }.first?.branches ?? []
    }

    /// The village was cut with the other one as its heir, and then a stick of it comes with two cases.
    private func cutAndMore() throws -> (network: Network, first: CutOutcome) {
        let network = try Network(Self.all)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        for number in [2, 3] { try network.accept(at: Network.village, number: number) }
        let stick = try network.export(at: Network.village, to: Network.town).files[0]
        let first = try network[Network.city].cut(wish(heir: Network.neighbour), now: network.now)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        network.pass(seconds: 60)
        #expect(try network.bring(stick, to: Network.town).newChangeSets == 2)
        for name in [Network.town, Network.county] { try network.exchange(name) }
        return (network, first)
    }

    /// Two machines of one disk, the original with the cases that are named and the copy with others; all of it is at
    /// the root.
    private func cloned(original: ClosedRange<Int>, copy: ClosedRange<Int>) throws -> (Network, copy: String) {
        let network = try Network(Self.all)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let machine = try network.clone(Network.village)
        for number in original { try network.accept(at: Network.village, number: number) }
        let first = try network.sit(Network.village, at: machine)
        for number in copy { try network.accept(at: Network.village, number: number) }
        for one in [first, machine, first, machine] {
            try network.sit(Network.village, at: one)
            try network.settle(rounds: 1)
        }
        return (network, first)
    }

    /// Whoever stole the machine may have made what the stick brought.
    @Test func itTakesInNothingUnasked() throws {
        let (network, first) = try cutAndMore()
        let city = network[Network.city]
        #expect(first.more == nil && first.heir.text == Network.neighbour)
        #expect(throws: CutError.stands(mark(first), beyond: 2)) { try city.cut(wish(), now: network.now) }
        #expect(try waiting(network) == 2)
        let more = try city.cut(wish(further: true), now: network.now)
        #expect(more.more == 2 && more.through > first.through && more.heir == first.heir)
        #expect(try waiting(network) == 0)
        for further in [false, true] {
            #expect(throws: CutError.stands(mark(more), beyond: 0)) {
                try city.cut(wish(further: further), now: network.now)
            }
        }
    }

    /// RULES: raising a cut moves no custody.
    @Test func theHeirStays() throws {
        let (network, first) = try cutAndMore()
        let city = network[Network.city]
        for further in [false, true] {
            #expect(throws: CutError.heirStays(node: Self.node, heir: first.heir)) {
                try city.cut(wish(heir: Network.town, further: further), now: network.now)
            }
        }
        #expect(try city.cut(wish(heir: Network.neighbour, further: true), now: network.now).more == 2)
    }

    @Test func theOtherLineIsNotKeptAfterwards() throws {
        let (network, _) = try cloned(original: 2...3, copy: 4...4)
        let city = network[Network.city]
        let one = try #require(try lines(network).first { $0.changeSets == 2 })
        let other = try #require(try lines(network).first { $0.changeSets == 1 })
        #expect(throws: CutError.chooseBranch([one.name, other.name].sorted())) {
            try city.cut(wish(further: true), now: network.now)
        }
        let outcome = try city.cut(wish(keeping: one.name), now: network.now)
        #expect(outcome.more == nil && outcome.standing == 2 && outcome.withheld == 0)
        for further in [false, true] {
            #expect(throws: CutError.final(mark(outcome, line: one.name))) {
                try city.cut(wish(keeping: other.name, further: further), now: network.now)
            }
            for line in [nil, one.name] {
                #expect(throws: CutError.stands(mark(outcome, line: one.name), beyond: 0)) {
                    try city.cut(wish(keeping: line, further: further), now: network.now)
                }
            }
        }
        #expect(try waiting(network) == 1)
    }

    /// The node was cut as one that is lost; then its other machine turns up, which has done more.
    @Test func aLineThatIsChosenLaterGoesNoFurtherUnasked() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.village)
        try network.accept(at: Network.village, number: 2)
        try network.settle(rounds: 1)
        try network.sit(Network.village, at: copy)
        for number in 3...5 { try network.accept(at: Network.village, number: number) }
        let city = network[Network.city]
        let first = try city.cut(wish(), now: network.now)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        try network.enrollAgain(Network.village)
        try network.settle(rounds: 2)
        let line = try #require(try lines(network).first { $0.changeSets == 3 })
        let chosen = try city.cut(wish(keeping: line.name), now: network.now)
        #expect(chosen.through == first.through && chosen.more == 0 && chosen.standing == 1 && chosen.withheld == 2)
        // That of the line that was not kept, and two of the other.
        #expect(try waiting(network) == 3)
        #expect(throws: CutError.stands(mark(chosen, line: line.name), beyond: 2)) {
            try city.cut(wish(), now: network.now)
        }
        let more = try city.cut(wish(further: true), now: network.now)
        #expect(more.through == line.through && more.more == 2 && more.standing == 3 && more.withheld == 0)
        #expect(try waiting(network) == 1)
    }

    /// A third machine has forked earlier, and what was kept is as much as an entry names.
    @Test func aFullLineIsNotNamedFromEarlierOn() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let third = try network.clone(Network.village)
        try network.accept(at: Network.village, number: 2)
        try network.settle(rounds: 1)
        let second = try network.clone(Network.village)
        for number in 3...5 { try network.accept(at: Network.village, number: number) }
        let first = try network.sit(Network.village, at: second)
        try network.accept(at: Network.village, number: 6)
        for machine in [first, second, first, second] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        let city = network[Network.city]
        let line = try #require(try lines(network).first { $0.changeSets == 3 })
        let outcome = try city.cut(wish(keeping: line.name), naming: 2, now: network.now)
        #expect(outcome.standing == 2 && outcome.beyond == 1)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        try network.sit(Network.village, at: third)
        try network.accept(at: Network.village, number: 7)
        try network.enrollAgain(Network.village)
        try network.settle(rounds: 2)
        let same = try #require(try lines(network).first { $0.changeSets == 4 })
        #expect(try lines(network).count == 3)
        for further in [false, true] {
            #expect(throws: CutError.final(mark(outcome, line: same.name))) {
                try city.cut(wish(keeping: same.name, further: further), naming: 2, now: network.now)
            }
        }
    }

    /// Nothing stands of it, whichever line.
    @Test func noLineOfALaterIncarnationIsKept() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let village = network[Network.village], city = network[Network.city]
        let author = try village.replica.read { try village.author($0) }
        let opening = try #require(try city.replica.read { try $0.opening(of: author) })
        try network.restore(try network.backUp(Network.village), at: Network.village)
        try network.settle(rounds: 2)
        let copy = try network.clone(Network.village)
        try network.accept(at: Network.village, number: 2)
        let original = try network.sit(Network.village, at: copy)
        try network.accept(at: Network.village, number: 3)
        for machine in [original, copy, original, copy] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        let line = try #require(try lines(network).first)
        try city.enter([.cut(WireCut(Cut(author: opening.author, through: 1, heir: Self.unit)))], now: network.now)
        let standing = CutError.StandingCut(node: Self.node, through: 1, line: nil)
        for further in [false, true] {
            #expect(throws: CutError.final(standing)) {
                try city.cut(wish(keeping: line.name, further: further), now: network.now)
            }
            #expect(throws: CutError.stands(standing, beyond: 0)) {
                try city.cut(wish(further: further), now: network.now)
            }
        }
    }
}
