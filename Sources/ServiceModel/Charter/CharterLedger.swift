/// The order in which entries of two branches are read: by number, then by digest.
struct CharterRank: Hashable, Comparable, Sendable {
    let number: UInt64
    let digest: EntryDigest

    static func < (a: CharterRank, b: CharterRank) -> Bool {
        a.number != b.number ? a.number < b.number : a.digest < b.digest
    }
}

/// A cut and the entry that states it.
struct DatedCut: Sendable {
    let rank: CharterRank
    let place: CharterPlace
    let cut: Cut
}

/// The known entries by what they are asked for. One ledger serves all views: each reads what lies in its reach.
struct CharterLedger: Sendable {
    struct Power: Hashable, Sendable {
        let unit: UnitCode
        let kind: ActionKind
    }

    private(set) var places: [EntryDigest: CharterPlace] = [:]
    /// By the unit of the cut author, in the order of the log.
    private(set) var cuts: [UnitCode: [DatedCut]] = [:]
    private(set) var grants: [Power: [CharterPlace]] = [:]
    private(set) var holds: [UnitCode: [CharterPlace]] = [:]
    private(set) var lost = LostSequences()

    mutating func enter(_ entry: CharterEntry, at place: CharterPlace) {
        places[entry.digest] = place
        switch entry.change {
        case .cut(let cut):
            let rank = CharterRank(number: entry.number, digest: entry.digest)
            var of = cuts[cut.author.unit] ?? []
            let at = of.firstIndex { rank < $0.rank } ?? of.endIndex
            of.insert(DatedCut(rank: rank, place: place, cut: cut), at: at)
            cuts[cut.author.unit] = of
            lost.insert(cut)
        case .grant(let unit, let kind): grants[Power(unit: unit, kind: kind), default: []].append(place)
        case .hold(let unit): holds[unit, default: []].append(place)
        case .genesis, .units, .move, .join, .other: break
        }
    }
}
