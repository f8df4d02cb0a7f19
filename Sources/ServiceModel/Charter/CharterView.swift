/// The charter as it is visible from one entry, or from all that are known.
package struct CharterView: Sendable {
    let reach: CharterReach
    let ledger: CharterLedger
    /// The units as the visible entries have them.
    package let topology: Topology

    /// What cuts say of one author and one kind of action.
    struct StandingCut: Sendable {
        /// The first of them: after it nobody can build in good faith.
        let first: CharterPlace
        /// The one that says how much stands.
        let part: Cut
    }

    /// Whether the entry is visible from here.
    package func contains(_ entry: EntryDigest) -> Bool {
        ledger.places[entry].map(reach.contains) ?? false
    }

    /// Whether the unit was given the power for this kind of action, apart from its tier.
    package func isGranted(_ unit: UnitCode, _ kind: ActionKind) -> Bool {
        ledger.grants[.init(unit: unit, kind: kind)]?.contains(where: reach.contains) ?? false
    }

    /// Whether the unit may do what needs `lowestTier` or above (nil: any unit of the network may).
    package func mayAct(_ unit: UnitCode, _ kind: ActionKind, lowestTier: Int?) -> Bool {
        guard let tier = topology.tier(of: unit) else { return false }
        guard let lowestTier, tier > lowestTier else { return true }
        return isGranted(unit, kind)
    }

    /// Whether an ancestor asks not to connect with the unit's node.
    package func isOnHold(_ unit: UnitCode) -> Bool {
        ledger.holds[unit]?.contains(where: reach.contains) ?? false
    }

    /// Whether some cut, of whatever scope, covers the author.
    package func isCut(_ author: Author) -> Bool {
        ledger.cuts[author.unit]?.contains { $0.cut.covers(author) && reach.contains($0.place) } ?? false
    }

    /// The last sequence up to which no cut takes anything of an author's journal away; nil where none covers it.
    package func untouched(of author: Author) -> UInt64? {
        ledger.cuts[author.unit]?.filter { $0.cut.covers(author) && reach.contains($0.place) }
            .map { $0.cut.untouched(of: author.id) }.min()
    }

    /// The cuts of an author for a kind of action, read as one; nil when there are none.
    func cut(of author: Author, for kind: ActionKind) -> StandingCut? { cut(of: author) { $0.takes(kind) } }

    /// The cuts of an author that are meant, read as one; nil when there are none.
    func cut(of author: Author, where isMeant: (Cut) -> Bool) -> StandingCut? {
        var found: StandingCut?
        for dated in ledger.cuts[author.unit] ?? [] {
            guard dated.cut.covers(author), isMeant(dated.cut), reach.contains(dated.place) else { continue }
            if let before = found {
                if dated.cut.raises(before.part) { found = StandingCut(first: before.first, part: dated.cut) }
            } else {
                found = StandingCut(first: dated.place, part: dated.cut)
            }
        }
        return found
    }

    /// Who holds what `holder` gained while seeing `since`, and how many cuts moved it. Only an author's first full cut
    /// moves custody, and only such as was gained without knowing it.
    func heir(of holder: UnitCode?, since: CharterReach) -> (holder: UnitCode?, moves: Int) {
        guard var unit = holder, !ledger.cuts.isEmpty else { return (holder, 0) }
        var moves = 0
        var after: CharterRank?
        while let next = nextMove(from: unit, after: after, since: since), let heir = next.cut.heir {
            unit = heir
            moves += 1
            after = next.rank
        }
        return (unit, moves)
    }

    private func nextMove(from unit: UnitCode, after: CharterRank?, since: CharterReach) -> DatedCut? {
        var dated: [AuthorID] = []
        for one in ledger.cuts[unit] ?? [] where one.cut.scope == nil && reach.contains(one.place) {
            guard !dated.contains(one.cut.author.id) else { continue }
            dated.append(one.cut.author.id)
            if let after, one.rank <= after { continue }
            if one.cut.heir != nil, !since.contains(one.place) { return one }
        }
        return nil
    }

    /// With the heirs of every cut that names a unit in the set, read along the log.
    package func withHeirs(_ units: Set<UnitCode>) -> Set<UnitCode> {
        var reachable = Array(units)
        var relevant: [DatedCut] = []
        var next = 0
        while next < reachable.count {
            for one in ledger.cuts[reachable[next]] ?? [] where reach.contains(one.place) {
                guard let heir = one.cut.heir else { continue }
                relevant.append(one)
                if !reachable.contains(heir) { reachable.append(heir) }
            }
            next += 1
        }
        guard !relevant.isEmpty else { return units }
        var out = units
        for one in relevant.sorted(by: { $0.rank < $1.rank }) where out.contains(one.cut.author.unit) {
            if let heir = one.cut.heir { out.insert(heir) }
        }
        return out
    }
}
