import ChangeSet
import ServiceModel
import SyncNode

/// What was typed into a form that was refused and that the page cannot show again, or not all of it: the case has
/// moved on meanwhile. It is read off the page instead, so that nothing has to be thought of a second time.
struct TypedStep {
    let action: CaseAction
    let form: PageForm
    let file: CaseFile
    let text: PageText
    /// Whether the page has the action's form, with what was typed into it.
    let isOffered: Bool

    var lines: [View] {
        ((isOffered ? [] : words + amendments) + settlements + answers).filter { !$0.value.isEmpty }.map {
            ["typedLabel": $0.label, "typedValue": $0.value]
        }
    }

    private typealias Line = (label: String, value: String)

    private var words: [Line] {
        let materials = form.all(DraftContent.materialField).map { file.label(CaseField.material + $0, text) }
        return [
            (text["do.decide"], Outcome(rawValue: form.text("outcome")).map(text.outcome) ?? ""),
            (
                text["do.evaluate"],
                Satisfaction(rawValue: form.text("level")).map { text.word("level", $0.rawValue) } ?? ""
            ),
            (text["forward.to"], UnitCode(form.text("target")).map(file.name) ?? ""),
            (text["text.missing"], form.text("missing")),
            (text["case.day"], form.text(CaseStepForm.dayField)),
            (text["material.handedIn"], materials.joined(separator: text["comma"])),
            (CaseActForms.hasText(action) ? text["text.\(action.name)"] : text["text.note"], form.text("text")),
        ]
    }

    private var amendments: [Line] {
        let was = form.under("was.")
        return form.under("field.").filter { $0.value != was[$0.key] ?? "" }.sorted { $0.key < $1.key }.map {
            (file.label($0.key, text), $0.value)
        }
    }

    /// Of conflicts that are settled by now, or that cannot be settled here.
    private var settlements: [Line] {
        let others = form.under("other.")
        let open = Set(isOffered ? file.record.conflicts.map(\.field) : [])
        return form.under("settle.").filter { !open.contains($0.key) }.sorted { $0.key < $1.key }.map { name, choice in
            let chosen = choice.hasPrefix("=") ? file.value(String(choice.dropFirst()), of: name, text) : ""
            let typed = [chosen, others[name] ?? ""].filter { !$0.isEmpty }
            return (file.label(name, text), typed.joined(separator: text["comma"]))
        }
    }

    /// To requests that are answered by now, or that cannot be answered here.
    private var answers: [Line] {
        let open = Set(isOffered ? file.questions.map { $0.placed.leaf.leaf.description } : [])
        return form.under("answer.").filter { !open.contains($0.key) }.sorted { $0.key < $1.key }.map { name, answer in
            let asked = Bytes16(hex: name).flatMap { file.record.history.entry(Leaf($0)) }
            let words = ["admit": text["answer.admit"], "decline": text["answer.decline"]]
            return (asked.map { file.words(of: $0, text) } ?? text["do.answer"], words[answer] ?? "")
        }
    }
}
