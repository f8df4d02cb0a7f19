/// What cuts state as lost: change sets that count as present and empty (RULES.md, "Charter").
struct LostSequences: Equatable, Sendable {
    private var ranges: [AuthorID: [ClosedRange<UInt64>]] = [:]

    mutating func insert(_ cut: Cut) {
        guard !cut.lost.isEmpty else { return }
        let all = Set(ranges[cut.author.id] ?? []).union(cut.lost)
        ranges[cut.author.id] = all.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    }

    func contains(_ author: AuthorID, _ sequence: UInt64) -> Bool {
        !ranges.isEmpty && ranges[author]?.contains { $0.contains(sequence) } == true
    }

    func contains(_ act: Act) -> Bool { contains(act.author, act.sequence) }

    /// Whether a parent is lost: by the name under which the child knows it, or as the act that is held.
    func contains(_ parent: Act.Parent, held: Act?) -> Bool {
        guard !ranges.isEmpty else { return false }
        return contains(parent.author, parent.sequence) || held.map(contains) == true
    }
}
