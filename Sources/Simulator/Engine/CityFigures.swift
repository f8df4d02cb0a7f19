import ChangeSet
import ServiceModel

/// What a run has measured.
package struct CityFigures: Sendable, Encodable {
    /// What passed over the lines of the units of one tier upward.
    package struct Hop: Sendable, Encodable {
        package let tier: String
        package var bytesUp = 0
        package var bytesDown = 0
    }

    /// How long it took until a tier had what was confirmed below it, or, at the lowest, above it; in milliseconds.
    package struct Lag: Sendable, Encodable {
        package let tier: String
        package var times: [Int64] = []

        package func quantile(_ percent: Int) -> Int64? {
            guard !times.isEmpty else { return nil }
            return times.sorted()[min(times.count - 1, times.count * percent / 100)]
        }
    }

    /// One hour of the run.
    package struct Hour: Sendable, Encodable {
        package let seconds: Int64
        package let confirmed: Int
        package let atRoot: Int
        package let openLines: Int
        package let unitsOut: Int
        /// Cases at the root with a conflict or an open question.
        package let unsettled: Int
    }

    /// Something that was wrong for a time.
    package struct Spell: Sendable, Encodable {
        package let kind: String
        package let unit: String
        package let from: Int64
        package var until: Int64?
    }

    /// Something that was done to a machine or to the network.
    package struct Act: Sendable, Encodable {
        package let kind: String
        package let unit: String?
        package let at: Int64
    }

    package struct Store: Sendable, Encodable {
        package let tier: String
        package let nodes: Int
        package let bytes: Int64
        package let largest: Int64
    }

    /// What the databases of a tier have in use at one time, without their logs and the pages that are free.
    package struct Weight: Sendable, Encodable {
        package let seconds: Int64
        package let tier: String
        package let nodes: Int
        package let bytes: Int64
        package let largest: Int64

        /// Bytes of one node.
        package var usual: Int64 { bytes / Int64(max(1, nodes)) }
    }

    package var hops: [Hop]
    package var up: [Lag]
    package var down: [Lag]
    package var hours: [Hour] = []
    package var spells: [Spell] = []
    package var acts: [Act] = []
    package var stores: [Store] = []
    /// Once a week, and at the end.
    package var weights: [Weight] = []
    /// How often each kind of deed was done; what found nobody to be done to does not count.
    package var deeds: [String: Int] = [:]
    package var confirmed = 0
    package var atRoot = 0
    package var dials = 0
    package var failedDials = 0
    package var busy = 0
    package var lost = 0
    package var conflicts = 0
    package var steps = 0
    package var days = 0
    package var virtualSeconds: Int64 = 0
    /// When everything began to heal, and when the city had come to rest; nil in a run that failed before.
    package var healedAt: Int64?
    package var restAt: Int64?

    private struct Confirmed {
        let unit: String
        let ticks: Int64
        var isAtRoot = false
        /// Where it has come, by the numbers of `numbers`: a disk that is taken back gets it once more.
        var arrived: [Int32] = []
    }

    private var open: [Place: Confirmed] = [:]
    /// A number for each unit, since there are many to keep.
    private var numbers: [String: Int32] = [:]

    private enum CodingKeys: String, CodingKey {
        case hops, hours, spells, acts, stores, weights, deeds, confirmed, atRoot, dials, failedDials, busy, lost,
            conflicts
        case steps, days, virtualSeconds, healedAt, restAt
    }

    init(tiers: [String]) {
        hops = tiers.map { Hop(tier: $0) }
        up = tiers.map { Lag(tier: $0) }
        down = tiers.map { Lag(tier: $0) }
    }

    mutating func noteDial(failed: Bool) {
        dials += 1
        if failed { failedDials += 1 }
    }

    mutating func noteBusy() { busy += 1 }
    mutating func noteLoss() { lost += 1 }
    mutating func noteDay() { days += 1 }

    mutating func note(bytes: Int, up isUp: Bool, tier: Int) {
        if isUp { hops[tier].bytesUp += bytes } else { hops[tier].bytesDown += bytes }
    }

    mutating func noteConfirmed(_ place: Place, at name: String, _ ticks: Int64) {
        confirmed += 1
        open[place] = Confirmed(unit: name, ticks: ticks)
    }

    mutating func noteArrival(_ place: Place, at name: String, in network: SimulatedNetwork, _ ticks: Int64) {
        guard let act = open[place], act.unit != name else {
            if open[place]?.unit == network.root, open[place]?.isAtRoot == false { noteAtRoot(place) }
            return
        }
        let number = numbers[name, default: Int32(numbers.count)]
        numbers[name] = number
        guard !act.arrived.contains(number) else { return }
        open[place]?.arrived.append(number)
        let tier = network.tier(of: name)
        if network.path(above: act.unit).contains(name) {
            up[tier].times.append(ticks - act.ticks)
        } else if network.path(above: name).contains(act.unit) {
            down[tier].times.append(ticks - act.ticks)
        }
        if name == network.root, !act.isAtRoot { noteAtRoot(place) }
    }

    private mutating func noteAtRoot(_ place: Place) {
        open[place]?.isAtRoot = true
        atRoot += 1
    }

    mutating func note(_ deed: CityDeed, of unit: String?, at seconds: Int64) {
        deeds[deed.rawValue, default: 0] += 1
        acts.append(Act(kind: deed.rawValue, unit: unit, at: seconds))
    }

    mutating func begin(_ kind: String, _ unit: String, at seconds: Int64) {
        spells.append(Spell(kind: kind, unit: unit, from: seconds, until: nil))
    }

    mutating func end(_ kind: String, _ unit: String, at seconds: Int64) {
        guard let at = spells.lastIndex(where: { $0.kind == kind && $0.unit == unit && $0.until == nil }) else {
            return
        }
        spells[at].until = seconds
    }
}
