/// A clock that runs a little fast or slow. It never goes back by itself.
struct ClockDrift: Hashable, Sendable {
    /// Seconds that it gains in a million; more than a million lost would let it go back.
    let perMillion: Int64
    /// Seconds since 1970.
    let since: Int64

    /// By how much it is off at a moment.
    func seconds(at moment: Int64) -> Int64 { (moment - since) * perMillion / 1_000_000 }
}
