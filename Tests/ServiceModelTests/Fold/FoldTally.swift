/// What a run of histories met. All of the named ones must occur, or the run has shown nothing.
struct FoldTally {
    private(set) var counts: [String: Int] = [:]

    static let needed = [
        "concurrent decisions", "requests", "takeovers", "cuts", "audience widenings", "pin gaps", "three-head merges",
        "frozen", "heirs' acts", "answers", "settlings", "lost by cut", "charter splits", "rescued",
    ]

    mutating func add(_ what: String, _ count: Int = 1) { if count > 0 { counts[what, default: 0] += count } }
    mutating func add(_ other: FoldTally) { for (what, count) in other.counts { add(what, count) } }
    var line: String { counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ") }
}
