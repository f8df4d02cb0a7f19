/// The root's log as a replica holds it (RULES.md, "Charter"). Entries become known with their whole chain. Where a
/// restored root has made two branches both are known, read in the order of (number, digest), until a join adopts one.
package struct Charter: Sendable {
    /// A known entry with what is visible from it.
    private struct Line: Sendable {
        let entry: CharterEntry
        let place: CharterPlace
        let reach: CharterReach
        let topology: Topology
    }

    private enum TopologyChange: Sendable {
        case genesis(UnitEntry)
        case units([[UnitEntry]])
        case move(UnitCode, UnitCode)
    }

    private struct DatedChange: Sendable {
        let rank: CharterRank
        let place: CharterPlace
        let change: TopologyChange
    }

    private var lines: [EntryDigest: Line] = [:]
    private var branches: [UInt32] = []
    /// Held entries that miss something, by the digest that they miss.
    private var waiting: [EntryDigest: [CharterEntry]] = [:]
    private var waitingDigests: Set<EntryDigest> = []
    private var ledger = CharterLedger()
    /// In the order of the log.
    private var changes: [DatedChange] = []
    private var reach = CharterReach()
    private var topology = Topology()
    /// Known entries that no other known entry stands on, in the order of the log. Two are a split.
    package private(set) var tips: [EntryDigest] = []
    /// Names the entries in the order in which they became known; equal marks read alike.
    private(set) var mark = Bytes16(high: 0, low: 0)

    package init() {}

    /// The topology at each known entry.
    var topologies: some Sequence<Topology> { lines.values.lazy.map(\.topology) }

    /// The same in the order of the entries' numbers.
    var topologiesInOrder: [Topology] {
        lines.values.sorted { $0.entry.number < $1.entry.number }.map(\.topology)
    }

    /// How many entries are known.
    package var count: Int { lines.count }

    /// How many entries are held that miss one before them.
    package var waitingCount: Int { waitingDigests.count }

    /// Everything that is known.
    package var current: CharterView { CharterView(reach: reach, ledger: ledger, topology: topology) }

    /// The charter as it is visible from one entry; nil while that entry is not known.
    package func view(at entry: EntryDigest) -> CharterView? {
        lines[entry].map { CharterView(reach: $0.reach, ledger: ledger, topology: $0.topology) }
    }

    package func contains(_ entry: EntryDigest) -> Bool { lines[entry] != nil }

    /// The known entries that another charter does not know, in the order of the log.
    package func entries(unknownTo other: Charter) -> [CharterEntry] {
        lines.values.map(\.entry).filter { !other.contains($0.digest) }
            .sorted { ($0.number, $0.digest) < ($1.number, $1.digest) }
    }

    /// The known entry of this digest.
    package func entry(_ digest: EntryDigest) -> CharterEntry? { lines[digest]?.entry }

    /// Whether the pin `a` has seen less than `b`: all that is visible from `a` is from `b`, and more. False for pins
    /// of two branches, and where one is not known.
    package func isBehind(_ a: EntryDigest, _ b: EntryDigest) -> Bool {
        guard a != b, let one = lines[a], let two = lines[b] else { return false }
        return one.reach.isStrictSubset(of: two.reach)
    }

    /// The sequences that cuts state as lost.
    var lost: LostSequences { ledger.lost }

    /// Takes an entry in; it becomes known once all that it stands on is, and with it whatever waited for it. An entry
    /// without predecessor that is no genesis, and a genesis with one, never does.
    package mutating func add(_ entry: CharterEntry) {
        guard lines[entry.digest] == nil, !waitingDigests.contains(entry.digest) else { return }
        if case .genesis = entry.change {
            guard entry.previous == nil else { return }
        } else {
            guard entry.previous != nil else { return }
        }
        waitingDigests.insert(entry.digest)
        var ready = [entry]
        while let next = ready.popLast() {
            if let missing = Self.foundations(of: next).first(where: { lines[$0] == nil }) {
                waiting[missing, default: []].append(next)
            } else {
                waitingDigests.remove(next.digest)
                know(next)
                ready += waiting.removeValue(forKey: next.digest) ?? []
            }
        }
    }

    private static func foundations(of entry: CharterEntry) -> [EntryDigest] {
        var out: [EntryDigest] = []
        if let previous = entry.previous { out.append(previous) }
        if case .join(let orphan) = entry.change { out.append(orphan) }
        return out
    }

    private mutating func know(_ entry: CharterEntry) {
        let before = entry.previous.flatMap { lines[$0] }
        let place = place(after: before)
        var seen = before?.reach ?? CharterReach()
        if case .join(let orphan) = entry.change, let adopted = lines[orphan] { seen.formUnion(adopted.reach) }
        seen.insert(place)
        ledger.enter(entry, at: place)
        reach.insert(place)

        let rank = CharterRank(number: entry.number, digest: entry.digest)
        let change = topologyChange(entry)
        if let change {
            let at = changes.lastIndex { $0.rank < rank }.map { $0 + 1 } ?? 0
            changes.insert(DatedChange(rank: rank, place: place, change: change), at: at)
        }
        let visible = visibleTopology(change, rank: rank, before: before, seen: seen)
        lines[entry.digest] = Line(entry: entry, place: place, reach: seen, topology: visible)
        // What stands on an entry becomes known after it.
        tips.removeAll(where: Self.foundations(of: entry).contains)
        let at = tips.firstIndex {
            lines[$0].map { ($0.entry.number, $0.entry.digest) > (entry.number, entry.digest) } ?? false
        }
        tips.insert(entry.digest, at: at ?? tips.endIndex)
        if reach.isSubset(of: seen) {
            topology = visible
        } else if change != nil {
            topology = replayed(in: reach)
        }
        let digest = entry.digest.value
        mark = Bytes16(
            high: (mark.high &* 0x9E37_79B9_7F4A_7C15) ^ digest.high,
            low: (mark.low &* 0xC2B2_AE3D_27D4_EB4F) ^ digest.low
        )
    }

    private mutating func place(after before: Line?) -> CharterPlace {
        if let before, branches[before.place.branch] == before.place.position {
            branches[before.place.branch] += 1
            return CharterPlace(branch: before.place.branch, position: branches[before.place.branch])
        }
        branches.append(1)
        return CharterPlace(branch: branches.count - 1, position: 1)
    }

    private func topologyChange(_ entry: CharterEntry) -> TopologyChange? {
        switch entry.change {
        case .genesis(let root): return .genesis(root)
        case .move(let unit, let parent): return .move(unit, parent)
        case .units(let units, last: true):
            var groups = [units]
            var at = entry.previous
            while let digest = at, let line = lines[digest], case .units(let more, last: false) = line.entry.change {
                groups.append(more)
                at = line.entry.previous
            }
            return .units(groups.reversed())
        case .units(_, last: false), .grant, .cut, .hold, .join, .calendar, .policy, .other: return nil
        }
    }

    private func visibleTopology(
        _ change: TopologyChange?,
        rank: CharterRank,
        before: Line?,
        seen: CharterReach
    ) -> Topology {
        guard let before else { return replayed(in: seen) }
        let inherited = changes.allSatisfy {
            $0.rank == rank || !seen.contains($0.place) || (before.reach.contains($0.place) && $0.rank < rank)
        }
        guard inherited else { return replayed(in: seen) }
        return change.map { Self.apply($0, to: before.topology) } ?? before.topology
    }

    private func replayed(in seen: CharterReach) -> Topology {
        changes.lazy.filter { seen.contains($0.place) }.reduce(Topology()) { Self.apply($1.change, to: $0) }
    }

    private static func apply(_ change: TopologyChange, to topology: Topology) -> Topology {
        switch change {
        case .genesis(let root): Topology([root])
        case .units(let groups): topology.importing(groups)
        case .move(let unit, let parent): topology.moving(unit, under: parent)
        }
    }
}
