@testable import ServiceModel

/// A machine of the town: what one unit's node holds.
struct TownNode {
    let unit: UnitCode
    var author: Author
    var sequence: UInt64 = 0
    /// Its own change sets, oldest first.
    var journal: [Leaf] = []
    private(set) var acts: [Act] = []
    private(set) var entries: [CharterEntry] = []
    private(set) var charter = Charter()
    private(set) var fold = CaseFold(rules: Town.rules)
    private var leaves: Set<Leaf> = []
    private var digests: Set<EntryDigest> = []

    init(unit: UnitCode, author: Author) {
        self.unit = unit
        self.author = author
    }

    mutating func take(_ act: Act) {
        guard leaves.insert(act.leaf).inserted else { return }
        acts.append(act)
        fold.insert(act)
    }

    mutating func take(_ entry: CharterEntry) {
        guard digests.insert(entry.digest).inserted else { return }
        entries.append(entry)
        charter.add(entry)
    }

    mutating func state(_ authors: [AuthorID: Author]) -> CaseState { fold.state(charter: charter, authors: authors) }

    func holds(_ leaf: Leaf) -> Bool { leaves.contains(leaf) }
}
