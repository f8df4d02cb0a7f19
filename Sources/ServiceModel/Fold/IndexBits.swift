/// A set of small indices: one word until there are more than 64.
struct IndexBits: Sendable {
    private var low: UInt64 = 0
    private var high: [UInt64] = []

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

    mutating func formUnion(_ other: IndexBits) {
        low |= other.low
        guard !other.high.isEmpty else { return }
        while high.count < other.high.count { high.append(0) }
        for (word, bits) in other.high.enumerated() { high[word] |= bits }
    }

    /// The first index below `end` for which `match` holds.
    func first(below end: Int, where match: (Int) -> Bool) -> Int? {
        var index = 0
        while index < end {
            if contains(index), match(index) { return index }
            index += 1
        }
        return nil
    }

    var count: Int { high.reduce(low.nonzeroBitCount) { $0 + $1.nonzeroBitCount } }
}
