import ChangeSet
import Foundation
import ServiceModel

/// A run as far as the order of seals goes.
private struct Run: Hashable {
    /// nil while it is open.
    let seal: Data?
    let previous: Data?

    init(_ row: HeldJournal.Row) { (seal, previous) = (row.seal, row.previousSeal) }
}

/// A change set of casework as its bytes say it; links are still links.
struct RawAct {
    private(set) var row: HeldJournal.Row
    /// Those that it lies in: several where a machine was copied before it had sealed.
    private var runs: [Run]
    let wire: WireChangeSet
    let body: WireCaseBody?
    let record: Place

    /// nil for what is no casework or cannot be read.
    init?(_ row: HeldJournal.Row) {
        guard row.place.feed == .casework, let wire = try? WireChangeSet(serializedBytes: row.bytes),
            ([wire.recordBack] + wire.ownParents).allSatisfy({ $0 < row.place.sequence })
        else { return nil }
        self.row = row
        self.wire = wire
        runs = [Run(row)]
        body = try? WireCaseBody(serializedBytes: wire.body)
        let author = Bytes16(wire.recordAuthor).map(AuthorID.init)
        let sequence = author == nil ? row.place.sequence - wire.recordBack : wire.recordSequence
        record = Place(author: author ?? row.place.author, feed: .casework, sequence: sequence)
    }

    /// As it lies in one row alone.
    func inRow(_ row: HeldJournal.Row) -> RawAct {
        var act = self
        // What is alike in all files are the bytes.
        (act.row, act.runs) = (row, [Run(row)])
        return act
    }

    /// What is open at its author's may be sealed elsewhere.
    mutating func add(_ other: HeldJournal.Row) {
        if !runs.contains(Run(other)) { runs.append(Run(other)) }
        if row.seal == nil { row = other }
    }

    var leaf: Leaf { row.leaf.leaf }
    var isCreation: Bool { wire.recordBack == 0 && wire.recordAuthor.isEmpty }

    /// - Parameters:
    ///   - siblings: all held acts of the records with that number.
    ///   - seals: by the digest of a run's seal that of the run before.
    func act(among siblings: [RawAct], seals: [Data: Data]) -> OracleAct {
        var act = OracleAct(
            leaf: leaf, author: row.place.author, sequence: row.place.sequence, isCreation: isCreation,
            pin: row.pin, kind: wire.kind)
        act.parents =
            wire.ownParents.map { (back($0, siblings, seals), act.author, act.sequence - $0) }
            + wire.foreignParents.map { (Leaf(Self.name($0.leaf)), AuthorID(Self.name($0.author)), $0.sequence) }
        func link(_ reference: WireReference) -> Leaf {
            reference.back > 0 ? back(reference.back, siblings, seals) : Leaf(Self.name(reference.leaf))
        }
        act.target = wire.target.isEmpty ? nil : wire.target
        act.route = wire.route
        act.writes = body?.writes.map { ($0.field, $0.value) } ?? []
        act.admits = wire.admits.map(link)
        act.declines = wire.declines.map(link)
        act.evidence = wire.hasEvidence
        act.mustUnderstand = wire.mustUnderstand
        act.isReadable = body != nil
        return act
    }

    /// In a forked journal a distance back leads along the chain of seals.
    private func back(_ distance: UInt64, _ siblings: [RawAct], _ seals: [Data: Data]) -> Leaf {
        let sequence = distance < row.place.sequence ? row.place.sequence - distance : 0
        let found = siblings.filter { $0.row.place.author == row.place.author && $0.row.place.sequence == sequence }
        if found.count == 1 { return found[0].leaf }
        func isSealed(by seal: Data?) -> (RawAct) -> Bool { { $0.runs.contains { $0.seal == seal } } }
        for run in runs {
            if let own = found.first(where: isSealed(by: run.seal)) { return own.leaf }
            var previous = run.previous
            while let seal = previous {
                if let one = found.first(where: isSealed(by: seal)) { return one.leaf }
                previous = seals[seal]
            }
        }
        return Leaf(Bytes16(high: 0, low: 0))
    }

    static func name(_ data: Data) -> Bytes16 { Bytes16(data) ?? Bytes16(high: 0, low: 0) }
}

extension OracleCharter {
    /// Reads the root's log from its bytes: Cn = SHA-256(0x02 ‖ Cn-1 ‖ bytes).
    /// - Parameters:
    ///   - genesis: bare bytes.
    ///   - changeSets: of the charter feed, in any order.
    ///   - joins: bare bytes.
    convenience init(genesis: Data, changeSets: Set<Data>, joins: Set<Data>) throws {
        let root = try WireGenesis(serializedBytes: genesis).root
        let first = Digest32(hashing: Data([0x03]), genesis)
        var full = [first.entry: first]
        var out = [
            Entry(
                number: 0, digest: first.entry, previous: nil,
                change: .units([root: Unit(tier: 0, parent: nil)], last: true))
        ]
        var waiting = try changeSets.map { bytes in
            let entry = try WireCharterEntry(serializedBytes: try WireChangeSet(serializedBytes: bytes).body)
            return (bytes, entry.number, EntryDigest(RawAct.name(entry.previous)), Self.change(entry))
        }
        waiting += try joins.map { bytes in
            let join = try WireJoin(serializedBytes: bytes)
            let change = Change.join(EntryDigest(RawAct.name(join.orphan)))
            return (bytes, join.number, EntryDigest(RawAct.name(join.previous)), change)
        }
        while let next = waiting.firstIndex(where: { full[$0.2] != nil }) {
            let (bytes, number, previous, change) = waiting.remove(at: next)
            guard let before = full[previous] else { continue }
            let digest = Digest32(hashing: Data([0x02]), before.data, bytes)
            full[digest.entry] = digest
            out.append(Entry(number: number, digest: digest.entry, previous: previous, change: change))
        }
        self.init(out)
    }

    private static func change(_ wire: WireCharterEntry) -> Change {
        switch wire.change {
        case .units(let units):
            let all = units.units.map { unit in
                (unit.code, Unit(tier: Int(unit.tier), parent: unit.parent.isEmpty ? nil : unit.parent))
            }
            return .units(Dictionary(all) { $1 }, last: units.last)
        case .move(let move): return .move(unit: move.unit, parent: move.parent)
        case .grant(let grant): return .grant(unit: grant.unit, kind: grant.kind)
        case .cut(let cut): return .cut(OracleCut(cut))
        case .calendar(let year):
            return .calendar(year: Int(year.year), holidays: year.holidays, worked: year.workdays)
        case .policy(let policy): return .policy(name: policy.name, value: policy.value)
        case .hold, nil: return .other
        }
    }
}

extension OracleCut {
    fileprivate init(_ wire: WireCut) {
        self.init(
            author: OracleAuthor(
                id: AuthorID(RawAct.name(wire.author)), unit: wire.unit, enrollment: wire.enrollment,
                depth: wire.depth),
            through: wire.through, leaf: wire.leaf.isEmpty ? nil : Leaf(RawAct.name(wire.leaf)),
            forkFrom: wire.forkFrom, forkKept: Set(wire.forkKept.map { Leaf(RawAct.name($0)) }),
            heir: wire.heir.isEmpty ? nil : wire.heir, scope: wire.scope.isEmpty ? nil : Set(wire.scope),
            lost: stride(from: 0, to: wire.lost.count - 1, by: 2).map { wire.lost[$0]...wire.lost[$0 + 1] })
    }
}
