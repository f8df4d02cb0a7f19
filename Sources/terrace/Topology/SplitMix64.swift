/// A small random source that gives the same numbers for the same seed on every machine and in every version
/// (Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators, 2014). Not for secrets.
package struct SplitMix64: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 to below `bound`, which must be at least 1. The standard library's own draw may change with its version.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound >= 1)
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
