/// A write that no other write of its field follows.
struct TopWrite: Sendable {
    /// The act that brings it into effect.
    let position: Int
    let writer: Int
    /// Which of the writer's writes.
    let write: Int
}

/// What a set of acts, closed under ancestry, comes to under a charter; custody as its last act left it.
struct Outlook: Sendable {
    /// The acts that cuts leave standing.
    var standing = IndexBits()
    /// The effective chain acts, oldest first.
    var path: [Int] = []
    var onPath = IndexBits()
    /// Acts of the path that end a disagreement.
    var settlings: [Int] = []
    var custody = Custody()
    /// The branches of one incarnation at which the path stops.
    var frozen: [Int] = []
    /// The act that began the record, whether it stands or not.
    var creation: Int?
    /// By field slot: the causally maximal writes.
    var tops: [[TopWrite]] = []

    func tops(of field: Int) -> [TopWrite] { field < tops.count ? tops[field] : [] }

    mutating func setTops(_ writes: [TopWrite], of field: Int) {
        while tops.count <= field { tops.append([]) }
        tops[field] = writes
    }

    /// Whether an act of this role takes part in the fields.
    func merges(_ at: Int, _ role: Role?) -> Bool {
        guard case .field(let follows) = role else { return false }
        return standing.contains(at) && follows.allSatisfy(onPath.contains)
    }

    /// Goes on by an act whose past is everything in here, judged in this very outlook.
    mutating func extend(by at: Int, in acts: RecordActs) {
        standing.insert(at)
        switch acts.held[at].role {
        case .chain(let role):
            path.append(at)
            onPath.insert(at)
            custody = role.after
            if !role.settles.isEmpty { settlings.append(at) }
            if acts.held[at].act.parents.isEmpty { creation = at }
            for writer in acts.carriedOut(by: at) { write(writer, at: at, in: acts) }
        case .field: write(at, at: at, in: acts)
        case .request, .void, nil: break
        }
    }

    private mutating func write(_ writer: Int, at position: Int, in acts: RecordActs) {
        for (write, field) in acts.held[writer].fields.enumerated() {
            setTops([TopWrite(position: position, writer: writer, write: write)], of: field)
        }
    }
}
