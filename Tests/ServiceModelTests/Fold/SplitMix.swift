/// A generator whose numbers depend on nothing but its seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    /// Seeds that lie side by side give streams that have nothing in common.
    init(seed: UInt64) { state = Self.mixed(Self.mixed(seed) ^ 0x1234_5678_9ABC_DEF1) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x632B_E59B_D9B4_E019
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func one(in chances: Int) -> Bool { below(chances) == 0 }
    mutating func pick<T>(_ from: [T]) -> T { from[below(from.count)] }
}
