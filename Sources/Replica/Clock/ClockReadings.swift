/// What the clocks of this node and of its parent showed when the parent's last word was heard.
package struct ClockContact: Hashable, Sendable {
    /// The seconds of the years 1970 to 9999; a parent may say anything.
    private static let years: ClosedRange<Int64> = 0...253_402_300_799

    /// Seconds since 1970, as those of the other brought into the years that can be written.
    package let ours: Int64
    package let theirs: Int64

    package init(ours: Int64, theirs: Int64) {
        // What was heard by a stick is as early as the stick says.
        self.ours = Self.sane(ours)
        self.theirs = Self.sane(theirs)
    }

    /// Brings seconds since 1970 into the years that can be written.
    package static func sane(_ time: Int64) -> Int64 { min(max(time, years.lowerBound), years.upperBound) }

    /// By how many seconds the parent's clock was ahead.
    package var offset: Int64 { theirs - ours }
}

/// A clock that was set while the node was serving, instead of running on.
package struct ClockJump: Hashable, Sendable {
    /// What it would have shown, in seconds since 1970.
    package let before: Int64
    /// What it showed.
    package let after: Int64

    package init(before: Int64, after: Int64) {
        self.before = before
        self.after = after
    }

    /// By how many seconds it was set, forward when positive.
    package var shift: Int64 { after - before }
}
