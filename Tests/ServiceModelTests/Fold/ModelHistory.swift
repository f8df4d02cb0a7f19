import Foundation

@testable import ServiceModel

/// A line of the reference model's export: a history and what it comes to.
struct ModelHistory: Decodable {
    struct Entry: Decodable {
        let id: String
        let number: UInt64
        let prev: String?
        let kind: String
        let args: Args
    }

    enum Args: Decodable {
        case list([Item])
        case cut(ModelCut)

        init(from decoder: any Decoder) throws {
            let box = try decoder.singleValueContainer()
            if let cut = try? box.decode(ModelCut.self) {
                self = .cut(cut)
            } else {
                self = .list(try box.decode([Item].self))
            }
        }

        var texts: [String] {
            guard case .list(let items) = self else { return [] }
            return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
        }
    }

    enum Item: Decodable {
        case text(String)
        case number(Int)
        case list([Item])
        case nothing

        init(from decoder: any Decoder) throws {
            let box = try decoder.singleValueContainer()
            if box.decodeNil() {
                self = .nothing
            } else if let text = try? box.decode(String.self) {
                self = .text(text)
            } else if let number = try? box.decode(Int.self) {
                self = .number(number)
            } else {
                self = .list(try box.decode([Item].self))
            }
        }
    }

    struct ModelCut: Decodable {
        let author: ModelAuthor
        let trail: [String]
        let heir: String?
        let scope: [String]?
    }

    struct ModelAuthor: Decodable, Hashable {
        let unit: String
        let cert: UInt32
        let depth: UInt32
        let name: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            unit = try list.decode(String.self)
            cert = try list.decode(UInt32.self)
            depth = try list.decode(UInt32.self)
            name = try list.decode(String.self)
        }
    }

    struct ModelChangeSet: Decodable {
        let id: String
        let author: ModelAuthor
        let seq: UInt64
        let parents: [String]
        let pin: String
        let kind: String
        let target: String?
        let field: String?
        let value: String?
        let admits: [String]?
        let declines: [String]?
        let evidence: Bool?
    }

    struct Outcome: Decodable {
        let status: [String: [String]]
        let chain: [String]
        let holder: String?
        let phase: String?
        let values: [String: String]
        let audience: [String]
        let conflicts: [String: [String]]
    }

    let seed: Int
    let entries: [Entry]
    let change_sets: [ModelChangeSet]
    let delivery: [String]
    let outcome: Outcome
}

/// A history of the model in Terrace's types.
struct AdaptedHistory {
    let entries: [String: [CharterEntry]]
    let acts: [String: Act]
    let authors: [AuthorID: Author]

    init(_ history: ModelHistory) {
        let authors = Self.authors(of: history)
        let sequences = Dictionary(history.change_sets.map { ($0.id, $0.seq) }, uniquingKeysWith: { $1 })
        let writers = Dictionary(history.change_sets.compactMap { set in authors[set.author].map { (set.id, $0.id) } })
        { $1 }
        self.authors = Dictionary(authors.values.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        entries = Dictionary(
            history.entries.map { ($0.id, Self.adapt($0, authors, sequences)) },
            uniquingKeysWith: { $1 }
        )
        acts = Dictionary(
            history.change_sets.map { set in
                let act = Act(
                    leaf: Self.leaf(set.id),
                    author: authors[set.author]!.id,
                    sequence: set.seq,
                    isCreation: set.kind == "create",
                    parents: set.parents.map {
                        Act.Parent(
                            leaf: Self.leaf($0),
                            author: writers[$0] ?? AuthorID(Bytes16(high: 0, low: 0)),
                            sequence: sequences[$0] ?? 0
                        )
                    },
                    pin: Self.digest(set.pin),
                    kind: Town.kind(set.kind),
                    target: set.target.map(Town.code),
                    writes: set.field.map { [.init(field: $0, value: set.value ?? "")] } ?? [],
                    admits: (set.admits ?? []).map(Self.leaf),
                    declines: (set.declines ?? []).map(Self.leaf),
                    evidence: set.evidence ?? false
                )
                return (set.id, act)
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// Ids in the order of the names, which the model compares.
    private static func authors(of history: ModelHistory) -> [ModelHistory.ModelAuthor: Author] {
        var all = Set(history.change_sets.map(\.author))
        for entry in history.entries { if case .cut(let cut) = entry.args { all.insert(cut.author) } }
        let sorted = all.sorted { ($0.name, $0.unit, $0.cert, $0.depth) < ($1.name, $1.unit, $1.cert, $1.depth) }
        return Dictionary(
            uniqueKeysWithValues: sorted.enumerated().map { rank, one in
                let id = AuthorID(Bytes16(high: UInt64(rank + 1), low: 0))
                return (one, Author(id: id, unit: Town.code(one.unit), enrollment: one.cert, depth: one.depth))
            }
        )
    }

    /// The model's genesis brings all units; here it is the root alone, and an import.
    private static func adapt(
        _ entry: ModelHistory.Entry,
        _ authors: [ModelHistory.ModelAuthor: Author],
        _ sequences: [String: UInt64]
    ) -> [CharterEntry] {
        let genesis = EntryDigest(Bytes16(high: 0, low: 1))
        func one(_ change: CharterChange) -> CharterEntry {
            CharterEntry(
                number: entry.number + 1,
                digest: digest(entry.id),
                previous: entry.prev.map(digest) ?? genesis,
                change: change
            )
        }
        let texts = entry.args.texts
        switch entry.kind {
        case "genesis":
            let root = CharterEntry(
                number: 0,
                digest: genesis,
                previous: nil,
                change: .genesis(root: Town.units[0])
            )
            return [root, one(.units(Array(Town.units.dropFirst()), last: true))]
        case "grant": return [one(.grant(unit: Town.code(texts[0]), kind: Town.kind(texts[1])))]
        case "move": return [one(.move(unit: Town.code(texts[0]), parent: Town.code(texts[1])))]
        case "join": return [one(.join(orphan: digest(texts[0])))]
        case "cut":
            guard case .cut(let cut) = entry.args else { return [] }
            let through = max(UInt64(cut.trail.count), cut.trail.compactMap { sequences[$0] }.max() ?? 0)
            return [
                one(
                    .cut(
                        Cut(
                            author: authors[cut.author]!,
                            through: through,
                            digest: cut.trail.first { sequences[$0] == through }.map(leaf),
                            fork: .init(from: 1, kept: Set(cut.trail.map(leaf))),
                            heir: cut.heir.map(Town.code),
                            scope: cut.scope.map { Set($0.map(Town.kind)) }
                        )
                    )
                )
            ]
        default: return [one(.other)]
        }
    }

    static func leaf(_ id: String) -> Leaf { Leaf(Bytes16(high: UInt64(id, radix: 16)!, low: 0)) }
    static func digest(_ id: String) -> EntryDigest { EntryDigest(Bytes16(high: UInt64(id, radix: 16)!, low: 0)) }
}
