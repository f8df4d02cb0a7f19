import Foundation

/// Numbers that depend on nothing but the seed, which a failing test prints.
struct Seeded: RandomNumberGenerator {
    /// `TERRACE_SEED`, or always the same.
    static let seed = ProcessInfo.processInfo.environment["TERRACE_SEED"].flatMap { UInt64($0) } ?? 20_261_126

    private var state: UInt64

    init(_ seed: UInt64 = Self.seed) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
