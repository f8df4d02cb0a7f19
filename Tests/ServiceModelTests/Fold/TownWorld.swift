@testable import ServiceModel

/// A history of one record, made by machines that each see a part of it: deterministic in its seed.
struct TownWorld {
    var random: SplitMix
    var nodes: [TownNode] = []
    var authors: [AuthorID: Author] = [:]
    /// The root's line, then what it forgot.
    var line: [CharterEntry] = []
    var orphans: [CharterEntry] = []
    /// Written by who plays by the rules.
    private(set) var honest: Set<Leaf> = []
    private(set) var orderOfWriting: [Leaf] = []
    /// The change set before each in its author's journal.
    private(set) var before: [Leaf: Leaf] = [:]

    enum Step: CaseIterable {
        case act, type, sync, partly, up, all, courier, grant, cut, forkCut, raise, hold, move, units, orphan, join
        case restore, clone, reenroll, evil, loss, duel
    }

    static let weights: [(Step, Int)] = [
        (.act, 12), (.type, 4), (.sync, 6), (.partly, 2), (.up, 4), (.all, 1), (.courier, 2), (.grant, 1), (.cut, 1),
        (.forkCut, 1), (.raise, 1), (.hold, 1), (.move, 1), (.units, 1), (.orphan, 1), (.join, 1), (.restore, 2),
        (.clone, 2), (.reenroll, 1), (.evil, 3), (.loss, 1), (.duel, 1),
    ]
    private static let deck = weights.flatMap { Array(repeating: $0.0, count: $0.1) }

    init(seed: UInt64, steps: Int) {
        random = SplitMix(seed: seed)
        for unit in Town.names {
            let author = newAuthor(unit, enrollment: 1, depth: 0)
            nodes.append(TownNode(unit: unit, author: author))
        }
        enter(.genesis(root: Town.units[0]))
        enter(.units(Array(Town.units[1..<5]), last: false))
        enter(.units(Array(Town.units[5...]), last: true))
        for at in nodes.indices { for entry in line { nodes[at].take(entry) } }
        let first = 7 + random.below(4)
        write(
            Draft("create", writes: [("phone", "0"), ("material.form", "here")], route: [nodes[first].unit]),
            by: first,
            honestly: true
        )
        for _ in 0..<steps { play(random.pick(Self.deck)) }
    }

    /// Every change set that some machine still has, as it was written.
    var acts: [Act] {
        var found: [Leaf: Act] = [:]
        for node in nodes { for act in node.acts { found[act.leaf] = act } }
        return orderOfWriting.compactMap { found[$0] }
    }

    var entries: [CharterEntry] { line + orphans }

    mutating func play(_ step: Step) {
        switch step {
        case .act: work()
        case .type: type()
        case .sync: sync(skipping: 0)
        case .partly: sync(skipping: 1 + random.below(3))
        case .up: carryUp()
        case .all: meetAll()
        case .courier: give(holding(), random.below(nodes.count), skipping: 0)
        case .grant:
            enter(.grant(unit: random.pick(Town.names), kind: Town.kind(random.pick(["decide", "issue", "suspend"]))))
        case .cut: cut()
        case .forkCut: forkCut()
        case .raise: raise()
        case .hold: enter(.hold(unit: random.pick(Town.names)))
        case .move:
            enter(.move(unit: random.pick(Array(Town.names[7...])), parent: random.pick(Array(Town.names[4...6]))))
        case .units: addUnit()
        case .orphan: orphan()
        case .join: join()
        case .restore: restore()
        case .clone: clone()
        case .reenroll: reenroll()
        case .evil: evil()
        case .loss: loss()
        case .duel: duel()
        }
    }

    // MARK: - Writing

    struct Draft {
        var kind: String
        var target: UnitCode?
        var route: [UnitCode] = []
        var writes: [Act.FieldWrite] = []
        var admits: [Leaf] = []
        var declines: [Leaf] = []
        var evidence = false
        var parents: [Leaf]?
        var pin: EntryDigest?

        init(_ kind: String, writes: [(String, String)] = [], route: [UnitCode] = []) {
            self.kind = kind
            self.writes = writes.map { .init(field: $0.0, value: $0.1) }
            self.route = route
        }
    }

    mutating func newAuthor(_ unit: UnitCode, enrollment: UInt32, depth: UInt32) -> Author {
        let id = AuthorID(Bytes16(high: random.next(), low: random.next()))
        let author = Author(id: id, unit: unit, enrollment: enrollment, depth: depth)
        authors[id] = author
        return author
    }

    mutating func act(_ draft: Draft, by at: Int) -> Act {
        let node = nodes[at]
        var copy = node
        let parents = draft.parents ?? copy.state(authors).heads
        let known = Dictionary(node.acts.map { ($0.leaf, $0) }) { $1 }
        return Act(
            leaf: Leaf(Bytes16(high: random.next(), low: random.next())),
            author: node.author.id,
            sequence: node.sequence + 1,
            isCreation: draft.kind == "create",
            parents: parents.compactMap { known[$0] }.map {
                Act.Parent(leaf: $0.leaf, author: $0.author, sequence: $0.sequence)
            },
            pin: draft.pin ?? node.charter.tips.last ?? line[0].digest,
            kind: Town.kind(draft.kind),
            target: draft.target,
            route: draft.route,
            writes: draft.writes,
            admits: draft.admits,
            declines: draft.declines,
            evidence: draft.evidence
        )
    }

    mutating func write(_ draft: Draft, by at: Int, honestly: Bool) {
        let act = act(draft, by: at)
        if honestly {
            switch nodes[at].fold.wouldBe(act, charter: nodes[at].charter, authors: authors) {
            case .void, .pending, .lost: return
            case .chain, .request, .write: honest.insert(act.leaf)
            }
        }
        if let last = nodes[at].journal.last { before[act.leaf] = last }
        nodes[at].sequence += 1
        nodes[at].journal.append(act.leaf)
        nodes[at].take(act)
        orderOfWriting.append(act.leaf)
    }

    /// A machine that holds something of the record.
    mutating func holding() -> Int {
        random.pick(nodes.indices.filter { !nodes[$0].acts.isEmpty })
    }

    /// It knows that it is cut, or meets its own clone: it stops until it is enrolled again.
    func isStopped(_ at: Int) -> Bool {
        let node = nodes[at]
        return node.charter.current.isCut(node.author)
            || node.acts.contains { $0.author == node.author.id && !node.journal.contains($0.leaf) }
    }
}
