import ServiceModel

/// Who stands above whom, for questions that are asked of thousands of units again and again.
struct NetworkShape {
    private let entries: [String: UnitEntry]
    private let below: [String: [String]]
    /// By unit, what stands above it or ever has.
    private let lineages: [String: Set<String>]

    /// - Parameter earlier: what the network was like before.
    init(_ units: [UnitEntry], after earlier: NetworkShape? = nil) {
        let entries = Dictionary(units.map { ($0.code.text, $0) }) { first, _ in first }
        self.entries = entries
        below = units.reduce(into: [:]) { $0[$1.parent?.text ?? "", default: []].append($1.code.text) }
        let isAsBefore = earlier.map { $0.entries.mapValues(\.parent) == entries.mapValues(\.parent) } ?? false
        lineages = isAsBefore ? earlier?.lineages ?? [:] : Self.lineages(entries, adding: earlier?.lineages ?? [:])
    }

    private static func lineages(
        _ entries: [String: UnitEntry], adding to: [String: Set<String>]
    ) -> [String: Set<String>] {
        entries.keys.reduce(into: to) { out, name in
            var at = name
            var met: Set<String> = [name]
            while let next = entries[at]?.parent?.text, met.insert(next).inserted {
                out[name, default: []].insert(next)
                at = next
            }
        }
    }

    func entry(_ name: String) -> UnitEntry? { entries[name] }

    /// In the order of the units.
    func children(of name: String) -> [String] { below[name] ?? [] }

    /// The units above this one, those included that no longer are.
    func everAbove(_ name: String) -> Set<String> { lineages[name] ?? [] }
}
