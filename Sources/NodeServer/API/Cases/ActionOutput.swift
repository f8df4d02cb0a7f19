import ServiceModel

/// What became of an action.
package struct ActionOutput: Encodable {
    /// `done` along the chain, `asked` of the holder, or `written` beside the chain.
    package let result: String
    package let phase: String?
    package let holder: String?

    package init(_ verdict: Verdict) {
        var ends: (holder: UnitCode?, phase: Phase?) = (nil, nil)
        switch verdict {
        case .chain(let holder, let phase, _):
            result = "done"
            ends = (holder, phase)
        case .request: result = "asked"
        case .write: result = "written"
        case .pending, .void, .lost: preconditionFailure("a node refuses what would have no effect")
        }
        phase = ends.phase?.rawValue
        holder = ends.holder?.text
    }

    package static let schema = JSONSchema.object([
        .must("result", .choice(["done", "asked", "written"], "asked: its holder, elsewhere, will answer")),
        .may("phase", .text("of the case, when it was done")),
        .may("holder", .text("code of the unit that holds the case, when it was done")),
    ])
}

/// A case that was accepted.
package struct AcceptanceOutput: Encodable {
    package let receipt: String

    package init(receipt: String) { self.receipt = receipt }

    package static let schema = JSONSchema.object([.must("receipt", .text("the number for the paper"))])
}
