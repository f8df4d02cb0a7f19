import Foundation
import ServiceModel
import SwiftProtobuf

/// A charter entry with its place in the chain of digests: Cn = SHA-256(0x02 ‖ Cn-1 ‖ bytes).
package struct CharterRecord: Hashable, Sendable {
    package let entry: CharterEntry
    package let digest: Digest32

    /// The genesis: entry 0, whose digest is the network's id.
    package init(genesis: SignedGenesis) {
        digest = genesis.id
        let root = UnitEntry(code: genesis.root, name: genesis.rootName, tier: 0, parent: nil)
        entry = CharterEntry(number: 0, digest: digest.entry, previous: nil, change: .genesis(root: root))
    }

    /// An entry from the root's charter journal.
    /// - Parameter previous: finds the full digest of the entry before by its first 16 bytes; nil when it is not held.
    /// - Throws: `WireError`. An entry whose predecessor is missing comes back as nil: it waits.
    package init?(changeSet: Data, body: Data, previous: (EntryDigest) -> Digest32?) throws {
        guard changeSet.count <= Limits.changeSetBytes, body.count <= Limits.entryBytes else {
            throw WireError.tooLarge("charter entry")
        }
        guard let wire = try? WireCharterEntry(serializedBytes: body) else {
            throw WireError.malformed("charter entry")
        }
        guard let before = try previous(Self.entryDigest(wire.previous)) else { return nil }
        digest = Digest32(hashing: Data([0x02]), before.data, changeSet)
        entry = CharterEntry(
            number: wire.number, digest: digest.entry, previous: before.entry, change: try Self.change(wire))
    }

    /// A join: bare bytes under the authority's signature, which is checked elsewhere.
    /// - Throws: `WireError`. Nil when its predecessor is missing.
    package init?(join content: Data, previous: (EntryDigest) -> Digest32?) throws {
        guard let wire = try? WireJoin(serializedBytes: content) else { throw WireError.malformed("join") }
        guard let before = try previous(Self.entryDigest(wire.previous)) else { return nil }
        digest = Digest32(hashing: Data([0x02]), before.data, content)
        entry = CharterEntry(
            number: wire.number, digest: digest.entry, previous: before.entry,
            change: .join(orphan: try Self.entryDigest(wire.orphan)))
    }

    private static func entryDigest(_ data: Data) throws -> EntryDigest {
        guard data.count == 16, let value = Bytes16(data) else { throw WireError.malformed("charter entry") }
        return EntryDigest(value)
    }

    private static func change(_ wire: WireCharterEntry) throws -> CharterChange {
        switch wire.change {
        case .units(let units): return .units(try units.units.map(UnitEntry.init), last: units.last)
        case .move(let move): return .move(unit: try unit(move.unit), parent: try unit(move.parent))
        case .grant(let grant):
            return .grant(unit: try unit(grant.unit), kind: ActionKind(rawValue: grant.kind))
        case .hold(let code): return .hold(unit: try unit(code))
        case .cut(let cut): return .cut(try Cut(cut))
        case .calendar(let year): return CalendarYear(year).map { .calendar($0) } ?? .other
        case .policy(let policy):
            return PolicyBounds.admit(policy) ? .policy(name: policy.name, value: policy.value) : .other
        case nil: return .other
        }
    }

    fileprivate static func unit(_ code: String) throws -> UnitCode {
        guard let unit = UnitCode(code) else { throw WireError.malformed("unit code") }
        return unit
    }
}

// MARK: - Bodies

extension WireCharterEntry {
    /// The body of an entry that stands on `previous`.
    package init(number: UInt64, previous: EntryDigest, change: OneOf_Change) {
        self.init()
        self.number = number
        self.previous = previous.value.data
        self.change = change
    }
}

extension UnitEntry {
    static let longestName = 100

    fileprivate init(_ wire: WireUnit) throws {
        guard wire.name.count <= Self.longestName, wire.division.utf8.count <= UnitCode.longest else {
            throw WireError.tooLarge("unit \(wire.code)")
        }
        guard wire.tier < SignedGenesis.mostTiers else { throw WireError.malformed("tier of unit \(wire.code)") }
        let kinds: [UnitKind] = [.centre, .branch, .point]
        guard wire.kind < kinds.count else { throw WireError.malformed("kind of unit \(wire.code)") }
        self.init(
            code: try CharterRecord.unit(wire.code), name: wire.name, tier: Int(wire.tier),
            parent: wire.parent.isEmpty ? nil : try CharterRecord.unit(wire.parent), kind: kinds[Int(wire.kind)],
            division: wire.division.isEmpty ? nil : wire.division, from: wire.from == 0 ? nil : wire.from,
            until: wire.until == 0 ? nil : wire.until)
    }
}

extension WireUnit {
    package init(_ unit: UnitEntry) {
        self.init()
        code = unit.code.text
        name = unit.name
        tier = UInt32(unit.tier)
        parent = unit.parent?.text ?? ""
        kind =
            switch unit.kind {
            case .centre: 0
            case .branch: 1
            case .point: 2
            }
        division = unit.division ?? ""
        from = unit.from ?? 0
        until = unit.until ?? 0
    }
}

extension Cut {
    fileprivate init(_ wire: WireCut) throws {
        func leaf(_ data: Data) throws -> Leaf {
            guard data.count == 16, let value = Bytes16(data) else { throw WireError.malformed("cut") }
            return Leaf(value)
        }
        guard wire.author.count == 16, let id = Bytes16(wire.author), wire.lost.count % 2 == 0,
            wire.through <= Limits.longestJournal
        else {
            throw WireError.malformed("cut")
        }
        let lost = try stride(from: 0, to: wire.lost.count, by: 2).map { i in
            guard wire.lost[i] >= 1, wire.lost[i] <= wire.lost[i + 1], wire.lost[i + 1] <= Limits.longestJournal else {
                throw WireError.malformed("cut")
            }
            return wire.lost[i]...wire.lost[i + 1]
        }
        self.init(
            author: Author(
                id: AuthorID(id), unit: try CharterRecord.unit(wire.unit), enrollment: wire.enrollment,
                depth: wire.depth),
            through: wire.through, digest: wire.leaf.isEmpty ? nil : try leaf(wire.leaf),
            fork: wire.forkFrom == 0
                ? nil : Fork(from: wire.forkFrom, kept: Set(try wire.forkKept.map(leaf))),
            heir: wire.heir.isEmpty ? nil : try CharterRecord.unit(wire.heir),
            scope: wire.scope.isEmpty ? nil : Set(wire.scope.map { ActionKind(rawValue: $0) }), lost: lost)
    }
}

extension WireCut {
    package init(_ cut: Cut) {
        self.init()
        author = cut.author.id.value.data
        unit = cut.author.unit.text
        enrollment = cut.author.enrollment
        depth = cut.author.depth
        through = cut.through
        leaf = cut.digest?.value.data ?? Data()
        forkFrom = cut.fork?.from ?? 0
        forkKept = cut.fork?.kept.sorted().map(\.value.data) ?? []
        heir = cut.heir?.text ?? ""
        scope = cut.scope?.map(\.rawValue).sorted() ?? []
        lost = cut.lost.flatMap { [$0.lowerBound, $0.upperBound] }
    }
}
