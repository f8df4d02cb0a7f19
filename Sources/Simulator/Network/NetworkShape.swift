import ServiceModel

/// Who stands above whom, for questions that are asked of thousands of units again and again.
struct NetworkShape {
    private let entries: [String: UnitEntry]
    private let below: [String: [String]]

    init(_ units: [UnitEntry]) {
        entries = Dictionary(units.map { ($0.code.text, $0) }) { first, _ in first }
        below = units.reduce(into: [:]) { $0[$1.parent?.text ?? "", default: []].append($1.code.text) }
    }

    func entry(_ name: String) -> UnitEntry? { entries[name] }

    /// In the order of the units.
    func children(of name: String) -> [String] { below[name] ?? [] }
}
