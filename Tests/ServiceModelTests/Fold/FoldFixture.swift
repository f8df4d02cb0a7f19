@testable import ServiceModel

/// A history of the town with its outcome, as a line of JSON.
struct FoldFixture: Codable, Equatable {
    struct Unit: Codable, Equatable {
        let code: String
        let name: String
        let tier: Int
        let parent: String?
        let kind: String
    }

    struct Machine: Codable, Equatable {
        let id: String
        let unit: String
        let enrollment: UInt32
        let depth: UInt32
    }

    struct Cutting: Codable, Equatable {
        let author: Machine
        let through: UInt64
        let digest: String?
        let from: UInt64?
        let kept: [String]?
        let heir: String?
        let scope: [UInt32]?
        let lost: [[UInt64]]
    }

    struct Entry: Codable, Equatable {
        let number: UInt64
        let digest: String
        let previous: String?
        var change: String
        var units: [Unit]?
        var last: Bool?
        var unit: String?
        var parent: String?
        var kind: UInt32?
        var cut: Cutting?
        var orphan: String?
    }

    struct ChangeSet: Codable, Equatable {
        let leaf: String
        let author: String
        let sequence: UInt64
        /// Leaf, author, sequence.
        let parents: [[String]]
        let pin: String
        let kind: UInt32
        let target: String?
        let route: [String]?
        /// Field, value.
        let writes: [[String]]?
        let admits: [String]?
        let declines: [String]?
        let evidence: Bool?
    }

    struct Outcome: Codable, Equatable {
        let status: [String: String]
        let chain: [String]
        let holder: String?
        let phase: String?
        let inDoubt: Bool
        /// Value, leaf, writer.
        let values: [String: [String]]
        let conflicts: [String: [String]]
        let units: [String]
        let audience: [String]
        let heads: [String]
        let frozen: [String]
        let requests: [String]
        let proposals: [String]
    }

    let seed: UInt64
    let entries: [Entry]
    let authors: [Machine]
    let changeSets: [ChangeSet]
    let outcome: Outcome
}

// MARK: - Writing

extension FoldFixture {
    init(seed: UInt64, steps: Int) {
        let world = TownWorld(seed: seed, steps: steps)
        self.seed = seed
        entries = world.entries.map(Entry.init)
        authors = world.authors.values.sorted().map(Machine.init)
        changeSets = world.acts.map(ChangeSet.init)
        var charter = Charter(), fold = CaseFold(rules: Town.rules)
        for entry in world.entries { charter.add(entry) }
        for act in world.acts { fold.insert(act) }
        outcome = Outcome(fold.state(charter: charter, authors: world.authors))
    }
}

extension FoldFixture.Machine {
    init(_ author: Author) {
        self.init(
            id: author.id.description,
            unit: author.unit.text,
            enrollment: author.enrollment,
            depth: author.depth
        )
    }

    var author: Author {
        Author(id: AuthorID(Bytes16(hex: id)!), unit: Town.code(unit), enrollment: enrollment, depth: depth)
    }
}

extension FoldFixture.Entry {
    init(_ entry: CharterEntry) {
        self.init(
            number: entry.number,
            digest: entry.digest.description,
            previous: entry.previous?.description,
            change: "other"
        )
        switch entry.change {
        case .genesis(let root):
            change = "genesis"
            units = [FoldFixture.Unit(root)]
        case .units(let all, let last):
            change = "units"
            units = all.map(FoldFixture.Unit.init)
            self.last = last
        case .move(let unit, let parent):
            change = "move"
            self.unit = unit.text
            self.parent = parent.text
        case .grant(let unit, let kind):
            change = "grant"
            self.unit = unit.text
            self.kind = kind.rawValue
        case .hold(let unit):
            change = "hold"
            self.unit = unit.text
        case .join(let orphan):
            change = "join"
            self.orphan = orphan.description
        case .cut(let cut):
            change = "cut"
            self.cut = FoldFixture.Cutting(cut)
        case .calendar, .policy, .other: break
        }
    }

    var entry: CharterEntry {
        let change: CharterChange =
            switch self.change {
            case "genesis": .genesis(root: units![0].entry)
            case "units": .units(units!.map(\.entry), last: last!)
            case "move": .move(unit: Town.code(unit!), parent: Town.code(parent!))
            case "grant": .grant(unit: Town.code(unit!), kind: ActionKind(rawValue: kind!))
            case "hold": .hold(unit: Town.code(unit!))
            case "join": .join(orphan: EntryDigest(Bytes16(hex: orphan!)!))
            case "cut": .cut(cut!.cut)
            default: .other
            }
        return CharterEntry(
            number: number,
            digest: EntryDigest(Bytes16(hex: digest)!),
            previous: previous.map { EntryDigest(Bytes16(hex: $0)!) },
            change: change
        )
    }
}

extension FoldFixture.Unit {
    init(_ unit: UnitEntry) {
        self.init(
            code: unit.code.text,
            name: unit.name,
            tier: unit.tier,
            parent: unit.parent?.text,
            kind: unit.kind.rawValue
        )
    }

    var entry: UnitEntry {
        UnitEntry(
            code: Town.code(code),
            name: name,
            tier: tier,
            parent: parent.map(Town.code),
            kind: UnitKind(rawValue: kind)!
        )
    }
}

extension FoldFixture.Cutting {
    init(_ cut: Cut) {
        self.init(
            author: .init(cut.author),
            through: cut.through,
            digest: cut.digest?.description,
            from: cut.fork?.from,
            kept: cut.fork?.kept.sorted().map(\.description),
            heir: cut.heir?.text,
            scope: cut.scope?.sorted().map(\.rawValue),
            lost: cut.lost.map { [$0.lowerBound, $0.upperBound] }
        )
    }

    var cut: Cut {
        Cut(
            author: author.author,
            through: through,
            digest: digest.map(Leaf.init(fixture:)),
            fork: from.map { .init(from: $0, kept: Set(kept!.map(Leaf.init(fixture:)))) },
            heir: heir.map(Town.code),
            scope: scope.map { Set($0.map(ActionKind.init(rawValue:))) },
            lost: lost.map { $0[0]...$0[1] }
        )
    }
}

extension FoldFixture.ChangeSet {
    init(_ act: Act) {
        self.init(
            leaf: act.leaf.description,
            author: act.author.description,
            sequence: act.sequence,
            parents: act.parents.map { [$0.leaf.description, $0.author.description, String($0.sequence)] },
            pin: act.pin.description,
            kind: act.kind.rawValue,
            target: act.target?.text,
            route: act.route.isEmpty ? nil : act.route.map(\.text),
            writes: act.writes.isEmpty ? nil : act.writes.map { [$0.field, $0.value] },
            admits: act.admits.isEmpty ? nil : act.admits.map(\.description),
            declines: act.declines.isEmpty ? nil : act.declines.map(\.description),
            evidence: act.evidence ? true : nil
        )
    }

    var act: Act {
        Act(
            leaf: Leaf(fixture: leaf),
            author: AuthorID(Bytes16(hex: author)!),
            sequence: sequence,
            isCreation: parents.isEmpty,
            parents: parents.map {
                Act.Parent(leaf: Leaf(fixture: $0[0]), author: AuthorID(Bytes16(hex: $0[1])!), sequence: UInt64($0[2])!)
            },
            pin: EntryDigest(Bytes16(hex: pin)!),
            kind: ActionKind(rawValue: kind),
            target: target.map(Town.code),
            route: (route ?? []).map(Town.code),
            writes: (writes ?? []).map { .init(field: $0[0], value: $0[1]) },
            admits: (admits ?? []).map(Leaf.init(fixture:)),
            declines: (declines ?? []).map(Leaf.init(fixture:)),
            evidence: evidence ?? false
        )
    }
}

extension FoldFixture.Outcome {
    init(_ state: CaseState) {
        self.init(
            status: Dictionary(uniqueKeysWithValues: state.status.map { ($0.key.description, $0.value.code) }),
            chain: state.chain.map(\.description),
            holder: state.holder?.text,
            phase: state.phase?.rawValue,
            inDoubt: state.custodyInDoubt,
            values: state.values.mapValues { [$0.value, $0.leaf.description, $0.writer.description] },
            conflicts: state.conflicts.mapValues { $0.map(\.description) },
            units: state.units.map(\.text).sorted(),
            audience: state.audience.map(\.text).sorted(),
            heads: state.heads.map(\.description),
            frozen: state.frozen.map(\.description),
            requests: state.requests.map(\.description),
            proposals: state.proposals.map(\.description)
        )
    }
}

extension Leaf {
    init(fixture: String) { self.init(Bytes16(hex: fixture)!) }
}
