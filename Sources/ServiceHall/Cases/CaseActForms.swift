import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// The forms on a case's page: one for each action that is possible here and now.
struct CaseActForms {
    /// In the order in which they are offered. Custody is taken over and a route changed by command.
    private static let offered: [CaseAction] = [
        .decide, .correct, .supplement, .forward, .deliver, .settle, .answer, .amend, .note, .evaluate, .withdraw,
        .cancel,
    ]
    /// The citizen judges what was done for them.
    private static let judged: Set<Phase> = [.decided, .delivered]

    let file: CaseFile
    let text: PageText
    let clerk: String
    /// The unit of this node.
    let own: UnitCode
    /// What was posted and not done, with the reason: it is shown again as it was typed.
    var refused: (action: CaseAction, form: PageForm, reason: String)?

    var views: [View] {
        Self.offered.filter(offers).map(view)
    }

    /// Whether there is a form for it here and now.
    func offers(_ action: CaseAction) -> Bool {
        Self.offered.contains(action) && file.possible[action] != nil
            && (action != .evaluate || file.row.phase.map(Self.judged.contains) ?? false)
    }

    private func view(_ action: CaseAction) -> View {
        let form = refused?.action == action ? refused?.form : nil
        let isRequest = file.possible[action] == .request
        var view: View = [
            "act": action.name, "actTitle": text["do.\(action.name)"],
            "actHint": isRequest ? text("case.asRequest", file.row.holder.map(file.name) ?? "") : nil,
            "isOpen": form != nil, "actError": form == nil ? nil : refused?.reason,
            "seen": file.record.chainHeads.map(\.description), "typedText": form?.text("text"),
            "textLabel": Self.hasText(action) ? text["text.\(action.name)"] : nil,
            "actor": form?.text(DraftContent.actorField) ?? clerk, "actPath": "/cases/\(file.row.receipt)/actions",
            // A list that an action has no use for is empty, and its heading is left out.
            "outcomes": [View](), "levels": [View](), "targets": [View](),
            "dayFields": dayField(of: action, form).map { [$0] } ?? [],
        ]
        switch action {
        case .decide:
            view["outcomes"] = Outcome.allCases.map { outcome -> View in
                [
                    "outcomeValue": outcome.rawValue, "outcomeName": text.outcome(outcome),
                    "isOutcomeChosen": form?.text("outcome") == outcome.rawValue,
                ]
            }
        case .evaluate:
            view["levels"] = Satisfaction.allCases.map { level -> View in
                [
                    "levelValue": level.rawValue, "levelName": text.word("level", level.rawValue),
                    "isLevelChosen": form?.text("level") == level.rawValue,
                ]
            }
        case .correct:
            view["missingLabel"] = text["text.missing"]
            view["typedMissing"] = form?.text("missing")
        case .forward: view["targets"] = targets(chosen: form?.text("target"))
        case .supplement: view["lacking"] = lacking(form)
        case .amend:
            view["lacking"] = lacking(form)
            view["editFields"] = editable.map { field, label -> View in
                let held = file.row.fields[field.name] ?? ""
                var view = FieldView(
                    field: field, value: form?["field.\(field.name)"] ?? held, label: label,
                    anchor: "amend-" + field.name.replacing(".", with: "-")
                ).view
                view["inputPrefix"] = "field."
                view["wasValue"] = form?["was.\(field.name)"] ?? held
                return view
            }
        case .settle: view["disputes"] = disputes(form)
        case .answer: view["questions"] = questions(form)
        default: break
        }
        return view
    }

    /// The act's legal day, where the clock cannot say it.
    private func dayField(of action: CaseAction, _ form: PageForm?) -> View? {
        guard file.clock.needsDay else { return nil }
        return FieldView(
            field: FormField(
                name: CaseStepForm.dayField, label: text["case.day"], kind: .date, required: true,
                help: text["clock.dayHint"]),
            value: form?.text(CaseStepForm.dayField) ?? "", label: text["case.day"], anchor: "day-\(action.name)"
        ).view
    }

    static func hasText(_ action: CaseAction) -> Bool {
        switch action {
        case .decide, .note, .evaluate, .withdraw, .cancel, .answer: true
        default: false
        }
    }

    /// Where a case may go: along its route, and to the units above; the next on the route is proposed.
    private func targets(chosen: String?) -> [View] {
        let route = file.route
        let others = Set(file.topology.above(own)).union(file.record.state.units).subtracting(route).sorted()
        let next = route.firstIndex(of: own).flatMap { $0 + 1 < route.count ? route[$0 + 1] : nil }
        let proposed = chosen.flatMap { UnitCode($0) } ?? next
        return (route + others).filter { $0 != file.row.holder }.map { unit in
            ["targetValue": unit.text, "targetName": file.name(unit), "isTargetChosen": unit == proposed]
        }
    }

    /// Materials of the item that are not in the case's hands yet.
    private func lacking(_ form: PageForm?) -> [View] {
        (file.item?.materials ?? []).filter { material in
            let status = file.row.fields[CaseField.material + material.id].flatMap { MaterialStatus($0) }
            switch status {
            case nil, .deferred: return true
            case .handedIn, .certificate: return false
            }
        }.map { material in
            let status = file.row.fields[CaseField.material + material.id]
            return [
                "lackingID": material.id, "lackingName": material.name,
                "lackingStatus": status.map { file.value($0, of: CaseField.material, text) },
                "isBrought": form?.all(DraftContent.materialField).contains(material.id) ?? false,
            ]
        }
    }

    /// The fields that a clerk may change, with what each is called.
    private var editable: [(FormField, String)] {
        let applicant = ApplicantForm.fields.map { ($0, text.word("field", $0.name)) }
        let form = (file.item?.form ?? []).map { one -> (FormField, String) in
            var named = one
            named.name = CaseField.form + one.name
            return (named, one.label)
        }
        return applicant + form
    }

    private func disputes(_ form: PageForm?) -> [View] {
        file.record.conflicts.enumerated().map { index, conflict in
            let choice = form?["settle.\(conflict.field)"] ?? "=\(conflict.chosen)"
            return [
                "disputeField": conflict.field, "disputeLabel": file.label(conflict.field, text),
                "disputeAnchor": "settle-\(index)", "mayBeOther": file.field(conflict.field) != nil,
                "isOtherChosen": choice == "other", "typedOther": form?["other.\(conflict.field)"],
                "candidates": ([conflict.chosen] + conflict.others).map { value -> View in
                    [
                        "candidateValue": value,
                        "candidateName": value.isEmpty
                            ? text["settle.blank"] : file.value(value, of: conflict.field, text),
                        "isCandidateChosen": choice == "=\(value)",
                    ]
                },
            ]
        }
    }

    private func questions(_ form: PageForm?) -> [View] {
        file.questions.map { entry in
            let name = entry.placed.leaf.leaf.description
            let answer = form?["answer.\(name)"] ?? ""
            return [
                "questionName": name, "questionWords": file.words(of: entry, text),
                "isAdmitted": answer == "admit", "isDeclined": answer == "decline",
                "isLater": answer != "admit" && answer != "decline",
            ]
        }
    }
}
