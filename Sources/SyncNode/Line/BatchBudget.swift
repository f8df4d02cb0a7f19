/// How much goes into one batch, as the line can bear it: a cut costs the batch that was on its way, and what is more
/// urgent waits for it to end. So a batch should not take much longer than the line's delay.
package struct BatchBudget: Hashable, Sendable {
    /// Bytes of change sets before deflate. A run that is longer goes all the same, since it cannot be divided.
    package static let least = 2 * 1024
    package static let most = ChildLink.usualBudget
    /// Before anything is known of the line.
    package static let first = 16 * 1024
    /// What a batch may take in milliseconds, beside the delay: below the first there may be more in the next, above
    /// the second less.
    package static let quick: Int64 = 2_000
    package static let slow: Int64 = 8_000

    package private(set) var bytes = first
    /// The least that a batch has taken, for the line's delay.
    private var shortest: Int64?

    package init() {}

    /// A batch took so many milliseconds.
    /// - Parameter isFull: more lay behind it. What a small one takes says little of a large one.
    package mutating func took(_ time: Int64, isFull: Bool) {
        let least = min(time, shortest ?? time)
        shortest = least
        if time - least > Self.slow {
            bytes = max(Self.least, bytes / 2)
        } else if isFull, time - least < Self.quick {
            bytes = min(Self.most, bytes * 2)
        }
    }

    /// The line was lost with a batch on its way.
    package mutating func lost() { bytes = max(Self.least, bytes / 2) }
}
