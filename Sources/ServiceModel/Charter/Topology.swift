/// The units of the network and who stands above whom, as one set of charter entries has it. Immutable and shared by
/// all entries that do not change it.
package struct Topology: Sendable {
    /// Built by an import; moves lie over it, so that a move costs no copy of all units.
    private final class Base: Sendable {
        let entries: [UnitCode: UnitEntry]
        let children: [UnitCode: [UnitCode]]

        init(_ entries: [UnitCode: UnitEntry]) {
            self.entries = entries
            var children: [UnitCode: [UnitCode]] = [:]
            for entry in entries.values {
                if let parent = entry.parent { children[parent, default: []].append(entry.code) }
            }
            self.children = children.mapValues { $0.sorted() }
        }
    }

    /// Moves that lie over a base before a new base is built.
    private static let mostMoves = 64

    private var base: Base
    private var moved: [UnitCode: UnitCode] = [:]

    /// No units at all.
    init() { base = Base([:]) }

    /// Only these units.
    package init(_ units: some Sequence<UnitEntry>) {
        base = Base(Dictionary(units.map { ($0.code, $0) }, uniquingKeysWith: { $1 }))
    }

    package var count: Int { base.entries.count }

    /// The codes of all units, sorted.
    package var codes: [UnitCode] { base.entries.keys.sorted() }

    package func contains(_ unit: UnitCode) -> Bool { base.entries[unit] != nil }

    /// The unit as its import and later moves have it.
    package subscript(_ unit: UnitCode) -> UnitEntry? {
        guard let entry = base.entries[unit] else { return nil }
        guard let parent = moved[unit] else { return entry }
        return entry.moved(under: parent)
    }

    /// Rank of the unit, 0 at the top.
    package func tier(of unit: UnitCode) -> Int? { base.entries[unit]?.tier }

    package func parent(of unit: UnitCode) -> UnitCode? {
        guard let entry = base.entries[unit] else { return nil }
        return moved.isEmpty ? entry.parent : moved[unit] ?? entry.parent
    }

    /// The units directly below, sorted.
    package func children(of unit: UnitCode) -> [UnitCode] {
        let built = base.children[unit] ?? []
        guard !moved.isEmpty else { return built }
        let came = moved.filter { $0.value == unit }.map(\.key)
        return (built.filter { moved[$0] == nil } + came).sorted()
    }

    /// The unit's ancestors, nearest first. Ends where moves have closed a circle.
    package func above(_ unit: UnitCode) -> [UnitCode] {
        var chain: [UnitCode] = []
        var at = unit
        while let next = parent(of: at), !chain.contains(next) {
            chain.append(next)
            at = next
        }
        return chain
    }

    /// Whether every unit of an earlier topology is there, under the same units as before.
    package func onlyAdds(to earlier: Topology) -> Bool {
        earlier.base.entries.keys.allSatisfy { unit in
            guard contains(unit), parent(of: unit) == earlier.parent(of: unit) else { return false }
            return parent(of: unit).map { earlier.contains($0) || !contains($0) } ?? true
        }
    }

    /// Whether `upper` is an ancestor of `lower`.
    package func isAbove(_ upper: UnitCode, _ lower: UnitCode) -> Bool { above(lower).contains(upper) }

    /// Whether `upper` is `lower` or an ancestor of it.
    package func isAboveOrSelf(_ upper: UnitCode, _ lower: UnitCode) -> Bool {
        upper == lower || isAbove(upper, lower)
    }

    /// With the units of an import: those named are added or replaced.
    func importing(_ groups: [[UnitEntry]]) -> Topology {
        var entries = flattened
        for unit in groups.joined() { entries[unit.code] = unit }
        var out = self
        out.base = Base(entries)
        out.moved = [:]
        return out
    }

    /// With a unit under another parent; a unit that is not known stays unknown.
    func moving(_ unit: UnitCode, under parent: UnitCode) -> Topology {
        guard contains(unit) else { return self }
        var out = self
        out.moved[unit] = parent
        if out.moved.count > Self.mostMoves {
            out.base = Base(out.flattened)
            out.moved = [:]
        }
        return out
    }

    private var flattened: [UnitCode: UnitEntry] {
        var entries = base.entries
        for (unit, parent) in moved { entries[unit] = entries[unit]?.moved(under: parent) }
        return entries
    }
}
