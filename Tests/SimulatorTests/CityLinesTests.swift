import Foundation
import ServiceModel
import SyncNode
import Testing

@testable import Simulator

/// A line that breaks has carried a part of what was on it, whichever way that went.
@Suite struct CityLinesTests {
    private static let city = "37", county = "371"

    private static func served() throws -> City {
        let units = [(Self.city, nil, 0), (county, Self.city, 1)].compactMap { code, parent, tier in
            UnitCode(code).map {
                UnitEntry(code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
            }
        }
        let city = try City(CityPlan(units: units, tiers: ["city", "county"], seed: 2, days: 1, profile: .clean))
        for name in [Self.city, county] { try city.switchOn(name) }
        return city
    }

    private static func timed(_ line: SimulatedLine, in city: City) -> TimedLine {
        let verdict = city.admissions[Self.city]?.arrive(city.network[county].name, at: 0, random: 0)
        guard case .admitted(let place)? = verdict, let quality = city.qualities[county] else {
            preconditionFailure("no room")
        }
        let timed = TimedLine(
            id: 1, line: line, index: 0, quality: quality, began: 0, wait: 0, wish: nil, place: place,
            memory: LineMemory())
        city.lines[1] = timed
        return timed
    }

    /// A city whose county is about to be sent a case, every byte of it on the line.
    private static func sending() throws -> (city: City, line: TimedLine) {
        let city = try served()
        try city.network.accept(at: Self.city, route: [county])
        let line = try SimulatedLine(city.network, from: county)
        while line.reports.parent.sentBatches == 0 {
            try line.carryDown()
            while try line.workBelow() {}
            try line.carryUp()
            while try line.workAbove() {}
        }
        let timed = timed(line, in: city)
        timed.wireDown = [(start: 0, bytes: line.waiting.down)]
        return (city, timed)
    }

    @Test(arguments: [true, false])
    func whatHasComeThroughDownwardIsTakenIn(isWhole: Bool) throws {
        let (city, line) = try Self.sending()
        let before = try city.network.journal(of: Self.county).leaves
        let bytes = Int64(line.line.waiting.down)
        city.ticks = isWhole ? bytes * 1000 / line.quality.down + 1 : 0
        city.lose(line)
        #expect(city.failures == [] && city.lines.isEmpty)
        #expect((try city.network.journal(of: Self.county).leaves != before) == isWhole)
    }

    /// Who was set back twice within an hour does not believe it, be it that the line breaks as it hears of it.
    @Test func aGreetingThatIsNotBelievedMayBeTheLastThatComes() throws {
        let city = try Self.served(), network = city.network
        try network.exchange(Self.county)
        let snapshot = try network.snapshot(Self.city)
        try network.accept(at: Self.city, route: [Self.county])
        try network.exchange(Self.county)
        try network.rollBack(to: snapshot)
        let now = network.time(at: Self.city).seconds
        try network[Self.city].replica.write { try $0.noteClaim(at: now) }
        let line = try SimulatedLine(network, from: Self.county), timed = Self.timed(line, in: city)
        while try line.workBelow() {}
        timed.wireUp = [(start: 0, bytes: line.waiting.up)]
        city.ticks = 3_600_000
        city.lose(timed)
        #expect(line.isRefused)
        #expect(city.failures == [] && city.lines.isEmpty)
    }

    /// Of two that overlap the line is bad until both are over.
    @Test func troubleThatOverlapsEndsWithTheLast() {
        typealias Trouble = (inout Weather, Bool) -> Void
        let troubles: [Trouble] = [
            { $0.outage(Self.county, begins: $1) }, { $0.portal(Self.county, begins: $1) },
            { $0.partition(Self.county, begins: $1) },
        ]
        for trouble in troubles {
            var weather = Weather()
            func path() -> Weather.Path { weather.path([Self.county, Self.city], [Self.city]) }
            trouble(&weather, true)
            trouble(&weather, true)
            trouble(&weather, false)
            #expect(path() != .open)
            trouble(&weather, false)
            #expect(path() == .open)
        }
    }

    /// A day is a run too.
    @Test func aRegionIsWithoutLinesInARunOfOneDay() throws {
        let units = [("37", nil, 0), ("371", "37", 1), ("3711", "371", 2)].compactMap { code, parent, tier in
            UnitCode(code).map {
                UnitEntry(code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
            }
        }
        let tiers = ["city", "county", "village"]
        let city = try City(CityPlan(units: units, tiers: tiers, seed: 2, days: 1, profile: .storm))
        try city.run()
        #expect(city.failures == [])
        let spell = try #require(city.figures.spells.first { $0.kind == "blackout" })
        #expect(spell.from == 10 * 3600 && spell.until == 16 * 3600)
    }

    /// A portal is met, refused, and gone: nothing of its page is taken for anything.
    @Test func aPortalIsTakenForNobody() throws {
        var random = SeededGenerator(state: 3), profile = FaultProfile.clean
        (profile.portals, profile.switchesOff) = (60_000, false)
        var plan = CityPlan(
            units: Simulation.units(&random), tiers: ["city", "county", "town", "village"], seed: 5, days: 1,
            profile: profile, casesPerYear: 2000)
        plan.wait = 600
        let city = try City(plan)
        try city.run()
        #expect(city.failures == [])
        #expect(city.world.tally[.portals] > 0)
    }
}
