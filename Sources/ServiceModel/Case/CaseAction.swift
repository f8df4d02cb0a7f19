/// The actions of a case in version 1, by their number in the bytes. A number is never used again for another meaning.
package enum CaseAction: UInt32, CaseIterable, Sendable {
    case accept = 1
    case correct = 3
    case supplement = 4
    case forward = 8
    case takeOver = 9
    case decide = 10
    case deliver = 12
    case withdraw = 14
    case cancel = 15
    case settle = 17
    case answer = 18
    case reroute = 19
    case amend = 20
    case note = 21
    case evaluate = 22

    package var kind: ActionKind { ActionKind(rawValue: rawValue) }

    /// The name that the command line, the API and the database use.
    package var name: String {
        switch self {
        case .accept: "accept"
        case .correct: "correct"
        case .supplement: "supplement"
        case .forward: "forward"
        case .takeOver: "takeOver"
        case .decide: "decide"
        case .deliver: "deliver"
        case .withdraw: "withdraw"
        case .cancel: "cancel"
        case .settle: "settle"
        case .answer: "answer"
        case .reroute: "reroute"
        case .amend: "amend"
        case .note: "note"
        case .evaluate: "evaluate"
        }
    }

    package init?(kind: ActionKind) { self.init(rawValue: kind.rawValue) }

    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension Phase {
    package static let accepted = Phase(rawValue: "accepted")
    package static let correcting = Phase(rawValue: "correcting")
    package static let decided = Phase(rawValue: "decided")
    package static let delivered = Phase(rawValue: "delivered")
    package static let withdrawn = Phase(rawValue: "withdrawn")
    package static let cancelled = Phase(rawValue: "cancelled")

    /// In the order in which a case comes through them.
    package static let all: [Phase] = [.accepted, .correcting, .decided, .delivered, .withdrawn, .cancelled]

    /// Phases in which nothing more is expected of anyone.
    package static let closed: Set<Phase> = [.delivered, .withdrawn, .cancelled]
}

extension CaseRules {
    /// The table of version 1: from which phases, to which, by whom.
    package static let version1 = CaseRules(
        actions: [
            CaseAction.accept.kind: ActionRule(.create, to: .accepted),
            CaseAction.correct.kind: ActionRule(.keep, from: [.accepted], to: .correcting),
            CaseAction.supplement.kind: ActionRule(.keep, from: [.correcting], to: .accepted),
            CaseAction.forward.kind: ActionRule(.handOver, from: [.accepted, .correcting, .decided]),
            CaseAction.takeOver.kind: ActionRule(.takeOver, from: [.accepted, .correcting, .decided]),
            CaseAction.decide.kind: ActionRule(
                .keep, from: [.accepted], to: .decided, byRoute: true, decisive: true),
            CaseAction.deliver.kind: ActionRule(.keep, from: [.decided], to: .delivered),
            CaseAction.withdraw.kind: ActionRule(.keep, from: [.accepted, .correcting], to: .withdrawn),
            CaseAction.cancel.kind: ActionRule(.keep, from: [.accepted, .correcting], to: .cancelled, byCreator: true),
            CaseAction.settle.kind: ActionRule(.settle),
            CaseAction.answer.kind: ActionRule(.answer),
            CaseAction.reroute.kind: ActionRule(.reroute),
            CaseAction.amend.kind: ActionRule(.write),
            CaseAction.note.kind: ActionRule(.write),
            CaseAction.evaluate.kind: ActionRule(.write, once: true),
        ],
        // Whoever stands before the citizen knows best how to reach them.
        policies: ["applicant": .counter])
}

/// Names of the fields that the project itself reads. A form's own fields are `form.` and the catalog's name.
package enum CaseField {
    package static let applicantName = "applicant.name"
    package static let applicantKind = "applicant.kind"
    package static let applicantID = "applicant.id"
    package static let applicantPhone = "applicant.phone"
    package static let applicantAddress = "applicant.address"
    package static let decision = "decision"
    package static let evaluation = "evaluation"
    package static let evaluationReason = "evaluationReason"
    /// Elements of sets: the prefix, then a name.
    package static let material = "material."
    package static let note = "note."
    package static let form = "form."
}

/// What a decision says.
package enum Outcome: String, CaseIterable, Sendable {
    case granted
    case refused
}

/// The five levels of the national service evaluation, kept by name (Guobanfa 2019 No. 51).
package enum Satisfaction: String, CaseIterable, Sendable {
    case verySatisfied = "非常满意"
    case satisfied = "满意"
    case basicallySatisfied = "基本满意"
    case dissatisfied = "不满意"
    case veryDissatisfied = "非常不满意"

    /// A bad one needs a reason and must be put right.
    package var isBad: Bool { self == .dissatisfied || self == .veryDissatisfied }
}
