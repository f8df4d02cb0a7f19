@testable import ServiceModel

/// The town of the reference model: eleven units at four tiers, its table of phases and its powers.
enum Town {
    static let units: [UnitEntry] = [
        unit("C", nil, 0), unit("B", "C", 1), unit("K1", "C", 1), unit("K2", "C", 1), unit("T1", "K1", 2),
        unit("T2", "K1", 2), unit("T3", "K2", 2), unit("V1", "T1", 3), unit("V2", "T1", 3), unit("V3", "T2", 3),
        unit("V4", "T3", 3),
    ]

    static let names = units.map(\.code)

    static let kinds = [
        "create", "correct", "receive", "suspend", "resume", "decide", "issue", "withdraw", "terminate", "hand_over",
        "takeover", "amend", "settle", "answer", "reroute", "evaluate", "deliver_copy",
    ]

    /// `evaluate` and `deliver_copy` are no part of the model: a write that is made once, and an act of the creator.
    static let rules: CaseRules = {
        let open: Set<Phase> = [.accepted, .correcting, .suspended]
        let table: [String: ActionRule] = [
            "create": ActionRule(.create, to: .accepted),
            "correct": ActionRule(.keep, from: [.accepted], to: .correcting),
            "receive": ActionRule(.keep, from: [.correcting], to: .accepted),
            "suspend": ActionRule(.keep, from: [.accepted], to: .suspended, lowestTier: 2),
            "resume": ActionRule(.keep, from: [.suspended], to: .accepted, lowestTier: 2),
            "decide": ActionRule(.keep, from: [.accepted], to: .decided, lowestTier: 2, decisive: true),
            "issue": ActionRule(.keep, from: [.decided], to: .issued, lowestTier: 2),
            "withdraw": ActionRule(.keep, from: open, to: .withdrawn),
            "terminate": ActionRule(.keep, from: open.union([.decided]), to: .terminated),
            "hand_over": ActionRule(.handOver, from: [.accepted, .correcting, .decided]),
            "takeover": ActionRule(.takeOver, from: open.union([.decided]), lowestTier: 2),
            "amend": ActionRule(.write), "settle": ActionRule(.settle), "answer": ActionRule(.answer),
            "reroute": ActionRule(.reroute), "evaluate": ActionRule(.write, once: true),
            "deliver_copy": ActionRule(.keep, byCreator: true),
        ]
        return CaseRules(
            actions: Dictionary(uniqueKeysWithValues: table.map { (kind($0.key), $0.value) }),
            policies: ["address": .counter, "material": .counter]
        )
    }()

    /// The model knows no policy but authority.
    static let modelRules = CaseRules(actions: rules.actions)

    static func kind(_ name: String) -> ActionKind {
        ActionKind(rawValue: UInt32((kinds.firstIndex(of: name) ?? kinds.count) + 1))
    }

    static func code(_ name: String) -> UnitCode { UnitCode(name)! }

    private static func unit(_ name: String, _ parent: String?, _ tier: Int) -> UnitEntry {
        UnitEntry(
            code: code(name),
            name: name,
            tier: tier,
            parent: parent.map(code),
            kind: tier == 3 ? .point : .centre
        )
    }
}

extension Phase {
    static let accepted = Phase(rawValue: "accepted")
    static let correcting = Phase(rawValue: "correcting")
    static let suspended = Phase(rawValue: "suspended")
    static let decided = Phase(rawValue: "decided")
    static let issued = Phase(rawValue: "issued")
    static let withdrawn = Phase(rawValue: "withdrawn")
    static let terminated = Phase(rawValue: "terminated")
}
