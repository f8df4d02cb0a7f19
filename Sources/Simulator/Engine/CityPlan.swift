import ServiceModel
import SyncNode

/// What a run is: the city, its people, how long, and what goes wrong.
package struct CityPlan: Sendable {
    package let units: [UnitEntry]
    package let tiers: [String]
    package let seed: UInt64
    /// Days of work; then everything heals.
    package let days: Int
    package let profile: FaultProfile
    /// The work begins on the first Monday from this day on; nil is 2026-09-28.
    package var start: CivilDate?
    /// Cases accepted in a year; by default as many as fall to so many villages of a city with 190,000 and 4,000.
    package var casesPerYear: Int
    /// Seconds for which an exchange stays open with nothing to say.
    package var wait: Int64 = 240
    /// Milliseconds between something new and the lines that are told of it.
    package var newsPause: Int64 = 200
    /// Seconds between two times at which a machine looks whether it should say that it is there.
    package var heartbeatPause: Int64 = 900
    /// How many nodes are open at once, and how many exchanges stay open for news; those beyond are ended in good order
    /// and begun again when there is news at either end.
    package var mostOpen = 2400
    package var mostLines = 300
    /// The machines have the charter in memory once, and not each of them.
    package var sharesCharters = false
    /// Judges look three times a day and half of the times when a line comes back, and not only when all has healed.
    package var looksAmid = false
    /// In a larger network a look takes longer than the life between two of them.
    package static let mostLookedAt = 100
    /// In a longer run the figures are taken once a day.
    static let mostDaysByHour = 400
    /// Seconds for which certificates are valid, but the root's: those of a longer run are not enrolled anew.
    var certificates: Int64 { days > 1000 ? Node.authorityPeriod : Node.nodePeriod }
    /// Days of virtual time within which a healed city must come to rest.
    package var patience = 3

    /// What is tried beside the profile's faults.
    package var rehearsals: [Rehearsal] = []

    /// Which faults of the plan happen, by their number; nil is all of them.
    package var onlyFaults: Set<Int>?

    package static let yearsCases = 190_000
    package static let cityVillages = 4000

    package init(
        units: [UnitEntry], tiers: [String], seed: UInt64, days: Int, profile: FaultProfile, casesPerYear: Int? = nil
    ) {
        self.units = units
        self.tiers = tiers
        self.seed = seed
        self.days = days
        self.profile = profile
        let villages = units.count { $0.tier == tiers.count - 1 }
        self.casesPerYear = casesPerYear ?? max(400, Self.yearsCases * villages / Self.cityVillages)
    }
}
