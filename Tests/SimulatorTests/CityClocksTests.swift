import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Simulator

/// Clocks of simulated machines, and what the machines are told of them as a server would tell them.
@Suite struct CityClocksTests {
    private static func city(from start: CivilDate? = nil) throws -> City {
        let units = [("37", nil, 0), ("371", "37", 1)].compactMap { code, parent, tier in
            UnitCode(code).map {
                UnitEntry(code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
            }
        }
        var plan = CityPlan(units: units, tiers: ["city", "county"], seed: 2, days: 1, profile: .clean)
        plan.start = start
        return try City(plan)
    }

    @Test(arguments: [
        (nil, "2026-09-28"), ("2026-06-03", "2026-06-08"), ("2027-01-04", "2027-01-04"), ("2030-12-31", "2031-01-06"),
    ])
    func theWorkBeginsOnAMonday(from start: String?, on monday: String) throws {
        let city = try Self.city(from: start.flatMap { CivilDate($0) })
        #expect(CivilTime.day(at: city.start)?.description == monday)
        #expect(city.network.now.day == CivilDate(monday)?.dayNumber)
    }

    @Test(arguments: [-50, -1, 0, 50] as [Int64])
    func aClockThatDriftsNeverGoesBack(perMillion: Int64) {
        let drift = ClockDrift(perMillion: perMillion, since: 1000)
        let shown = (1000..<200_000).map { $0 + drift.seconds(at: $0) }
        #expect(zip(shown, shown.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(drift.seconds(at: 1_001_000) == perMillion)
    }

    @Test func aMachineThatServesKeepsThatItsClockWasSet() throws {
        let city = try Self.city(), county = "371"
        func jump() throws -> Int64? { try city.network[county].replica.read { try $0.clockJump()?.after } }
        // Nobody watches the clock of one that is off.
        try city.setClock(of: county, .deadBattery, 0)
        #expect(try jump() == nil)
        try city.setClock(of: county, .clockSet, 0)
        try city.switchOn(county)
        try city.setClock(of: county, .deadBattery, 0)
        #expect(try jump() == city.network.time(at: county).seconds)
    }

    @Test func whoIsSwitchedOnWithAnEarlierClockDoubtsWhatItBelieved() throws {
        let city = try Self.city(), network = city.network
        try network.exchange("371")
        #expect(try network["371"].heartbeat(now: network.time(at: "371")))
        try network.exchange("371")
        func doubted() throws -> [Int] {
            let queue = try DatabaseQueue(path: network.directory("37").replica.path)
            return try queue.read { try Int.fetchAll($0, sql: "SELECT doubted FROM heartbeat") }
        }
        #expect(try doubted() == [0])
        network.skew["37"] = -7200
        try city.switchOn("37")
        #expect(try doubted() == [1])
    }

    /// With fairs, at which seven of ten go where two come in the place of one.
    @Test(arguments: 2025...2034)
    func aYearHasTheCasesThatItShould(year: Int) throws {
        let first = try #require(CivilDate(year: year, month: 1, day: 1)).dayNumber
        let next = try #require(CivilDate(year: year + 1, month: 1, day: 1)).dayNumber
        let thousandths = try (first..<next).reduce(0) { sum, day in
            let midnight = CivilTime.start(of: try #require(CivilDate(dayNumber: day)))
            return sum + OfficeHours.visitors(of: CityPlan.yearsCases, onDayOf: midnight)
        }
        let cases = thousandths * 114 / 100 / 1000
        #expect(abs(cases - CityPlan.yearsCases) < CityPlan.yearsCases / 100)
    }
}
