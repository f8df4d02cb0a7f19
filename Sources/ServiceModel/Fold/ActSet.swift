/// A set of acts of one record, by their index in it: one word until there are more than 64.
struct ActSet: Equatable, Sendable {
    private var low: UInt64 = 0
    private var high: [UInt64] = []

    var isEmpty: Bool { low == 0 && high.allSatisfy { $0 == 0 } }

    var count: Int { high.reduce(low.nonzeroBitCount) { $0 + $1.nonzeroBitCount } }

    func contains(_ index: Int) -> Bool {
        guard index >= 64 else { return low >> UInt64(index) & 1 == 1 }
        let word = index / 64 - 1
        return word < high.count && high[word] >> UInt64(index % 64) & 1 == 1
    }

    mutating func insert(_ index: Int) {
        guard index >= 64 else {
            low |= 1 << UInt64(index)
            return
        }
        let word = index / 64 - 1
        while high.count <= word { high.append(0) }
        high[word] |= 1 << UInt64(index % 64)
    }

    mutating func remove(_ index: Int) {
        guard index >= 64 else {
            low &= ~(1 << UInt64(index))
            return
        }
        let word = index / 64 - 1
        if word < high.count { high[word] &= ~(1 << UInt64(index % 64)) }
    }

    mutating func formUnion(_ other: ActSet) {
        low |= other.low
        while high.count < other.high.count { high.append(0) }
        for (word, bits) in other.high.enumerated() { high[word] |= bits }
    }

    func intersects(_ other: ActSet) -> Bool {
        low & other.low != 0 || zip(high, other.high).contains { $0 & $1 != 0 }
    }
}
