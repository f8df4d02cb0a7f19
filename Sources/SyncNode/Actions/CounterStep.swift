import ServiceModel

extension CaseStep {
    /// What somebody at a counter must say: reasons that the citizen will read, and what the action is about. A file of
    /// old cases may lack them.
    /// - Throws: `CaseInputError.missing`.
    package func checkForCounter() throws(CaseInputError) {
        let isBad = fields[CaseField.evaluation].flatMap(Satisfaction.init(rawValue:))?.isBad ?? false
        let isLacking: [(String, Bool)] =
            switch action {
            case .decide: [("text", text.isEmpty && fields[CaseField.decision] == Outcome.refused.rawValue)]
            case .evaluate: [("text", text.isEmpty && isBad)]
            case .cancel, .note: [("text", text.isEmpty)]
            case .correct: [("missing", missing.isEmpty)]
            case .forward, .reroute: [("target", target == nil)]
            case .amend, .settle: [("fields", fields.isEmpty)]
            case .answer: [("admits", admits.isEmpty && declines.isEmpty)]
            case .accept, .supplement, .takeOver, .deliver, .withdraw: []
            }
        if let (name, _) = isLacking.first(where: \.1) { throw .missing(name, action: action.name) }
    }
}
