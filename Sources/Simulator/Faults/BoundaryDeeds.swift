import ChangeSet
import ServiceModel
import SyncNode

/// What the root enters in its charter: powers, and the places of units.
extension Simulation {
    func enter(_ change: WireCharterEntry.OneOf_Change) throws {
        try network.node(network.root).enter([change], now: network.time(at: network.root))
    }

    func grant() throws {
        tally.add(.grants)
        let unit = random.pick(network.units).code
        let kind = random.pick([CaseAction.decide, .takeOver])
        try enter(
            .grant(
                .with {
                    $0.unit = unit.text
                    $0.kind = kind.rawValue
                }))
    }

    /// A unit of the lowest rank comes under another unit of its parent's rank.
    /// - Returns: the unit; nil where none can be moved.
    @discardableResult
    func moveSomeUnit() throws -> String? { try moveSome { network.children(of: $0).isEmpty } }

    /// A unit comes under another one with all that is below it.
    /// - Returns: the unit; nil where none can be moved.
    @discardableResult
    func moveSomeSubtree() throws -> String? { try moveSome { !network.children(of: $0).isEmpty } }

    private func moveSome(_ suits: (String) -> Bool) throws -> String? {
        let candidates = network.names.filter {
            suits($0) && network.parent(of: $0) != nil && network.parent(of: $0) != network.root
        }
        guard let name = candidates.isEmpty ? nil : random.pick(candidates), let parent = network.parent(of: name)
        else { return nil }
        let tier = network.tier(of: parent)
        let others = network.units.filter {
            $0.tier == tier && $0.code.text != parent && $0.kind == .centre && !network.hasEnded($0.code.text)
        }
        guard !others.isEmpty else { return nil }
        try move(name, under: random.pick(others).code.text)
        return name
    }

    func move(_ name: String, under parent: String) throws {
        dropLines(of: name)
        tally.add(.moves)
        try network.move(name, under: parent)
    }

    /// A unit ends today, and one next door, under the same parent, goes on for it. Its machine stays until somebody
    /// takes it away.
    /// - Returns: the one that ends and its successor; nil where none has a neighbour.
    @discardableResult
    func mergeSomeUnits() throws -> (ended: String, successor: String)? {
        let ending = network.names.filter {
            $0 != network.root && network.children(of: $0).isEmpty && !network.hasEnded($0)
                && !neighbours(of: $0).isEmpty
        }
        guard !ending.isEmpty else { return nil }
        let ended = random.pick(ending), successor = random.pick(neighbours(of: ended))
        try merge(ended, into: successor)
        return (ended, successor)
    }

    func merge(_ ended: String, into successor: String) throws {
        tally.add(.merges)
        try network.end(ended)
        successors[ended] = successor
    }

    private func neighbours(of name: String) -> [String] {
        guard let above = network.parent(of: name) else { return [] }
        return network.children(of: above).filter {
            $0 != name && network.hasNode($0) && !network.hasEnded($0) && network.kind(of: $0) == network.kind(of: name)
        }
    }

    /// Where a unit's citizens go now.
    func successor(of name: String) -> String {
        var at = name, met: Set<String> = []
        while network.hasEnded(at), met.insert(at).inserted, let next = successors[at] { at = next }
        return at
    }
}
