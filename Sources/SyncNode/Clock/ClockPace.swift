import Replica

/// Tells a clock that was set from one that runs on, by another that nobody sets.
package struct ClockPace: Hashable, Sendable {
    /// A clock is set when it differs by so many seconds from where it would have run to.
    package static let least: Int64 = 60

    private var start: Int64

    /// - Parameters:
    ///   - shows: the clock, in seconds since 1970.
    ///   - elapsed: seconds on the other clock, from any beginning.
    package init(shows: Int64, elapsed: Int64) { start = shows - elapsed }

    /// Looks at both clocks again.
    /// - Returns: how the clock was set since it was looked at; nil when it ran on.
    package mutating func look(shows: Int64, elapsed: Int64) -> ClockJump? {
        let jump = ClockJump(before: start + elapsed, after: shows)
        guard abs(jump.shift) >= Self.least else { return nil }
        start = shows - elapsed
        return jump
    }
}

extension ClockJump {
    /// This one and one that came later in the same process; nil when the clock is back where it would be without both.
    package func followed(by later: ClockJump) -> ClockJump? {
        let both = ClockJump(before: later.before - shift, after: later.after)
        return abs(both.shift) < ClockPace.least ? nil : both
    }
}
