import ServiceModel

/// A node in one incarnation, as its opening says.
struct OracleAuthor: Hashable, Comparable {
    let id: AuthorID
    let unit: String
    let enrollment: UInt32
    let depth: UInt32

    static func < (a: Self, b: Self) -> Bool {
        (a.unit, a.enrollment, a.depth, a.id) < (b.unit, b.enrollment, b.depth, b.id)
    }
}

struct OracleCut {
    var author: OracleAuthor
    var through: UInt64
    var leaf: Leaf?
    /// 0 where no fork is known.
    var forkFrom: UInt64 = 0
    var forkKept: Set<Leaf> = []
    var heir: String?
    /// nil: every kind of action.
    var scope: Set<UInt32>?
    var lost: [ClosedRange<UInt64>] = []

    /// The author itself, or what its certificate opened later.
    func covers(_ other: OracleAuthor) -> Bool {
        other.id == author.id
            || other.unit == author.unit && other.enrollment == author.enrollment && other.depth > author.depth
    }

    func leaves(_ act: OracleAct) -> Bool { leaves(act.leaf, of: act.author, act.sequence) }

    func leaves(_ other: Leaf, of writer: AuthorID, _ sequence: UInt64) -> Bool {
        guard writer == author.id, sequence <= through else { return false }
        if sequence == through, let leaf, leaf != other { return false }
        return forkFrom == 0 || sequence < forkFrom || forkKept.contains(other)
    }

    /// Whether it goes further along the same chain.
    func raises(_ earlier: OracleCut) -> Bool {
        guard author.id == earlier.author.id else { return earlier.through == 0 }
        if through == earlier.through, let leaf, let before = earlier.leaf, leaf != before { return false }
        let isSuperset = forkFrom == 0 || earlier.forkFrom == 0 || forkKept.isSuperset(of: earlier.forkKept)
        return through >= earlier.through && isSuperset
    }
}

/// The root's log, from whatever entries anyone holds.
final class OracleCharter {
    struct Unit: Equatable {
        var tier: Int
        var parent: String?
    }

    enum Change {
        /// The genesis too: the root alone.
        case units([String: Unit], last: Bool)
        case move(unit: String, parent: String)
        case grant(unit: String, kind: UInt32)
        case cut(OracleCut)
        case join(EntryDigest)
        case calendar(year: Int, holidays: [Int32], worked: [Int32])
        case policy(name: String, value: String)
        case other
    }

    struct Entry {
        let number: UInt64
        let digest: EntryDigest
        let previous: EntryDigest?
        let change: Change
    }

    /// What is visible from an entry, or in all.
    struct Sight {
        let entries: Set<EntryDigest>
        let ordered: [Entry]
        let units: [String: Unit]

        var cuts: [(entry: EntryDigest, cut: OracleCut)] {
            ordered.compactMap { if case .cut(let cut) = $0.change { ($0.digest, cut) } else { nil } }
        }

        func above(_ unit: String) -> [String] {
            var out: [String] = [], at = unit
            while let next = units[at]?.parent, !out.contains(next) {
                out.append(next)
                at = next
            }
            return out
        }

        func may(_ unit: String, _ kind: UInt32, lowest: Int?) -> Bool {
            guard let tier = units[unit]?.tier else { return false }
            guard let lowest, tier > lowest else { return true }
            return ordered.contains {
                if case .grant(let to, let what) = $0.change { to == unit && what == kind } else { false }
            }
        }
    }

    let entries: [EntryDigest: Entry]
    private let known: [EntryDigest: Set<EntryDigest>]
    private var seen: [EntryDigest: Sight] = [:]
    /// All that is known.
    private(set) lazy var whole = sight(of: Set(known.keys))

    init(_ held: [Entry]) {
        entries = Dictionary(held.map { ($0.digest, $0) }) { one, _ in one }
        var known: [EntryDigest: Set<EntryDigest>] = [:]
        var grew = true
        while grew {
            grew = false
            for entry in entries.values where known[entry.digest] == nil {
                var below = entry.previous.map { [$0] } ?? []
                if case .join(let orphan) = entry.change { below.append(orphan) }
                guard below.allSatisfy({ known[$0] != nil }) else { continue }
                known[entry.digest] = below.reduce(into: [entry.digest]) { $0.formUnion(known[$1] ?? []) }
                grew = true
            }
        }
        self.known = known
    }

    /// nil while the entry, or one below it, is not held.
    func sight(at entry: EntryDigest) -> Sight? {
        if seen[entry] == nil { seen[entry] = known[entry].map(sight(of:)) }
        return seen[entry]
    }

    private func sight(of visible: Set<EntryDigest>) -> Sight {
        let ordered = visible.compactMap { entries[$0] }.sorted { ($0.number, $0.digest) < ($1.number, $1.digest) }
        var units: [String: Unit] = [:]
        for entry in ordered {
            switch entry.change {
            case .units(_, last: true): units.merge(group(endingWith: entry)) { $1 }
            case .move(let unit, let parent): units[unit]?.parent = parent
            default: break
            }
        }
        return Sight(entries: visible, ordered: ordered, units: units)
    }

    /// An import is one group, which takes effect with its last entry.
    private func group(endingWith last: Entry) -> [String: Unit] {
        var groups: [[String: Unit]] = [], at: Entry? = last
        while let entry = at, case .units(let units, let isLast) = entry.change, !isLast || entry.digest == last.digest
        {
            groups.append(units)
            at = entry.previous.flatMap { entries[$0] }
        }
        return groups.reversed().reduce(into: [:]) { $0.merge($1) { $1 } }
    }
}
