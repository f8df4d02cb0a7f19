/// What the clocks of this node and of its parent showed when the parent's last word was heard.
package struct ClockContact: Hashable, Sendable {
    /// The seconds of the years 1970 to 9999; a parent may say anything.
    private static let sane: ClosedRange<Int64> = 0...253_402_300_799

    /// Seconds since 1970.
    package let ours: Int64
    /// Seconds since 1970, brought into the years that can be written.
    package let theirs: Int64

    package init(ours: Int64, theirs: Int64) {
        self.ours = ours
        self.theirs = min(max(theirs, Self.sane.lowerBound), Self.sane.upperBound)
    }

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
