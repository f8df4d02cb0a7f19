import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What the tests of retention do to a network.
extension SimulatedNetwork {
    static let line = [city, county, town, village]

    /// A network in which closed cases may leave towns and villages at once.
    static func forgetful(_ names: [String] = line, seed: UInt64 = 1) throws -> SimulatedNetwork {
        let network = try SimulatedNetwork(seed: seed, names)
        try network.publishCalendar()
        for tier in [2, 3] { try network[city].setRetention(months: 0, ofTier: tier, now: network.now) }
        try network.settle(rounds: 1)
        return network
    }

    /// Deadlines that are counted without one may still change.
    func publishCalendar() throws {
        let years = try [2026, 2027].map { try CalendarYear(year: $0, holidays: [], worked: [], source: "test") }
        try self[Self.city].importCalendar(years, now: now)
    }

    /// A case that goes all its way: accepted at the village, decided and delivered at the county.
    func closedCase(_ number: Int, at village: String = SimulatedNetwork.village) throws -> CaseReference {
        let reference = try accept(at: village, number: number, route: [Self.county])
        let place = reference.creation
        try act(.forward, at: village, on: place, target: Self.county)
        try settle(rounds: 1)
        try act(.decide, at: Self.county, on: place, fields: [CaseField.decision: "granted"])
        try act(.deliver, at: Self.county, on: place)
        try settle(rounds: 1)
        return reference
    }

    /// Backups at all above, told to those below.
    func backUpAll() throws {
        for name in names { try backUpElsewhere(name) }
        try settle(rounds: 1)
    }

    /// A unit's next machine hears first where it stands, and then compares at once.
    func replaceMachine(of name: String) throws {
        try enroll(name)
        try exchange(name)
        #expect(try self[name].linkMode(now: time(at: name)).mode == .repairs)
    }

    func retire(at name: String) throws -> Retirement { try self[name].retire(now: time(at: name)) }

    func prove(_ name: String) throws -> ComparisonReport {
        try #require(try exchange(name, mode: .looks)?.child.comparison)
    }

    /// Change sets that are here.
    func heldCount(at name: String) throws -> Int {
        try self[name].replica.read { try $0.arrived(behind: 0) }
    }

    /// The figures that a node has of the village.
    func figures(at name: String) throws -> [StatisticsRow] {
        try self[name].replica.read { transaction in
            try [StatisticsGrouping.month, .item, .channel, .department].flatMap {
                try transaction.statistics(
                    StatisticsQuery(unit: UnitCode(Self.village)!, days: nil, grouping: $0))
            }
        }
    }

    /// Nothing that is derived is other than it would be made anew, and a scrub finds nothing.
    func expectSound(_ name: String, _ location: SourceLocation = #_sourceLocation) throws {
        for table in try self[name].replica.rebuild(keeping: false) {
            #expect(table.isSame, "\(name) \(table.name)", sourceLocation: location)
        }
        let found = try self[name].scrub(now: { self.now }, progress: { _ in }).found
        #expect(found.isEmpty, "\(name) \(found)", sourceLocation: location)
    }
}
