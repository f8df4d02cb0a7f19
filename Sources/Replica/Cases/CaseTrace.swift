import ChangeSet
import ServiceModel

extension CaseRecord {
    /// The history as people read it: what a change set builds upon before it, in whatever order they came here. What
    /// is not ordered by that goes by the time that each claims, as far as its bracket allows it, then by who wrote it.
    /// - Parameter brackets: of its change sets.
    package func trace(_ brackets: [Leaf: DateBracket]) -> [RecordHistory.Entry] {
        let entries = history.entries
        let leaves = entries.map(\.placed.leaf.leaf)
        let known = Dictionary(zip(leaves, entries.indices), uniquingKeysWith: { one, _ in one })
        let ranks = zip(entries, leaves).map { Rank($0, within: brackets[$1] ?? .open) }
        var awaited: [Int] = []
        var children: [[Int]] = Array(repeating: [], count: entries.count)
        for (index, act) in history.acts.enumerated() {
            let parents = Set(act.parents.compactMap { known[$0.leaf] })
            awaited.append(parents.count)
            for parent in parents { children[parent].append(index) }
        }
        // The earliest of those that nothing else precedes stands last, so that it is cheap to take.
        var ready = entries.indices.filter { awaited[$0] == 0 }.sorted { ranks[$1] < ranks[$0] }
        var trace: [RecordHistory.Entry] = []
        while let next = ready.popLast() {
            trace.append(entries[next])
            for child in children[next] {
                awaited[child] -= 1
                if awaited[child] == 0 { ready.insert(child, at: ready.place { ranks[child] < ranks[$0] }) }
            }
        }
        // An author can make two that name each other as what they build upon; nothing is left out for that.
        let rest = entries.indices.filter { awaited[$0] > 0 }.sorted { ranks[$0] < ranks[$1] }
        return trace + rest.map { entries[$0] }
    }
}

/// Where a change set stands among those that it neither builds upon nor is built upon by.
private struct Rank: Comparable {
    let time: Int64
    let place: Place
    let leaf: Leaf

    init(_ entry: RecordHistory.Entry, within bracket: DateBracket) {
        let claimed = max(entry.changeSet.time, bracket.notBefore ?? .min)
        time = min(claimed, bracket.notAfter ?? .max)
        place = entry.placed.place
        leaf = entry.placed.leaf.leaf
    }

    static func < (one: Rank, other: Rank) -> Bool {
        (one.time, one.place.author, one.place.sequence, one.leaf)
            < (other.time, other.place.author, other.place.sequence, other.leaf)
    }
}

extension [Int] {
    /// The first index whose element, and every one behind it, is no longer `before` what is to be put in.
    fileprivate func place(where before: (Int) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if before(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
