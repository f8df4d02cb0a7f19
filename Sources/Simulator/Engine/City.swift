import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// A whole city in one process: real nodes under a virtual time, with people, weather and faults from one seed. Events
/// are taken one by one in their order; this is the only owner of what they change.
package final class City {
    package let plan: CityPlan
    let world: Simulation
    var queue = EventQueue<CityEvent>()
    /// Milliseconds since the beginning of the run.
    package internal(set) var ticks: Int64 = 0
    let start: Int64
    /// The units of each rank, in their order.
    let unitsByTier: [Int: [String]]
    var weather = Weather()
    var agents: [String: UplinkAgent] = [:]
    var qualities: [String: LineQuality] = [:]
    var admissions: [String: Admission] = [:]
    /// Until when each parent's two threads for links are at work.
    var working: [String: [Int64]] = [:]
    var lines: [Int: TimedLine] = [:]
    /// By the unit above, in the order in which they began.
    var linesBelow: [String: [Int]] = [:]
    var nextLine = 0
    /// Units whose machine is switched on.
    var isOn: Set<String> = []
    /// Units whose power goes in the middle of one of the next changes to their disk.
    var doomed: [String: PowerLoss] = [:]
    /// Units whose lines are to be told of something new.
    var newsDue: Set<String> = []
    /// Up to where each node's lines below were told.
    var told: [String: NewsMark] = [:]
    var stories: [CaseStory] = []
    var storyByCreation: [Place: Int] = [:]
    /// How far the arrivals of each node's journal were looked at.
    var seen: [String: Int64] = [:]
    var isHealing = false
    /// How many faults were planned.
    package internal(set) var faults = 0
    /// What is being done; nil once the story has told of it.
    var deed: CityDeed?
    /// When some journal grew last.
    var lastGrowth: Int64 = 0
    package internal(set) var figures: CityFigures
    var chronicle: Chronicle
    package internal(set) var steps = 0

    var peopleChance: SeededGenerator
    var lineChance: SeededGenerator
    var faultChance: SeededGenerator

    var network: SimulatedNetwork { world.network }

    /// - Parameters:
    ///   - trace: what of the story is told as it happens.
    ///   - progress: told how many of the units have their node.
    package init(
        _ plan: CityPlan, trace: CityTrace = CityTrace(), progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        self.plan = plan
        chronicle = Chronicle(trace: trace)
        unitsByTier = plan.units.reduce(into: [:]) { $0[$1.tier, default: []].append($1.code.text) }
        peopleChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "people"))
        lineChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "lines"))
        faultChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "faults"))
        let network = try SimulatedNetwork(
            units: plan.units, tiers: plan.tiers, nodes: plan.units.map(\.code.text), seed: plan.seed,
            founded: plan.start.map { CivilTime.start(of: $0) - OfficeHours.day / 2 }, mostOpen: plan.mostOpen,
            certificates: plan.certificates, sharesCharters: plan.sharesCharters, progress: progress)
        world = Simulation(network, seed: plan.seed)
        // A Monday at midnight.
        var monday = OfficeHours.midnight(network.now.seconds) + OfficeHours.day
        while OfficeHours.weekday(monday) != 0 { monday += OfficeHours.day }
        start = monday
        network.set(start)
        figures = CityFigures(tiers: plan.tiers)
        if let months = plan.profile.monthsKept {
            try world.letCasesLeave(months: months)
        } else if plan.profile.casesLeave {
            try world.letCasesLeave()
        }
        let lowest = plan.tiers.count - 1
        for name in network.names {
            let tier = network.tier(of: name)
            let quality = LineQuality(
                tier: tier, lowest: lowest, badLines: plan.profile.badLines, &lineChance)
            qualities[name] = quality
            agents[name] = UplinkAgent(uplinks: network.path(above: name).count)
            admissions[name] = Admission()
            if plan.profile.clockError > 0 {
                network.skew[name] = faultChance.within(Int64(plan.profile.clockError))
            }
            seen[name] = try network.node(name).replica.read { try $0.journalHead().position }
        }
        if plan.profile.clockError > 0 { letClocksDrift() }
    }

    // MARK: - Time

    var seconds: Int64 { start + ticks / 1000 }

    func ticks(at seconds: Int64) -> Int64 { max(ticks, (seconds - start) * 1000) }

    func after(_ milliseconds: Int64, _ event: CityEvent) { queue.put(event, at: ticks + max(0, milliseconds)) }

    func random(_ bound: Int64) -> Int64 { Int64(lineChance.below(Int(bound))) }

    // MARK: - The two phases

    package var failures: [String] { world.failures }

    /// The phase of work and faults, then the one in which everything heals.
    /// - Parameter watch: told after each virtual hour.
    package func run(watch: (City) -> Void = { _ in }) throws {
        defer { (figures.steps, figures.virtualSeconds) = (steps, ticks / 1000) }
        try begin()
        let end = Int64(plan.days) * OfficeHours.day * 1000
        try work(until: end, watch)
        if failures.isEmpty { try heal(watch) }
        try takeStock()
    }

    /// What ended a run is a failure of that run.
    package func fail(with error: any Error) { world.fail("run: \(error)") }

    private func work(until end: Int64, _ watch: (City) -> Void) throws {
        while failures.isEmpty, let next = queue.nextTime, next <= end, let (time, event) = queue.take() {
            let hour = ticks / 3_600_000
            ticks = time
            network.set(seconds)
            steps += 1
            do {
                do { try handle(event) } catch { guard try isPowerLoss(error, in: event) else { throw error } }
                if !doomed.isEmpty { try loseDoomed() }
            } catch {
                world.fail("\(event.name): \(error) (at \(event))")
            }
            if ticks / 3_600_000 != hour { watch(self) }
        }
        ticks = max(ticks, min(end, queue.nextTime ?? end))
        network.set(seconds)
    }

    private func begin() throws {
        for name in network.names {
            let isLowest = network.tier(of: name) == plan.tiers.count - 1
            if isLowest, plan.profile.switchesOff {
                planSwitches(of: name)
            } else {
                try switchOn(name)
            }
        }
        queue.put(.day, at: ticks)
        queue.put(.sample, at: ticks)
        planWeather()
        planUpkeep()
        planRehearsals()
    }

    /// Everything works, nobody comes any more; the city has to come to rest.
    private func heal(_ watch: (City) -> Void) throws {
        try loseDoomed { _ in true }
        isHealing = true
        figures.healedAt = ticks / 1000
        tell("heals", [])
        weather = Weather()
        try setClocks()
        for name in network.older.keys.sorted() where network.hasNode(name) { try begunAgain(name) }
        try world.end()
        for name in world.waiting { agents[name] = UplinkAgent(uplinks: network.path(above: name).count) }
        try world.enrollWaiting()
        try network.followCharter()
        for name in network.names { try switchOn(name) }
        let bound = ticks + Int64(plan.patience) * OfficeHours.day * 1000
        try comeToRest(until: bound, watch)
        // Who has come under another unit, or is new, is told of what has left by the comparison of the day: from the
        // root down, a rank after the other.
        for tier in plan.tiers.indices.dropFirst() where world.casesLeave && failures.isEmpty {
            for name in unitsByTier[tier] ?? [] where network.hasNode(name) {
                _ = try network.node(name).replica.write { try $0.wishComparison(repairs: true) }
                announce(name)
            }
            try comeToRest(until: bound, watch)
        }
        guard failures.isEmpty else { return }
        figures.restAt = ticks / 1000
        tell("rests", [])
    }

    private func comeToRest(until bound: Int64, _ watch: (City) -> Void) throws {
        lastGrowth = ticks
        while failures.isEmpty {
            try work(until: ticks + 60_000, watch)
            if !world.renaming.isEmpty { try enrollRenamed() }
            if !world.waiting.isEmpty {
                try world.enrollWaiting()
                for name in network.names where !isOn.contains(name) { try switchOn(name) }
            }
            if isAtRest, try !isComparisonWished {
                guard try world.forkToCut() != nil else { break }
                try cutFork()
            }
            wakeUnsettled()
            if ticks >= bound {
                let restless = network.names.filter { $0 != network.root && !isSettled($0) }
                world.fail("link: the city does not come to rest; still at work: \(restless.prefix(8))")
            }
        }
    }

    /// Since a journal grew last, everybody has said and heard everything.
    private var isAtRest: Bool {
        world.waiting.isEmpty && world.renaming.isEmpty && newsDue.isEmpty && ticks - lastGrowth > 60_000
            && network.names.allSatisfy { $0 == network.root || isSettled($0) }
    }

    /// Somebody waits for a case that has left.
    private var isComparisonWished: Bool {
        get throws {
            guard world.casesLeave else { return false }
            return try network.names.contains { name in
                name != network.root ? try network.node(name).isComparisonWished : false
            }
        }
    }

    private func isSettled(_ name: String) -> Bool {
        guard let agent = agents[name] else { return false }
        if let line = agent.line.flatMap({ lines[$0] }) { return line.isIdle }
        return agent.isParked && (agent.settled ?? -1) >= lastGrowth
    }

    /// Who waits without an open exchange looks once more whether all is well.
    private func wakeUnsettled() {
        guard ticks - lastGrowth > 60_000 else { return }
        for name in network.names where agents[name]?.isParked == true && !isSettled(name) { wake(name) }
    }

    // MARK: - Events

    private func handle(_ event: CityEvent) throws {
        switch event {
        case .dial(let name, let life): try dial(name, life)
        case .reached(let name, let life, let index): try reached(name, life, index)
        case .unreached(let name, let life): try unreached(name, life)
        case .look(let name, let life): look(name, life)
        case .sentUp(let id): try sentUp(id)
        case .cameUp(let id, let bytes): try cameUp(id, bytes)
        case .sentDown(let id): try sentDown(id)
        case .cameDown(let id, let bytes): try cameDown(id, bytes)
        case .serve(let id): try serve(id)
        case .tick(let id): try tick(id)
        case .news(let name): try tellNews(name)
        case .day: if !isHealing { planDay() }
        case .arrival(let name): try arrive(name)
        case .desk(let name, let number): try desk(name, number)
        case .switched(let name, let on): if !isHealing { if on { try switchOn(name) } else { try close(name) } }
        case .heartbeat(let name, let life): try heartbeat(name, life)
        case .fault(let fault, let number): if !isHealing { try carryOut(fault, number) }
        case .rehearsed(let number): if !isHealing { try rehearse(number) }
        case .upkeep(let week): if !isHealing { try keepUp(week) }
        case .powerOff(let name): try loseDoomed { $0 == name }
        case .sample:
            after(3_600_000, .sample)
            if isSampled { try sample() }
            if isWeekOver {
                try emptyLogs()
                weighDisks()
            }
            try lookAround()
        }
    }

    /// Tells of a deed that may come to nothing, and notes it where it does not.
    /// - Parameter work: says whether it was done.
    @discardableResult
    func attempt(_ what: String, at name: String, _ work: () throws -> Bool) rethrows -> Bool {
        let deed = deed
        self.deed = nil
        tell(what, [name])
        guard try work() else { return false }
        if let deed { figures.note(deed, of: name, at: ticks / 1000) }
        return true
    }

    /// A line of the run's story, which its digest covers. What it tells of a deed says that it was done.
    func tell(_ what: String, _ units: [String], case number: Int? = nil, _ more: String = "") {
        if let deed {
            figures.note(deed, of: units.first, at: ticks / 1000)
            self.deed = nil
        }
        chronicle.tell(ticks: ticks, seconds: seconds, what, units, number, more)
    }
}
