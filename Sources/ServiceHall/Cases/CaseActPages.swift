import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// Where the forms of a case are sent to.
struct CaseActPages: Sendable {
    let frame: PageFrame
    private var node: Node { frame.desk.node }

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] {
        [
            PageRoute(.post, "/cases/{receipt}/actions") { try act($0) },
            // A refused form stays at the address it was sent to, which a browser may ask for again.
            PageRoute(.get, "/cases/{receipt}/actions") { .seeOther("/cases", $0.path["receipt"] ?? "") },
        ]
    }

    /// Does it, or shows the case as it stands now with the reason and all that was typed.
    private func act(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        let receipt = request.path["receipt"] ?? ""
        guard let action = CaseAction(name: request.form.text("action")), action != .accept else {
            throw PageProblem.form
        }
        func file() throws -> CaseFile {
            try node.replica.read { try CaseFile(typed: receipt, at: node, now: now, $0) }
        }
        do {
            let shown = try file()
            let step = try CaseStepForm(action, request.form, text).step(on: shown)
            let verdict = try node.act(step, on: shown.record.row, now: now)
            frame.desk.announce()
            return .seeOther("/cases/\(shown.row.receipt)?done=\(Self.word(verdict))")
                .remembering(PageCookie.clerk, step.actor)
        } catch let error as any CodedError {
            let file = try file()
            var forms = CaseActForms(file: file, text: text, clerk: request.clerk, own: node.name.unit)
            let reason = ErrorText.words(error, in: text.language)
            forms.refused = (action, request.form, reason)
            var view = CaseView(file: file, text: text, now: now).view
            view["acts"] = forms.views
            view["refusal"] = reason
            view["typedLines"] =
                TypedStep(
                    action: action, form: request.form, file: file, text: text, isOffered: forms.offers(action)
                ).lines
            return try frame.page(
                "case", view, request, title: file.row.receipt, here: "/cases/\(file.row.receipt)",
                status: PageProblem.status(of: error.code))
        }
    }

    private static func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .chain: "done"
        case .request: "asked"
        case .write, .pending, .void, .lost: "written"
        }
    }
}

/// Why a form of a case says too little.
struct StepRefusal: CodedError {
    /// In the language of the page that was asked.
    let words: Words
    var code: String { "input.missing" }
}

/// One posted form of a case, as the step that it asks for.
struct CaseStepForm {
    static let dayField = "day"

    private let action: CaseAction
    private let form: PageForm
    private let text: PageText

    init(_ action: CaseAction, _ form: PageForm, _ text: PageText) {
        self.action = action
        self.form = form
        self.text = text
    }

    /// - Throws: `StepRefusal`, `CaseInputError`, `NodeError.badInput`.
    func step(on file: CaseFile) throws -> CaseStep {
        let actor = form.text(DraftContent.actorField)
        guard !actor.isEmpty else { throw refusal(text["clerk"], text["form.missing"]) }
        guard actor.utf8.count <= PageLimits.clerkBytes else {
            throw refusal(text["clerk"], text("form.tooLong", "\(PageLimits.clerkBytes / 3)"))
        }
        var step = CaseStep(action, day: try day(by: file.clock), actor: actor)
        step.text = form.text("text")
        step.seen = try form.all("seen").map(Self.leaf)
        switch action {
        case .correct:
            step.missing = form.text("missing").split(separator: "\n").map { $0.trimmingBlanks() }
                .filter { !$0.isEmpty }
            guard step.missing.count <= PageLimits.missingLines else { throw PageProblem.tooLarge }
        case .forward: step.target = UnitCode(form.text("target"))
        case .decide:
            guard let outcome = Outcome(rawValue: form.text("outcome")) else {
                throw refusal(text["do.decide"], text["form.missing"])
            }
            step.fields[CaseField.decision] = outcome.rawValue
        case .evaluate:
            guard let level = Satisfaction(rawValue: form.text("level")) else {
                throw refusal(text["do.evaluate"], text["form.missing"])
            }
            step.fields[CaseField.evaluation] = level.rawValue
            if !step.text.isEmpty { step.fields[CaseField.evaluationReason] = step.text }
        case .supplement: step.fields = brought
        case .amend: step.fields = brought.merging(try changed(file)) { $1 }
        case .settle: step.fields = try settled(file)
        case .answer:
            for (name, answer) in form.under("answer.").sorted(by: { $0.key < $1.key }) {
                switch answer {
                case "admit": step.admits.append(try Self.leaf(name))
                case "decline": step.declines.append(try Self.leaf(name))
                default: break
                }
            }
        default: break
        }
        do {
            try step.checkForCounter()
        } catch {
            throw refusal(text["do.\(action.name)"], text["lacks.\(action.name)"])
        }
        return step
    }

    /// Today; where the clock cannot say it, as it is typed.
    private func day(by clock: ClockStanding) throws -> Int32 {
        guard clock.needsDay else { return clock.now.day }
        let typed = form.text(Self.dayField)
        guard !typed.isEmpty else { throw refusal(text["case.day"], text["form.missing"]) }
        return try CivilDay.parse(typed, now: clock.now)
    }

    /// Materials that have come.
    private var brought: [String: String] {
        var fields: [String: String] = [:]
        for id in form.all(DraftContent.materialField) {
            fields[CaseField.material + id] = MaterialStatus.handedIn.text
        }
        return fields
    }

    /// The fields that say something else than the page had shown: nothing that somebody else has changed meanwhile is
    /// written back.
    private func changed(_ file: CaseFile) throws -> [String: String] {
        let was = form.under("was.")
        var changed: [String: String] = [:]
        for (name, typed) in form.under("field.").sorted(by: { $0.key < $1.key }) where was[name] != nil {
            guard let field = file.field(name) else { continue }
            let value = field.canonical(typed)
            guard value != was[name] else { continue }
            changed[name] = try checked(value, of: field, name, file)
        }
        return changed
    }

    private func checked(_ value: String, of field: FormField, _ name: String, _ file: CaseFile) throws -> String {
        let problems = field.findings(in: value).map {
            FieldProblem(name: name, label: file.label(name, text), reason: $0)
        }
        if let problem = problems.first(where: { $0.severity == .error }) { throw StepRefusal(words: problem.words) }
        return value
    }

    /// By field: one of the values that disagree, or another one, which is checked as an amendment is. What is typed
    /// and not chosen, or chosen and not typed, is refused: a guess would lose a value.
    private func settled(_ file: CaseFile) throws -> [String: String] {
        let others = form.under("other.")
        let conflicts = Dictionary(file.record.conflicts.map { ($0.field, $0) }, uniquingKeysWith: { $1 })
        var fields: [String: String] = [:]
        for (name, choice) in form.under("settle.").sorted(by: { $0.key < $1.key }) {
            guard let conflict = conflicts[name] else { throw NodeError.changedMeanwhile }
            let label = file.label(name, text)
            let field = file.field(name)
            let typed = (others[name] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            let other = field?.canonical(typed) ?? typed
            if choice.hasPrefix("=") {
                // A browser makes the ends of lines alike.
                let sent = choice.dropFirst().unixLines
                guard let chosen = ([conflict.chosen] + conflict.others).first(where: { $0.unixLines == sent }) else {
                    throw NodeError.changedMeanwhile
                }
                guard other.isEmpty || other == chosen else { throw refusal(label, text["settle.both"]) }
                fields[name] = chosen
            } else {
                guard let field, !other.isEmpty else { throw refusal(label, text["lacks.settle"]) }
                fields[name] = try checked(other, of: field, name, file)
            }
        }
        return fields
    }

    private func refusal(_ what: String, _ why: String) -> StepRefusal {
        StepRefusal(words: Words(name: "\(what)\(text["colon"])\(why)"))
    }

    private static func leaf(_ name: String) throws -> Leaf {
        guard let value = Bytes16(hex: name) else { throw NodeError.badInput(name) }
        return Leaf(value)
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> String {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}

extension StringProtocol {
    /// With every end of a line as a form brings it.
    fileprivate var unixLines: String { String(self).replacing("\r\n", with: "\n").replacing("\r", with: "\n") }
}
