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
    /// By year, and by name, in the order of the log.
    private(set) var calendars: [Int: [Dated<CalendarYear>]] = [:]
    private(set) var policies: [String: [Dated<String>]] = [:]

    mutating func enter(_ entry: CharterEntry, at place: CharterPlace) {
        places[entry.digest] = place
        let rank = CharterRank(number: entry.number, digest: entry.digest)
        switch entry.change {
        case .cut(let cut):
            var of = cuts[cut.author.unit] ?? []
            let at = of.firstIndex { rank < $0.rank } ?? of.endIndex
            of.insert(DatedCut(rank: rank, place: place, cut: cut), at: at)
            cuts[cut.author.unit] = of
            lost.insert(cut)
        case .grant(let unit, let kind): grants[Power(unit: unit, kind: kind), default: []].append(place)
        case .hold(let unit): holds[unit, default: []].append(place)
        case .calendar(let year): calendars.enter(year, rank: rank, place: place)
        case .policy(let name, let value): policies.enter(value, of: name, rank: rank, place: place)
        case .genesis, .units, .move, .join, .other: break
        }
    }
}
