import Replica
import ServiceModel
import SyncNode

/// The form of a draft: an item's fields and materials with what was typed, and what is wrong beside each.
struct DraftView {
    let item: CatalogItem
    let content: DraftContent
    /// Whether the content is on disk. What is not is on its page alone, which must say so.
    var isKept = true
    /// Those that keep the case from being accepted, and those that are only told.
    var obstacles: [FieldProblem] = []
    var warnings: [FieldProblem] = []
    /// Why it was not accepted, where the reason lies with no field.
    var failure: String?
    let text: PageText
    let clock: ClockStanding

    /// Names a problem, so that what was told once need not be told again.
    static func key(_ problem: FieldProblem) -> String { "\(place(of: problem)):\(problem.code)" }

    /// The name of the input that a problem belongs to.
    private static func place(of problem: FieldProblem) -> String {
        switch problem.reason {
        case .missingMaterial, .deferredMaterial, .unknownMaterial:
            return "\(DraftContent.materialField).\(problem.name)"
        default: break
        }
        let own = [
            DraftContent.actorField, DraftContent.dayField, DraftContent.untilField, DraftContent.onBehalfField,
        ]
        return problem.name.hasPrefix("applicant.") || own.contains(problem.name)
            ? problem.name : CaseField.form + problem.name
    }

    func view(id: String, edit: Int64) -> View {
        let until = field(
            FormField(
                name: DraftContent.untilField, label: text["draft.until"], kind: .date, help: text["draft.untilHint"]),
            value: content.until)
        // A day that the clock cannot say is left to the clerk.
        let today = clock.needsDay ? "" : CivilDay.text(clock.now.day)
        return [
            "isCounter": true, "failure": failure, "isKept": isKept,
            "keptWords": isKept ? text["draft.kept"] : text["draft.notKept"], "draftID": id, "edit": "\(edit)",
            "itemCode": item.code,
            "itemName": item.name,
            "itemPromised": item.instant ? text["limit.instant"] : text.limit(item.promised),
            "today": today, "isFresh": obstacles.isEmpty && warnings.isEmpty,
            "applicantFields": ApplicantForm.fields.map {
                field($0, value: content.values[$0.name] ?? "", label: text.word("field", $0.name))
            },
            "formFields": item.form.map { one in
                var named = one
                named.name = CaseField.form + one.name
                return field(named, value: content.values[named.name] ?? "")
            },
            "materials": item.materials.map(material),
            "untilFields": item.materials.contains { $0.need == .deferrable } ? [until] : [],
            "ownFields": [
                field(
                    FormField(
                        name: DraftContent.dayField, label: text["draft.day"], kind: .date, required: true,
                        help: clock.needsDay ? text["clock.dayHint"] : ""),
                    value: content.day.isEmpty ? today : content.day),
                field(
                    FormField(name: DraftContent.onBehalfField, label: text["draft.onBehalf"]),
                    value: content.onBehalf),
                field(
                    FormField(name: DraftContent.actorField, label: text["clerk"], required: true),
                    value: content.actor),
            ],
            "problemCount": obstacles.isEmpty ? nil : text("draft.problems", "\(obstacles.count)"),
            "problemLinks": obstacles.map { problem -> View in
                let label = label(of: problem)
                return [
                    "problemAnchor": Self.anchor(Self.place(of: problem)), "problemLabel": label,
                    "problemWords": problem.sentence[text.language],
                ]
            },
            "isWarned": obstacles.isEmpty && !warnings.isEmpty,
            "told": warnings.map(Self.key).joined(separator: ","),
        ]
    }

    private func label(of problem: FieldProblem) -> String {
        switch problem.name {
        case DraftContent.actorField: text["clerk"]
        case DraftContent.dayField: text["draft.day"]
        case DraftContent.untilField: text["draft.until"]
        case DraftContent.onBehalfField: text["draft.onBehalf"]
        case let name where name.hasPrefix("applicant."): text.word("field", name)
        default: problem.label
        }
    }

    private static func anchor(_ name: String) -> String { "in-" + name.replacing(".", with: "-") }

    private func words(_ problems: [FieldProblem], at name: String) -> String {
        problems.filter { Self.place(of: $0) == name }.map { $0.sentence[text.language] }
            .joined(separator: text["comma"])
    }

    private func field(_ field: FormField, value: String, label: String? = nil) -> View {
        FieldView(
            field: field, value: value, label: label ?? field.label, anchor: Self.anchor(field.name),
            error: words(obstacles, at: field.name), warning: words(warnings, at: field.name)
        ).view
    }

    private func material(_ material: ItemMaterial) -> View {
        let name = "\(DraftContent.materialField).\(material.id)"
        var view = ItemView.material(material, text)
        view["materialAnchor"] = Self.anchor(name)
        view["materialTicked"] = content.materials.contains(material.id)
        view["materialError"] = words(obstacles, at: name)
        view["standIns"] = material.standIns.map { kind -> View in
            ["standIn": kind, "standInTicked": content.certificates.contains(kind)]
        }
        return view
    }
}

/// A draft as lists show it.
struct DraftLineView {
    let draft: Draft
    /// Of this counter, whose item it is.
    let unit: UnitCode
    let text: PageText
    let now: Moment
    /// On which the item is looked up.
    let day: Int32

    /// - Throws: `ReplicaError`.
    func view(_ transaction: Transaction) throws -> View {
        let content = DraftContent(kept: draft.content)
        let item = try transaction.catalogItem(code: draft.item, for: unit, on: day)
        return [
            "draftID": draft.id, "draftItem": item?.name ?? draft.item,
            "draftApplicant": content.values[CaseField.applicantName] ?? text["draft.nameless"],
            "draftClerk": content.actor, "draftSaved": text.time(draft.saved, now: now),
        ]
    }
}

/// One input with its label, its help and what is wrong with it.
struct FieldView {
    /// From so many characters on a text has several lines.
    private static let long: UInt32 = 150

    let field: FormField
    let value: String
    let label: String
    let anchor: String
    var error = ""
    var warning = ""

    var view: View {
        let isLong = field.kind == .text && field.longest >= Self.long
        return [
            "name": field.name, "anchor": anchor, "label": label, "value": value, "isFieldRequired": field.required,
            "help": field.help, "error": error, "warning": warning, "isChoice": field.kind == .choice,
            "isLong": isLong, "isLine": field.kind != .choice && !isLong,
            "choices": field.choices.map { choice -> View in ["choice": choice, "isChosen": choice == value] },
            "type": field.kind == .date ? "date" : "text", "mode": mode,
            "isMarked": !error.isEmpty || !warning.isEmpty,
        ]
    }

    private var mode: String {
        switch field.kind {
        case .number: "decimal"
        case .phone: "tel"
        default: "text"
        }
    }
}
