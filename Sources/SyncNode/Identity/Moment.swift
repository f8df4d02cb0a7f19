/// The time as the caller's clock has it. Nothing below `NodeServer` reads a clock.
package struct Moment: Hashable, Sendable {
    /// Seconds since 1970.
    package let seconds: Int64
    /// The civil day here, counted from 1970-01-01.
    package let day: Int32

    package init(seconds: Int64, day: Int32) {
        self.seconds = seconds
        self.day = day
    }
}
