/// How long to wait before dialling again: twice as long after every failure, up to a bound, with jitter so that a
/// thousand children do not return in the same second.
struct Backoff: Sendable {
    static let shortest: Int64 = 500
    static let longest: Int64 = 60_000

    private var failures = 0

    /// Milliseconds to wait; never long on a line that is cut again and again, but carries something each time.
    /// - Parameter random: 0..<1000.
    mutating func pause(after end: UplinkEnd, random: Int64) -> Int64 {
        switch end {
        case .good, .stale, .stopped:
            failures = 0
            return 0
        case .paused(.busy(let seconds)):
            failures = 0
            return seconds * 1000 + random
        case .lost(_, hasMoved: true): failures = 0
        case .lost, .failed, .ownTrouble, .paused(.hours): break
        }
        let bound = min(Self.longest, Self.shortest << Int64(min(failures, 16)))
        failures += 1
        return bound / 2 + bound * random / 2000
    }
}
