import ChangeSet
import ServiceModel
import SyncNode

/// What is done to a case, as a file and a request say it.
package struct StepInput: JSONInput {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case action, day, actor, text, outcome, target, level, fields, missing, admits, declines, seen, presumedLost
    }

    package var action: String
    package var day: String?
    package var actor: String?
    package var text: String?
    package var outcome: String?
    package var target: String?
    package var level: String?
    package var fields: [String: String]?
    package var missing: [String]?
    package var admits: [String]?
    package var declines: [String]?
    package var seen: [String]?
    package var presumedLost: Bool?

    package static let known = Set(CodingKeys.allCases.map(\.rawValue))

    /// Everything but the acceptance, which has its own route.
    private static let actions = CaseAction.allCases.filter { $0 != .accept }

    package static let schema = JSONSchema.object([
        .must("action", .choice(actions.map(\.name), "")),
        .may("day", .text("legal day of the act, yyyy-mm-dd; today when left out, unless the clock is in doubt")),
        .may("actor", .text("name of who does it")),
        .may("text", .text("reason, or note")),
        .may("outcome", .choice(Outcome.allCases.map(\.rawValue), "of a decision")),
        .may("target", .text("code of the unit to which the case goes, or which is to see it")),
        .may("level", .choice(Satisfaction.allCases.map(\.rawValue), "of an evaluation")),
        .may("fields", .map(.text(""), "to be written, by name")),
        .may("missing", .list(.text(""), "what the applicant is to bring")),
        .may("admits", .list(.text("name of an act"), "requests to admit, in the order in which they act")),
        .may("declines", .list(.text("name of an act"), "requests to decline")),
        .may("seen", .list(.text("name of an act"), "as the case was shown; refused if it has changed")),
        .may("presumedLost", .flag("of a takeover: nothing more is expected of the machine of who held the case")),
    ])

    /// - Parameters:
    ///   - day: where none is named.
    ///   - actor: where none is named.
    /// - Throws: `NodeError`, `CaseInputError`, and what `day` throws.
    package func step(day: @autoclosure () throws -> Int32, actor: String, now: Moment) throws -> CaseStep {
        guard let action = Self.actions.first(where: { $0.name == self.action }) else {
            throw CaseInputError.unknownAction(self.action)
        }
        let day = try self.day.map { try CivilDay.parse($0, now: now) } ?? day()
        var step = CaseStep(action, day: day, actor: self.actor ?? actor)
        step.text = text ?? ""
        step.missing = missing ?? []
        step.fields = fields ?? [:]
        step.admits = try Self.leaves(admits ?? [])
        step.declines = try Self.leaves(declines ?? [])
        step.seen = try seen.map(Self.leaves)
        step.presumedLost = presumedLost ?? false
        if let target {
            guard let unit = UnitCode(target) else { throw NodeError.unknownUnit(target) }
            step.target = unit
        }
        if action == .decide {
            guard let outcome = outcome.flatMap(Outcome.init(rawValue:)) else {
                throw CaseInputError.unknownOutcome(outcome ?? "")
            }
            step.fields[CaseField.decision] = outcome.rawValue
        }
        if action == .evaluate {
            guard let level = level.flatMap(Satisfaction.init(rawValue:)) else {
                throw CaseInputError.unknownLevel(level ?? "")
            }
            step.fields[CaseField.evaluation] = level.rawValue
            if !step.text.isEmpty { step.fields[CaseField.evaluationReason] = step.text }
        }
        return step
    }

    private static func leaves(_ names: [String]) throws -> [Leaf] {
        try names.map { name in
            guard let value = Bytes16(hex: name) else {
                throw NodeError.badInput(name, wanted: Words("a name from the trace", "轨迹中的名称"))
            }
            return Leaf(value)
        }
    }
}
