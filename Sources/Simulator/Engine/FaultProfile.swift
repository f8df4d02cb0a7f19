/// What goes wrong in a run, and how often. Figures for all of the city, so that a run of any size has its share.
package struct FaultProfile: Sendable, Hashable {
    package let name: String
    /// Outages of one unit's line in 30 days, at villages; other tiers have a quarter, rounded down.
    var outages = 0
    /// How many of a hundred villages have a bad line: slow, far, lossy, cut.
    var badLines = 0
    /// Cuts of a bad line in a day.
    var cuts = 0
    /// Captive portals that come between a village and its parent, in 30 days for a hundred villages.
    var portals = 0
    /// Partitions of a county from the rest, in 30 days for ten counties.
    var partitions = 0
    /// A county has no line for days, and then all of it comes back at once.
    var hasRegionalOutage = false
    /// Village machines are switched off in the night and on days without work.
    var switchesOff = true
    /// Of a thousand cases, those in which two offices write one field at about the same time.
    var disagreements = 5
    /// Deeds in 30 days for a hundred machines, one number for each kind; revisions of the catalog in a city of them.
    var deeds: [CityDeed: Int] = [:]
    /// Closed cases leave the machines below the root, as soon as a unit above has them on another disk.
    var casesLeave = false
    /// What keeps a network small for years is done (`CityUpkeep`), and closed cases leave the machines below the root
    /// after so many months; nil where nobody does it.
    var monthsKept: Int?
    /// Most machines begin with an earlier version of the program.
    var beginsOlder = false
    /// Clocks of machines are off by up to so many seconds.
    var clockError = 0

    package static let clean = FaultProfile(name: "clean")

    package static let village = FaultProfile(
        name: "village", outages: 4, badLines: 30, cuts: 20, portals: 20, deeds: [.revise: 30], clockError: 120)

    package static let storm = FaultProfile(
        name: "storm", outages: 1, badLines: 10, cuts: 5, hasRegionalOutage: true, deeds: [.revise: 30],
        clockError: 60)

    package static let hard = FaultProfile(
        name: "hard", outages: 8, badLines: 40, cuts: 30, portals: 30, partitions: 20, hasRegionalOutage: true,
        disagreements: 60,
        deeds: [
            .crash: 300, .restart: 200, .backup: 400, .restore: 60, .loseAnchor: 30, .clockJump: 60, .deadBattery: 30,
            .clockSet: 300, .move: 40, .grant: 40, .cutMachine: 40, .enroll: 2000, .revise: 60, .duplicate: 200,
            .retire: 2000, .fetch: 200, .merge: 20, .moveSubtree: 20, .bundle: 200, .volume: 600, .clone: 20, .sit: 100,
            .cutFork: 60, .upgrade: 600, .snapshot: 60, .rollBack: 30, .strain: 100,
            .loseDisk: 20, .rot: 60,
        ],
        casesLeave: true, beginsOlder: true, clockError: 300)

    /// Fair weather for as long as one likes.
    package static let years = FaultProfile(name: "years", deeds: [.revise: 5], monthsKept: 6)

    package static let all = [clean, village, storm, hard, years]

    package init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    private init(
        name: String, outages: Int = 0, badLines: Int = 0, cuts: Int = 0, portals: Int = 0, partitions: Int = 0,
        hasRegionalOutage: Bool = false, disagreements: Int = 5, deeds: [CityDeed: Int] = [:],
        casesLeave: Bool = false, monthsKept: Int? = nil, beginsOlder: Bool = false, clockError: Int = 0
    ) {
        self.name = name
        self.outages = outages
        self.badLines = badLines
        self.cuts = cuts
        self.portals = portals
        self.partitions = partitions
        self.hasRegionalOutage = hasRegionalOutage
        self.disagreements = disagreements
        self.deeds = deeds
        self.casesLeave = casesLeave
        self.monthsKept = monthsKept
        self.beginsOlder = beginsOlder
        self.clockError = clockError
    }

    /// A mix of faults that a seed makes, for a swarm of small cities: most runs lack something, so that what hides
    /// behind a fault that is always there shows too.
    /// - Parameters:
    ///   - random: what the first kinds of faults are drawn from.
    ///   - seed: the run's. From a stream of their own come the kinds that were added when seeds had been kept, so that
    ///     those make what they made.
    package static func mixed(_ random: inout SeededGenerator, seed: UInt64) -> FaultProfile {
        var profile = FaultProfile(name: "mixed")
        func some(_ most: Int) -> Int { random.one(in: 3) ? 0 : random.below(most + 1) }
        profile.outages = some(30)
        profile.badLines = some(100)
        profile.cuts = some(200)
        profile.portals = some(100)
        profile.partitions = some(100)
        profile.hasRegionalOutage = random.one(in: 3)
        profile.switchesOff = random.one(in: 2)
        profile.disagreements = some(300)
        profile.clockError = some(600)
        let first = CityDeed.allCases.prefix { $0 != .retire }
        for deed in first where !random.one(in: 3) {
            profile.deeds[deed] = random.below(deed == .cutMachine || deed == .restore ? 600 : 3000)
        }
        // Who was cut must come back.
        profile.deeds[.enroll] = 6000
        profile.deeds[.clockSet] = 6000
        profile.casesLeave = random.one(in: 2)
        if profile.casesLeave { (profile.deeds[.retire], profile.deeds[.fetch]) = (12_000, 3000) }
        var later = SeededGenerator(state: SeededGenerator.seed(seed, for: "later"))
        if later.one(in: 3) { profile.deeds[.merge] = later.below(1000) }
        if later.one(in: 3) { profile.deeds[.moveSubtree] = later.below(1500) }
        if later.one(in: 3) { (profile.deeds[.bundle], profile.deeds[.volume]) = (later.below(3000), 6000) }
        if later.one(in: 3) {
            (profile.deeds[.clone], profile.deeds[.sit]) = (later.below(1500), later.below(6000))
            profile.deeds[.cutFork] = later.below(2000)
        }
        if later.one(in: 3) { (profile.beginsOlder, profile.deeds[.upgrade]) = (true, later.below(3000)) }
        profile.addLate(seed)
        return profile
    }

    /// Kinds that came later still, each from a stream of its own.
    private mutating func addLate(_ seed: UInt64) {
        func stream(_ name: String) -> SeededGenerator { SeededGenerator(state: SeededGenerator.seed(seed, for: name)) }
        var snapshots = stream("snapshots")
        if snapshots.one(in: 3) {
            (deeds[.snapshot], deeds[.rollBack]) = (snapshots.below(3000), snapshots.below(2000))
        }
        var strains = stream("strains")
        if strains.one(in: 3) { deeds[.strain] = strains.below(3000) }
        var losses = stream("lost disks")
        if losses.one(in: 3) { deeds[.loseDisk] = losses.below(600) }
        var rot = stream("rot")
        if rot.one(in: 3) { deeds[.rot] = rot.below(2000) }
    }
}
