/// A small random source that gives the same numbers for the same seed on every machine: all of a simulation's choices,
/// and the topologies that are made up, come from one seed (Steele, Lea and Flood: Fast Splittable Pseudorandom Number
/// Generators, 2014). Not for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package private(set) var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number from 0 to below `bound`, which must be at least 1. The standard library's own draw may change with its
    /// version.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound >= 1)
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number from `-most` to below `most`.
    package mutating func within(_ most: Int64) -> Int64 { Int64(below(2 * Int(most))) - most }

    /// True once in so many times.
    package mutating func one(in count: Int) -> Bool { below(count) == 0 }

    /// - Precondition: there is something to pick.
    package mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

    /// The seed of a stream of its own within what another seed makes.
    package static func seed(_ seed: UInt64, for name: String) -> UInt64 {
        var mixed = SeededGenerator(state: RunDigest(of: name).value ^ seed)
        return mixed.next()
    }
}
