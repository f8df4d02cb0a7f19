/// A rate in bytes per second: what has passed is owed, and the next bytes wait until the debt is paid. Up to a quarter
/// of a second may be saved up. The only clock is the caller's, in microseconds.
struct TokenBucket: Sendable {
    /// Rates that can be kept to, in bytes per second.
    static let rates = 100...1_000_000_000

    let rate: Int
    /// Bytes that may pass at once after a rest.
    var burst: Int { max(1, rate / 4) }
    /// Millionths of a byte; below nothing there is a debt.
    private var level: Int64
    private var filled: Int64

    /// - Parameter rate: taken into `rates`.
    init(rate: Int, at now: Int64) {
        self.rate = min(max(rate, Self.rates.lowerBound), Self.rates.upperBound)
        filled = now
        level = Int64(max(1, self.rate / 4)) * 1_000_000
    }

    /// Microseconds until something may pass.
    mutating func wait(at now: Int64) -> Int64 {
        fill(at: now)
        return level > 0 ? 0 : (1 - level + Int64(rate) - 1) / Int64(rate)
    }

    mutating func spend(_ bytes: Int, at now: Int64) {
        fill(at: now)
        level -= Int64(bytes) * 1_000_000
    }

    private mutating func fill(at now: Int64) {
        let full = Int64(burst) * 1_000_000
        // No longer than it takes to be full, whatever the clock says.
        let span = min(max(0, now - filled), (full - level) / Int64(rate) + 1)
        level = min(full, level + span * Int64(rate))
        filled = now
    }
}
