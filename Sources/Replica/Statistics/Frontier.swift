import ChangeSet
import ServiceModel

/// How far one unit's work is in the figures.
package struct UnitFrontier: Hashable, Sendable {
    package let unit: UnitCode
    package let name: String
    /// Seconds since 1970 by the clock of the unit's parent: all that the unit had booked by then is applied here. nil
    /// when nothing was ever heard of a node of it.
    package let time: Int64?
    /// Until when it was asked for: the end of the asked time, or of the unit's validity if that comes first.
    package let asked: Int64

    package init(unit: UnitCode, name: String, time: Int64?, asked: Int64) {
        self.unit = unit
        self.name = name
        self.time = time
        self.asked = asked
    }

    package var isComplete: Bool { time.map { $0 >= asked } ?? false }
}

/// What figures rest on (RULES, "Frontier"): which of the units that the charter expects are complete up to the asked
/// time. It says what is booked and applied, nothing of legal days that are written down later.
package struct Frontier: Hashable, Sendable {
    /// How far behind this node's clock a frontier is asked for where the period has not ended: two heartbeats.
    package static let usualLag: Int64 = 1800

    /// Seconds since 1970.
    package let asked: Int64
    /// The expected units in the order of their codes.
    package let units: [UnitFrontier]

    package init(asked: Int64, units: [UnitFrontier]) {
        self.asked = asked
        self.units = units
    }

    package var complete: Int { units.count { $0.isComplete } }
    package var behind: [UnitFrontier] { units.filter { !$0.isComplete } }
    /// Up to when all expected units are complete; nil while one was never heard of.
    package var time: Int64? {
        var least: Int64?
        for unit in units {
            guard let time = unit.time else { return nil }
            least = min(least ?? time, time)
        }
        return least
    }

    /// Of some of its units.
    package func of(_ isMeant: (UnitCode) -> Bool) -> Frontier {
        Frontier(asked: asked, units: units.filter { isMeant($0.unit) })
    }
}

extension Transaction {
    /// The frontier of a unit and its subtree.
    /// - Parameters:
    ///   - days: a unit is expected when the charter has it valid on one of them.
    ///   - asked: seconds since 1970.
    ///   - now: this node's clock, by which it tells its own unit, and from which nothing later is believed.
    package func frontier(
        of unit: UnitCode, days: ClosedRange<CivilDate>, asked: Int64, now: Int64
    ) throws -> Frontier {
        let view = charter.current
        let topology = view.topology
        var reaches = Dictionary(grouping: try authorReaches(now: now)) { $0.author.unit }
        let own = try identity
        var units: [UnitFrontier] = []
        for code in topology.codes where topology.isAboveOrSelf(unit, code) {
            guard let entry = topology[code], entry.isValid(on: days) else { continue }
            let end = entry.until.flatMap { CivilDate(dayNumber: $0) }.map(CivilTime.end)
            var times = try UnitReach(reaches.removeValue(forKey: code) ?? [], view).times(self)
            if let own, own.unit == code { times[own.ordinal] = .open(now) }
            units.append(
                UnitFrontier(
                    unit: code, name: entry.name, time: UnitReach.least(times), asked: min(asked, end ?? asked)))
        }
        return Frontier(asked: asked, units: units)
    }
}

extension UnitEntry {
    /// Whether it is valid on one of the days.
    fileprivate func isValid(on days: ClosedRange<CivilDate>) -> Bool {
        (from ?? .min) <= days.upperBound.dayNumber && (until ?? .max) >= days.lowerBound.dayNumber
    }
}
