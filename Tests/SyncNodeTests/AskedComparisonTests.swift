import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a person is told of a comparison is what that comparison has found, and nothing older.
@Suite struct AskedComparisonTests {
    private static let all = [Network.city, Network.county, Network.town]
    private static let county: UnitCode = "379902"

    private func proven() throws -> Network {
        let network = try Network(Self.all)
        try network.accept(at: Network.town, route: [Network.county])
        try network.settle()
        _ = try network.prove(Network.town)
        return network
    }

    private func asked(_ network: Network) throws -> AskedComparison {
        try network[Network.town].replica.read { try AskedComparison(with: Self.county, $0) }
    }

    private func code(_ network: Network, _ asked: AskedComparison, through: UpperNode? = nil) throws -> String? {
        do {
            _ = try network[Network.town].replica.read { try asked.result(through: through, $0) }
            return nil
        } catch let error as NodeError {
            return error.code
        }
    }

    @Test func whatWasProvenBeforeAnswersNobody() throws {
        let network = try proven()
        let asked = try asked(network)
        #expect(try code(network, asked) == "verify.notMade")
        // An exchange in which nobody compares changes nothing, whatever the clock shows.
        try network.exchange(Network.town)
        #expect(try code(network, asked) == "verify.notMade")
        network.skew[Network.town] = -7200
        _ = try network.prove(Network.town)
        #expect(try code(network, asked) == nil)
    }

    @Test func aGrandparentIsNoParent() throws {
        let network = try proven()
        let asked = try asked(network)
        let city = UpperNode(unit: "3799", node: 1, isParent: false)
        #expect(try code(network, asked, through: city) == "verify.otherUnit")
        // What is kept of a comparison with another unit is not the parent's.
        let outcome = ComparisonOutcome(
            unit: "3799", node: 1, time: network.now.seconds, lackingThere: 0, lackingHere: 0, isSent: false)
        try network[Network.town].replica.write { try $0.keep(outcome) }
        #expect(try code(network, asked) == "verify.notMade")
    }

    /// The line was cut between the last word and the signatures.
    @Test func equalIsNotProven() throws {
        let network = try proven()
        let asked = try asked(network)
        let outcome = ComparisonOutcome(
            unit: Self.county, node: 1, time: network.now.seconds, lackingThere: 0, lackingHere: 0, isSent: false)
        try network[Network.town].replica.write { try $0.keep(outcome) }
        #expect(try code(network, asked) == "verify.notProven")
        _ = try network.prove(Network.town)
        let made = try network[Network.town].replica.read { try asked.result($0) }
        #expect(made.outcome.isEqual && made.proof?.unit == Self.county)
    }

    /// Who waits for a serving node is told why it does not compare, where that is known.
    @Test func whatKeepsAServingNodeFromComparingIsTold() {
        let parent = UpperNode(unit: "379902", node: 1, isParent: true)
        let city = UpperNode(unit: "3799", node: 1, isParent: false)
        let hours = UplinkFailure(code: LineState.hoursCode, words: Words("at night only", "仅限夜间"))
        let busy = UplinkFailure(code: LineState.busyCode, words: Words("busy", "正忙"))
        let down = UplinkFailure(code: "link.unreachable", words: Words("gone", "不通"))
        #expect(LineState(isUp: true, through: parent).keepsFromComparing == nil)
        #expect(LineState(isUp: true, through: parent).reachesParent)
        let standIn = LineState(isUp: true, through: city, failure: down)
        #expect(standIn.keepsFromComparing?[.english].contains("3799#1") == true && !standIn.reachesParent)
        #expect(LineState(through: parent, failure: hours).keepsFromComparing == hours.words)
        // These may end at any moment.
        for failure in [busy, down] {
            let state = LineState(through: parent, failure: failure)
            #expect(state.keepsFromComparing == nil && !state.reachesParent)
        }
    }

    private func told(_ network: Network, _ name: String) -> [String] {
        let service = ServiceFacts(isServed: true, hasUplink: true)
        let facts = network[name].facts(service: service, now: network.time(at: name))
        return Examination(facts).findings.map(\.code)
    }

    /// A proof of a clock that was ahead is no younger than the difference that was found behind it.
    @Test func aClockThatWasSetBackHidesNoDifference() throws {
        let network = try Network(Self.all)
        try network.accept(at: Network.town, route: [Network.county])
        try network.settle()
        for name in [Network.county, Network.town] { network.skew[name] = 172_800 }
        _ = try network.prove(Network.town)
        for name in [Network.county, Network.town] { network.skew[name] = 0 }
        #expect(told(network, Network.town).contains("proof.old"))
        try network.accept(at: Network.town, number: 2)
        try network.exchange(Network.town, mode: .looks)
        #expect(told(network, Network.town).contains("proof.differs"))
        #expect(told(network, Network.county).contains("proof.children"))
        let standing = try network[Network.town].replica.read { try $0.proofStanding() }
        #expect(standing?.isEqual == false && standing?.difference?.lackingThere == 1)
    }

    /// A difference needs no proof to be told.
    @Test func aDifferenceIsTold() throws {
        let network = try proven()
        try network.accept(at: Network.town, number: 2)
        let asked = try asked(network)
        _ = try network.prove(Network.town)
        let made = try network[Network.town].replica.read { try asked.result($0) }
        #expect(made.outcome.lackingThere == 1 && made.proof == nil)
    }
}
