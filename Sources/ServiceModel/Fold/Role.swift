/// An answer to a request or proposal, as the chain carries it on.
struct Answer: Equatable, Sendable {
    let act: Int
    let admitted: Bool
}

/// What the chain says after one of its acts: fixed for ever by that act's own past and pin.
struct Custody: Equatable, Sendable {
    var phase: Phase?
    var holder: UnitCode?
    /// The pin of the last act; nil before any.
    var since: Int?
    var inDoubt = false
    var answers: [Answer] = []

    func answer(to act: Int) -> Answer? { answers.first { $0.act == act } }
}

/// What a change set is in its author's view: the fold of its ancestors under its pin. Judged once.
enum Role: Sendable {
    case void(VoidReason)
    /// Takes part in the fields, as long as the settlings that it follows are on the chain.
    case field(follows: [Int])
    case request
    case chain(ChainRole)

    var isVoid: Bool {
        if case .void = self { true } else { false }
    }

    var chain: ChainRole? {
        if case .chain(let role) = self { role } else { nil }
    }
}

/// Where a chain act acts.
struct ChainRole: Sendable {
    /// Rank of who acts under custody, behind every rank of a taker.
    static let holderRank = Int.max

    /// The head that its author acted upon; nil is the beginning.
    let previous: Int?
    /// How often cuts had moved custody between that head and it.
    let epoch: Int
    /// Tier of the unit that takes custody over, `holderRank` otherwise.
    let rank: Int
    /// Tier of the acting unit.
    let tier: Int
    let after: Custody
    /// The fields, by slot, whose disagreement it ends.
    let settles: [Int]
}
