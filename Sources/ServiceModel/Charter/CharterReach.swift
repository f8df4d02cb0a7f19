/// Where a known entry lies: the log is a bundle of branches, nearly always one.
struct CharterPlace: Hashable, Sendable {
    let branch: Int
    /// Counted from 1 along the branch.
    let position: UInt32
}

/// The set of entries that are visible from somewhere: how far along each branch. Every entry stands on all that lies
/// before it on its branch, so that a length says it all.
struct CharterReach: Hashable, Sendable {
    private var lengths: [UInt32]

    init() { lengths = [] }

    func contains(_ place: CharterPlace) -> Bool {
        place.branch < lengths.count && lengths[place.branch] >= place.position
    }

    mutating func insert(_ place: CharterPlace) {
        while lengths.count <= place.branch { lengths.append(0) }
        lengths[place.branch] = max(lengths[place.branch], place.position)
    }

    mutating func formUnion(_ other: CharterReach) {
        while lengths.count < other.lengths.count { lengths.append(0) }
        for (branch, length) in other.lengths.enumerated() { lengths[branch] = max(lengths[branch], length) }
    }

    func isSubset(of other: CharterReach) -> Bool {
        for (branch, length) in lengths.enumerated() where length > 0 {
            if branch >= other.lengths.count || other.lengths[branch] < length { return false }
        }
        return true
    }

    func isStrictSubset(of other: CharterReach) -> Bool {
        isSubset(of: other) && !other.isSubset(of: self)
    }
}
