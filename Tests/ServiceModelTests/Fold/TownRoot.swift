@testable import ServiceModel

/// What the root enters into the charter.
extension TownWorld {
    mutating func entry(_ change: CharterChange, number: Int) -> CharterEntry {
        CharterEntry(
            number: UInt64(number),
            digest: EntryDigest(Bytes16(high: random.next(), low: random.next())),
            previous: line.last?.digest,
            change: change
        )
    }

    mutating func enter(_ change: CharterChange) {
        var number = line.count
        if case .join = change { number += orphans.count }
        let new = entry(change, number: number)
        line.append(new)
        nodes[0].take(new)
    }

    mutating func addUnit() {
        let code = Town.code("V\(5 + random.below(3))")
        enter(.units([UnitEntry(code: code, name: "new", tier: 3, parent: Town.code("T2"), kind: .point)], last: false))
        enter(.units([], last: random.below(3) > 0))
    }

    mutating func orphan() {
        guard orphans.isEmpty else { return }
        let forgotten = entry(.grant(unit: random.pick(Town.names), kind: Town.kind("decide")), number: line.count)
        orphans.append(forgotten)
        nodes[1 + random.below(nodes.count - 1)].take(forgotten)
        enter(.other)
    }

    mutating func join() {
        guard let orphan = orphans.first, !line.contains(where: { $0.change == .join(orphan: orphan.digest) }) else {
            return
        }
        nodes[0].take(orphan)
        enter(.join(orphan: orphan.digest))
    }

    /// What the root knows of an author, by sequence.
    func known(_ author: AuthorID) -> [Act] {
        nodes[0].acts.filter { $0.author == author }.sorted { ($0.sequence, $0.leaf) < ($1.sequence, $1.leaf) }
    }

    /// The journal up to `head` stands, in the branch that `head` is of.
    func cut(_ author: Author, upTo head: Act?, heir: UnitCode?, scope: Set<ActionKind>? = nil) -> Cut {
        guard let head else { return Cut(author: author, through: 0, heir: heir, scope: scope) }
        let known = known(author.id).filter { $0.sequence <= head.sequence }
        var trail: Set<Leaf> = [head.leaf]
        var at = head.leaf
        while let next = before[at] {
            trail.insert(next)
            at = next
        }
        let from = known.filter { !trail.contains($0.leaf) }.map(\.sequence).min()
        let kept = known.filter { trail.contains($0.leaf) && $0.sequence >= from ?? 0 }.map(\.leaf)
        return Cut(
            author: author,
            through: head.sequence,
            digest: head.leaf,
            fork: from.map { .init(from: $0, kept: Set(kept)) },
            heir: heir,
            scope: scope
        )
    }

    mutating func cut() {
        var at = 1 + random.below(nodes.count - 1)
        let holder = nodes[0].state(authors).holder
        if random.one(in: 2), let holder { at = node(of: holder) }
        let author = nodes[at].author
        let head = random.below(3) > 0 ? known(author.id).last : nil
        let heir = random.pick([nodes[at].unit, Town.code("T1"), Town.code("K1"), Town.code("K2"), Town.code("V2")])
        let scope: Set<ActionKind>? = random.one(in: 7) ? [Town.kind("amend")] : nil
        enter(.cut(cut(author, upTo: head, heir: heir, scope: scope)))
        if random.one(in: 2) { meetAll() }
    }

    mutating func forkCut() {
        for author in authors.values.sorted() {
            let known = known(author.id)
            let tips = known.filter { tip in !known.contains { before[$0.leaf] == tip.leaf } }
            guard tips.count > 1, !nodes[0].charter.current.isCut(author) else { continue }
            return enter(.cut(cut(author, upTo: random.pick(tips), heir: author.unit)))
        }
    }

    mutating func raise() {
        for entry in line {
            guard case .cut(let old) = entry.change,
                let next = known(old.author.id).first(where: { $0.sequence > old.through })
            else { continue }
            return enter(.cut(cut(old.author, upTo: next, heir: old.heir, scope: old.scope)))
        }
    }

    /// What the root waits for is stated as lost.
    mutating func loss() {
        give(holding(), 0, skipping: 1 + random.below(3))
        for act in nodes[0].acts {
            guard let parent = act.parents.first(where: { !nodes[0].holds($0.leaf) }),
                let author = authors[parent.author]
            else { continue }
            let range = parent.sequence...parent.sequence
            return enter(
                .cut(Cut(author: author, through: parent.sequence, heir: author.unit, scope: [], lost: [range]))
            )
        }
    }
}
