import ServiceModel

/// A change set as the oracle reads it.
struct OracleAct {
    typealias Parent = (leaf: Leaf, author: AuthorID, sequence: UInt64)

    var leaf: Leaf
    var author: AuthorID
    var sequence: UInt64
    var isCreation: Bool
    var parents: [Parent] = []
    var pin: EntryDigest
    var kind: UInt32
    var target: String?
    var route: [String] = []
    var writes: [(field: String, value: String)] = []
    var admits: [Leaf] = []
    var declines: [Leaf] = []
    var evidence = false
    var mustUnderstand = false
    var isReadable = true

    var answers: [Leaf] { admits + declines }
}

/// What the holder's chain says after one of its acts.
struct OracleCustody {
    var phase: String?
    var holder: String?
    /// The pin of the last act.
    var since: EntryDigest?
    var inDoubt = false
    var answers: [(act: Leaf, admitted: Bool)] = []
}

enum OracleRole {
    case void(String)
    case field(follows: [Leaf])
    case request
    case chain(previous: Leaf?, epoch: Int, rank: Int, tier: Int, after: OracleCustody, settles: Set<String>)

    /// The rank of who acts under custody: behind every taker.
    static let holder = Int(UInt32.max)
}

/// What a record comes to, as the oracle has it.
struct OracleState {
    struct Value: Equatable {
        let value: String
        let leaf: Leaf
        let writer: Leaf
    }

    /// By its stable code.
    var status: [Leaf: String] = [:]
    var chain: [Leaf] = []
    var holder: String?
    var phase: String?
    var inDoubt = false
    var values: [String: Value] = [:]
    /// The sorted leaves of the writes that disagree.
    var conflicts: [String: [Leaf]] = [:]
    var units: Set<String> = []
    var audience: Set<String> = []
    var heads: [Leaf] = []
    var frozen: [Leaf] = []
}
