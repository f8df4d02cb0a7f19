@testable import ServiceModel

/// A hand-written history: units write by name, having seen everything unless `after` or `pin` say otherwise.
struct FoldStory {
    private(set) var charter = Charter()
    /// The import, then every entry of the story.
    private(set) var pins: [EntryDigest] = []
    private(set) var authors: [AuthorID: Author] = [:]
    private(set) var acts: [Act] = []
    private var present: [UnitCode: Author] = [:]
    private var sequences: [AuthorID: UInt64] = [:]
    private var number: UInt64 = 0
    private var serial: UInt64 = 0
    let rules: CaseRules

    init(rules: CaseRules = Town.rules, fields: [(String, String)] = [("phone", "0")]) {
        self.rules = rules
        for unit in Town.names {
            let author = Author(id: AuthorID(Bytes16(high: 1, low: next())), unit: unit, enrollment: 0, depth: 0)
            present[unit] = author
            authors[author.id] = author
        }
        enter(.genesis(root: Town.units[0]))
        enter(.units(Array(Town.units.dropFirst()), last: true))
        pins.removeFirst()
        write("V1", "create", writes: fields)
    }

    var birth: Act { acts[0] }

    private mutating func next() -> UInt64 {
        serial += 1
        return serial
    }

    /// Adds an entry to the line; its pin is the number of entries since the import.
    mutating func enter(_ change: CharterChange) {
        let digest = EntryDigest(Bytes16(high: 2, low: next()))
        charter.add(CharterEntry(number: number, digest: digest, previous: pins.last, change: change))
        pins.append(digest)
        number += 1
    }

    /// The unit's machine as it is at present.
    func author(_ unit: String) -> Author { present[Town.code(unit)]! }

    /// The unit goes on as another incarnation, or under another certificate.
    mutating func replace(_ unit: String, enrollment: UInt32 = 0, depth: UInt32) {
        let author = Author(
            id: AuthorID(Bytes16(high: 1, low: next())),
            unit: Town.code(unit),
            enrollment: enrollment,
            depth: depth
        )
        present[author.unit] = author
        authors[author.id] = author
    }

    @discardableResult
    mutating func write(
        _ unit: String,
        _ kind: String,
        after: [Act]? = nil,
        isCreation: Bool? = nil,
        pin: Int = 0,
        sequence: UInt64? = nil,
        target: String? = nil,
        route: [String] = [],
        writes: [(String, String)] = [],
        admits: [Act] = [],
        declines: [Act] = [],
        evidence: Bool = false,
        understood: Bool = true
    ) -> Act {
        let act = draft(
            unit,
            kind,
            after: after,
            isCreation: isCreation,
            pin: pin,
            sequence: sequence,
            target: target,
            route: route,
            writes: writes,
            admits: admits,
            declines: declines,
            evidence: evidence,
            understood: understood
        )
        sequences[act.author] = act.sequence
        acts.append(act)
        return act
    }

    /// The act as it would be written.
    mutating func draft(
        _ unit: String,
        _ kind: String,
        after: [Act]? = nil,
        isCreation: Bool? = nil,
        pin: Int = 0,
        sequence: UInt64? = nil,
        target: String? = nil,
        route: [String] = [],
        writes: [(String, String)] = [],
        admits: [Act] = [],
        declines: [Act] = [],
        evidence: Bool = false,
        understood: Bool = true
    ) -> Act {
        let author = author(unit), heads = acts.isEmpty ? [] : state().heads
        let parents = after ?? acts.filter { heads.contains($0.leaf) }
        return Act(
            leaf: Leaf(Bytes16(high: 3, low: next())),
            author: author.id,
            sequence: sequence ?? sequences[author.id, default: 0] + 1,
            isCreation: isCreation ?? (kind == "create"),
            parents: parents.map { Act.Parent(leaf: $0.leaf, author: $0.author, sequence: $0.sequence) },
            pin: pins[pin],
            kind: Town.kind(kind),
            target: target.map(Town.code),
            route: route.map(Town.code),
            writes: writes.map { .init(field: $0.0, value: $0.1) },
            admits: admits.map(\.leaf),
            declines: declines.map(\.leaf),
            evidence: evidence,
            understood: understood
        )
    }

    /// Cuts the unit's present machine; what stands is its journal up to `last`.
    mutating func cut(
        _ unit: String,
        upTo last: Act?,
        fork: Cut.Fork? = nil,
        heir: String?,
        scope: Set<ActionKind>? = nil,
        lost: [ClosedRange<UInt64>] = []
    ) {
        enter(
            .cut(
                Cut(
                    author: author(unit),
                    through: last?.sequence ?? 0,
                    digest: last?.leaf,
                    fork: fork,
                    heir: heir.map(Town.code),
                    scope: scope,
                    lost: lost
                )
            )
        )
    }

    /// Of all that was written, but for `missing`.
    func state(without missing: [Act] = []) -> CaseState {
        var fold = fold(without: missing)
        return fold.state(charter: charter, authors: authors)
    }

    func fold(without missing: [Act] = []) -> CaseFold {
        var fold = CaseFold(rules: rules)
        for act in acts where !missing.contains(act) { fold.insert(act) }
        return fold
    }

    func status(_ act: Act) -> Status? { state().status[act.leaf] }
}
