/// What a kind of action does to a record, and who may do it.
package struct ActionRule: Hashable, Sendable {
    /// How an action takes part in the fold (RULES.md, "Fold").
    package enum Effect: Hashable, Sendable {
        /// Begins the record; custody starts with its unit.
        case create
        /// A chain act that leaves custody where it is.
        case keep
        /// Writes fields and merges; where a field is in conflict it becomes a settling.
        case write
        /// A chain act that writes fields.
        case settle
        /// A chain act that only admits or declines.
        case answer
        /// Adds units to the audience, by a common ancestor of the holder and of them.
        case reroute
        /// A chain act that passes custody to the target.
        case handOver
        /// An ancestor of the holder takes custody.
        case takeOver
    }

    package let effect: Effect
    /// Phases in which it is legal; empty is any phase of a record that stands.
    package let from: Set<Phase>
    /// The phase after it; nil keeps the phase.
    package let to: Phase?
    /// Lowest rank of a unit with this power (0 is the top); units below lack it unless the charter grants it. Nil is
    /// every unit of the network.
    package let lowestTier: Int?
    /// Only the unit that created the record may do it.
    package let byCreator: Bool
    /// Only a unit of the tier at which the creation's route ends, or above, may do it; a grant lifts that.
    package let byRoute: Bool
    /// Illegal after a takeover without evidence of what the deposed unit had done, unless it brings such evidence.
    package let decisive: Bool
    /// Void where one of its fields has a value already.
    package let once: Bool

    package init(
        _ effect: Effect,
        from: Set<Phase> = [],
        to: Phase? = nil,
        lowestTier: Int? = nil,
        byCreator: Bool = false,
        byRoute: Bool = false, decisive: Bool = false,
        once: Bool = false
    ) {
        self.effect = effect
        self.from = from
        self.to = to
        self.lowestTier = lowestTier
        self.byCreator = byCreator
        self.byRoute = byRoute
        self.decisive = decisive
        self.once = once
    }

    /// Whether it may act on a record in this phase; nil is a record whose creation does not stand.
    func isLegal(in phase: Phase?) -> Bool {
        guard effect != .create else { return phase == nil }
        guard let phase else { return false }
        return from.isEmpty || from.contains(phase)
    }
}

/// Who wins a conflict until the holder settles it.
package enum MergePolicy: String, Hashable, Sendable {
    /// The higher unit.
    case authority
    /// The lower unit: who stood at the counter.
    case counter
}

/// The table of a kind of record: its actions and the policies of its fields.
package struct CaseRules: Hashable, Sendable {
    package let actions: [ActionKind: ActionRule]
    /// By field name, without what follows the first dot (elements of a set share the set's policy); `authority` where
    /// none is named.
    package let policies: [String: MergePolicy]

    package init(actions: [ActionKind: ActionRule], policies: [String: MergePolicy] = [:]) {
        self.actions = actions
        self.policies = policies
    }

    /// The table of a version that has no rule for these actions yet.
    package func without(_ actions: Set<CaseAction>) -> CaseRules {
        let kinds = Set(actions.map(\.kind))
        return CaseRules(actions: self.actions.filter { !kinds.contains($0.key) }, policies: policies)
    }

    /// The policy of a field, or of the set that it is an element of.
    package func policy(of field: String) -> MergePolicy {
        guard !policies.isEmpty else { return .authority }
        return policies[String(field.prefix { $0 != "." })] ?? .authority
    }
}
