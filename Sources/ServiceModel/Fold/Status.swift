/// Why a change set is not folded yet. Each resolves once by what still arrives.
package enum PendingReason: String, Hashable, CaseIterable, Sendable {
    case parentMissing = "pending.parentMissing"
    case parentPending = "pending.parentPending"
    case authorUnknown = "pending.authorUnknown"
    case entryUnknown = "pending.entryUnknown"
    case notUnderstood = "pending.notUnderstood"
}

/// Why a change set has no effect, for good.
package enum VoidReason: String, Hashable, CaseIterable, Sendable {
    /// Its pin lies behind an ancestor's pin on the same charter branch.
    case pinBehind = "void.pinBehind"
    /// This version has no rule for its kind, and it is not flagged must-understand.
    case unknownKind = "void.unknownKind"
    /// Its unit lacks the power, or is no unit of the network.
    case noPower = "void.noPower"
    /// A creation with parents, or another act without.
    case creationOutOfPlace = "void.creationOutOfPlace"
    /// A reroute by who is not above the holder and all named units.
    case notAboveBoth = "void.notAboveBoth"
    /// A takeover by who is not above the holder.
    case notAboveHolder = "void.notAboveHolder"
    case answersWithoutCustody = "void.answersWithoutCustody"
    /// It answers what is no open request or proposal of its past, or one thing twice.
    case unanswerable = "void.unanswerable"
    /// Not legal in the phase that its author saw.
    case wrongPhase = "void.wrongPhase"
    /// Decisive after a takeover, and nobody has said what became of the deposed unit's work.
    case inDoubt = "void.inDoubt"
    /// A hand-over to no unit, or to the holder itself.
    case badTarget = "void.badTarget"
    /// The holder's journal has forked here.
    case frozen = "void.frozen"
    /// An admitted hand-over has passed custody before the act itself.
    case custodyPassed = "void.custodyPassed"
    /// Only the creating unit may do it.
    case notCreator = "void.notCreator"
    /// The route that was promised ends higher up.
    case notOnRoute = "void.notOnRoute"
    /// It may be written once, and it was.
    case alreadyWritten = "void.alreadyWritten"
}

/// Why an authorized change set has no effect now.
package enum ProposalReason: String, Hashable, CaseIterable, Sendable {
    /// It lies beyond a cut of its author and nothing in good faith was built upon it.
    case cut = "proposal.cut"
    /// It lies on, or depends on, two branches of one incarnation.
    case frozen = "proposal.frozen"
    /// Another branch of the chain was taken, or a settling that it followed fell.
    case outrun = "proposal.outrun"
}

/// What a change set means at present.
package enum Status: Hashable, Sendable {
    case pending(PendingReason)
    case void(VoidReason)
    /// A chain act on the chain that counts.
    case effective
    /// A field write that takes part in its fields.
    case merged
    /// A chain act by a unit without custody; it waits for the holder.
    case request
    case admitted
    case declined
    case proposal(ProposalReason)
    /// A cut states it as lost: present and empty, though it is held.
    case lostByCut

    /// Stable code, the reason included.
    package var code: String {
        switch self {
        case .pending(let reason): reason.rawValue
        case .void(let reason): reason.rawValue
        case .effective: "effective"
        case .merged: "merged"
        case .request: "request"
        case .admitted: "admitted"
        case .declined: "declined"
        case .proposal(let reason): reason.rawValue
        case .lostByCut: "lostByCut"
        }
    }

    /// Whether it waits for the holder's answer.
    package var isOpen: Bool {
        switch self {
        case .request, .proposal: true
        default: false
        }
    }
}
