import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// The days that a machine with a wrong clock has written, as others see them.
@Suite struct LegalDayTests {
    private static let line = [Network.city, Network.county, Network.town, Network.village]

    private static func doubts(_ network: Network, _ place: Place, at name: String) throws -> [String?] {
        try network[name].replica.read { transaction in
            let row = try #require(try transaction.record(created: place))
            let record = try transaction.caseRecord(row)
            let brackets = try transaction.dateBrackets(of: record)
            return record.history.entries.map { entry in
                let day = entry.body?.day ?? 0
                return brackets[entry.placed.leaf.leaf]?.doubt(of: day)?.code
            }
        }
    }

    private static func accept(_ network: Network, day: String) throws -> Place {
        let acceptance = Acceptance(
            promise: Promise(
                item: "1", itemName: "事项", version: 1, department: "局", itemKind: "20", statutory: nil,
                promised: nil, instant: false),
            route: [UnitCode(Network.village)!], fields: [CaseField.applicantName: "王"],
            day: CivilDate(day)!.dayNumber, actor: "c")
        return try network[Network.village].accept(acceptance, now: network.time(at: Network.village)).creation
    }

    @Test func aDayOf1970AndOneOf2036AreMarkedEverywhere() throws {
        let network = try Network(Self.line)
        // It is September 2026. The village has sealed something, and was answered.
        _ = try Self.accept(network, day: "2026-09-21")
        try network.settle(rounds: 1)
        network.pass(seconds: 86_400)
        _ = try Self.accept(network, day: "2026-09-22")
        try network.settle(rounds: 1)
        network.skew[Network.village] = -network.now.seconds
        let old = try Self.accept(network, day: "1970-01-01")
        network.skew[Network.village] = 3650 * 86_400
        let new = try Self.accept(network, day: "2036-09-20")
        network.skew = [:]
        let good = try Self.accept(network, day: "2026-09-22")
        let paper = try Self.accept(network, day: "2026-08-25")
        try network.settle(rounds: 1)
        // Its next seal quotes that the town has these.
        _ = try Self.accept(network, day: "2026-09-23")
        try network.settle(rounds: 1)
        for name in Self.line {
            #expect(try Self.doubts(network, old, at: name) == ["day.earlierThanSealed"], "\(name)")
            #expect(try Self.doubts(network, new, at: name) == ["day.laterThanWitnessed"], "\(name)")
            #expect(try Self.doubts(network, good, at: name) == [nil], "\(name)")
            #expect(try Self.doubts(network, paper, at: name) == [nil], "\(name)")
        }
        // It is in effect all the same, and each act is judged by itself.
        try network.act(.decide, at: Network.village, on: old, fields: [CaseField.decision: "granted"])
        #expect(try Self.doubts(network, old, at: Network.village) == ["day.earlierThanSealed", nil])
    }

    /// A machine that was restored quotes what its parent had of the incarnation before.
    @Test func theHeadsOfAnEarlierIncarnationProveNothing() throws {
        let network = try Network(Self.line)
        for _ in 0..<5 { _ = try Self.accept(network, day: "2026-09-21") }
        let copy = try network.copyOfDisk(Network.village)
        try network.settle(rounds: 1)
        network.pass(seconds: 40 * 86_400)
        _ = try Self.accept(network, day: "2026-10-31")
        try network.settle(rounds: 1)
        try network.crash(Network.village, leaving: copy)
        let place = try Self.accept(network, day: "2026-10-31")
        try network[Network.village].seal(now: network.now)
        _ = try Self.accept(network, day: "2026-10-31")
        try network[Network.village].seal(now: network.now)
        #expect(place.sequence == 1)
        #expect(try Self.doubts(network, place, at: Network.village) == [nil])
        try network.settle()
        for name in Self.line { #expect(try Self.doubts(network, place, at: name) == [nil], "\(name)") }
    }
}
