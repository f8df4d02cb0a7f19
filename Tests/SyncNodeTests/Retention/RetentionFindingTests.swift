import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Retention that stands still is told, and by whom it stands still.
@Suite struct RetentionFindingTests {
    private static let day: Int64 = 86_400

    private func told(_ network: Network, _ name: String) -> [Finding] {
        let facts = network[name].facts(
            service: ServiceFacts(isServed: true, hasUplink: true), now: network.time(at: name))
        return Examination(facts).findings.filter { $0.code.hasPrefix("retention.") }
    }

    @Test func whatWaitsForABackupAboveIsToldWhenItLasts() throws {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        #expect(try network.retire(at: Network.village).kept[.notBackedUp] == 2)
        #expect(told(network, Network.village).isEmpty)
        network.pass(seconds: 8 * Self.day)
        // Nobody has looked since; and looking alone is not kept.
        _ = try network[Network.village].retire(onlyLooks: true, now: network.now)
        #expect(told(network, Network.village).isEmpty)
        _ = try network.retire(at: Network.village)
        let found = told(network, Network.village)
        #expect(found.map(\.code) == ["retention.waits"])
        #expect(found.first?.what[.english].contains("2: no unit above has them") == true, "\(found)")
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 2)
        #expect(told(network, Network.village).isEmpty)
    }

    /// Where each night's backup lets go what had waited for it, other cases wait the next day.
    @Test func whatWaitsAndGoesIsNotTold() throws {
        let network = try Network.forgetful()
        for number in 1...2 { _ = try network.closedCase(number) }
        for number in stride(from: 3, to: 15, by: 2) {
            for one in [number, number + 1] { _ = try network.closedCase(one) }
            #expect(try network.retire(at: Network.village).kept[.notBackedUp] ?? 0 > 0)
            network.pass(seconds: Self.day)
            #expect(told(network, Network.village).isEmpty)
            try network.backUpAll()
            #expect(try network.retire(at: Network.village).retired > 0)
        }
    }

    @Test func whatWasAskedBackAndDoesNotComeIsTold() throws {
        let network = try Network.forgetful()
        let cases = try (1...3).map { try network.closedCase($0) }
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 2)
        try network[Network.village].fetchCase(typed: cases[0].receipt, now: network.now)
        #expect(told(network, Network.village).isEmpty)
        network.pass(seconds: 2 * Self.day)
        #expect(told(network, Network.village).map(\.code) == ["retention.wished"])
        try network.exchange(Network.village, mode: .repairs)
        try network.settle(rounds: 1)
        #expect(told(network, Network.village).isEmpty)
    }
}
