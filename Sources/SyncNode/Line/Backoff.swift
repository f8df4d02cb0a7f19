/// How long to wait before dialling again: twice as long after every failure, up to a bound, with jitter so that a
/// thousand children do not return in the same second.
package struct Backoff: Sendable {
    package static let shortest: Int64 = 500
    package static let longest: Int64 = 60_000

    private var failures = 0
    /// The last one left something to mend.
    private var wasAgain = false

    package init() {}

    /// Milliseconds to wait; never long on a line that is cut again and again, but carries something each time.
    /// - Parameter random: 0..<1000.
    package mutating func pause(after end: AttemptEnd, random: Int64) -> Int64 {
        defer { wasAgain = end == .again }
        switch end {
        case .good:
            failures = 0
            return 0
        case .busy(let seconds):
            failures = 0
            return seconds * 1000 + random
        case .again where !wasAgain:
            failures = 0
            return 0
        case .lost(hasMoved: true): failures = 0
        case .again, .lost, .failed: break
        }
        let bound = min(Self.longest, Self.shortest << Int64(min(failures, 16)))
        failures += 1
        return bound / 2 + bound * random / 2000
    }
}

/// How an attempt to exchange has ended, as far as the pause before the next one hangs on it.
package enum AttemptEnd: Hashable, Sendable {
    case good
    /// In good order, but the next one has something to mend: at once, unless the last one did not mend it.
    case again
    /// The other end is there, and asks to come again after so many seconds.
    case busy(Int64)
    /// The other end served, until the line was lost. `hasMoved`: something had got across.
    case lost(hasMoved: Bool)
    case failed
}
