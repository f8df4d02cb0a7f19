import ServiceModel
import SyncNode

/// What the clocks of a network's machines show.
extension SimulatedNetwork {
    /// The time by a unit's own clock.
    package func time(at name: String) -> Moment {
        let time = now.seconds + (skew[name] ?? 0) + drifted(name)
        return Moment(seconds: time, day: CivilTime.day(at: time)?.dayNumber ?? now.day)
    }

    /// The latest that any clock has shown so far of the units above this one, those included that no longer are:
    /// nobody can have told it a later time. nil for the root.
    func latestShown(above name: String) -> Int64? {
        shape.everAbove(name).map { max(time(at: $0).seconds, latestShown[$0] ?? .min) }.max()
    }

    func drifted(_ name: String) -> Int64 { drifts[name]?.seconds(at: now.seconds) ?? 0 }

    /// From now on a unit's clock gains so many seconds in a million, or loses them.
    func drift(_ name: String, by perMillion: Int64) {
        drifts[name] = ClockDrift(perMillion: perMillion, since: now.seconds)
    }

    /// All clocks are right, and stay so.
    func setClocks() {
        for name in drifts.keys { latestShown[name] = max(latestShown[name] ?? .min, time(at: name).seconds) }
        (drifts, skew) = ([:], [:])
    }
}
