import HTTPTypes
import Replica
import ServiceModel
import SyncNode

/// A case before it is accepted. Its page has an address of its own, which leads to the receipt once there is one.
struct DraftPages: Sendable {
    let frame: PageFrame
    private var node: Node { frame.desk.node }

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] {
        [
            PageRoute(.post, "/drafts") { try begin($0) },
            PageRoute(.get, "/drafts/{id}") { try show($0) },
            PageRoute(.post, "/drafts/{id}") { try save($0) },
            PageRoute(.post, "/drafts/{id}/accept") { try accept($0) },
            PageRoute(.get, "/drafts/{id}/discard") { try askBeforeDiscarding($0) },
            PageRoute(.post, "/drafts/{id}/discard") { try discard($0) },
            // A refused form stays at the address it was sent to, which a browser may ask for again.
            PageRoute(.get, "/drafts") { _ in .seeOther("/counter") },
            PageRoute(.get, "/drafts/{id}/accept") { .seeOther("/drafts", $0.path["id"] ?? "") },
        ]
    }

    private static func path(_ id: String) -> String { "/drafts/\(id)" }

    private static func receiptPath(_ receipt: String, _ note: ReceiptNote? = nil) -> String {
        "/cases/\(receipt)/receipt" + (note.map { "?\($0.rawValue)=1" } ?? "")
    }

    private func begin(_ request: PageRequest) throws -> PageAnswer {
        let now = frame.desk.now()
        let item = try item(of: request, now: now)
        var content = DraftContent()
        content.actor = request.clerk
        let draft = try node.beginDraft(of: item.code, content: try content.text, now: now)
        return .seeOther(Self.path(draft.id))
    }

    /// The item that a form names.
    private func item(of request: PageRequest, now: Moment) throws -> CatalogItem {
        try node.offer(.code(request.form.text("item")), on: try node.clock(now: now).presumedDay).item
    }

    private func show(_ request: PageRequest) throws -> PageAnswer {
        let id = request.path["id"] ?? ""
        if let receipt = try node.receipt(ofDraft: id) { return .seeOther(Self.receiptPath(receipt)) }
        guard let draft = try node.replica.read({ try $0.draft(id) }) else { throw DraftError.unknown }
        let clock = try node.clock(now: frame.desk.now())
        let view = DraftView(
            item: try node.offer(.code(draft.item), on: clock.presumedDay).item,
            content: DraftContent(kept: draft.content), text: PageText(language: request.language), clock: clock)
        return try page(view, id: id, request)
    }

    /// Answers a script in one word, and a button with the page.
    private func save(_ request: PageRequest) throws -> PageAnswer {
        let id = request.path["id"] ?? ""
        guard request.form["then"] == nil else { return try leave(id, request) }
        let content = DraftContent(request.form)
        do {
            try node.saveDraft(
                id, content: try content.text, edit: Int64(request.form.text("edit")) ?? 0, now: frame.desk.now())
        } catch DraftError.outrun(let edit) {
            return .text("\(edit)", status: .conflict)
        } catch DraftError.unknown {
            let isAccepted = try node.receipt(ofDraft: id) != nil
            return .text(isAccepted ? "accepted" : "gone", status: .gone)
        }
        return .text("saved", status: .ok)
    }

    /// Keeps it for later, again where it was discarded on another page.
    private func leave(_ id: String, _ request: PageRequest) throws -> PageAnswer {
        let now = frame.desk.now()
        if let receipt = try node.receipt(ofDraft: id) { return .seeOther(Self.receiptPath(receipt, .again)) }
        let content = DraftContent(request.form)
        do {
            let text = try content.text
            do {
                try node.saveDraft(id, content: text, edit: nil, now: now)
            } catch DraftError.unknown {
                let item = try item(of: request, now: now).code
                let receipt = try node.beginAgain(draft: id, of: item, content: text, now: now)
                if let receipt { return .seeOther(Self.receiptPath(receipt, .again)) }
            }
            return .seeOther("/counter")
        } catch let error as any CodedError {
            return try refused(error, content, of: id, isKept: false, request, now: now)
        }
    }

    /// A draft may be an hour's work: it is shown what would be gone.
    private func askBeforeDiscarding(_ request: PageRequest) throws -> PageAnswer {
        let id = request.path["id"] ?? ""
        if let receipt = try node.receipt(ofDraft: id) { return .seeOther(Self.receiptPath(receipt)) }
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        var view = try node.replica.read { transaction in
            guard let draft = try transaction.draft(id) else { throw DraftError.unknown }
            let day = try node.clock(transaction, now: now).presumedDay
            return try DraftLineView(draft: draft, unit: node.name.unit, text: text, now: now, day: day)
                .view(transaction)
        }
        view["isCounter"] = true
        return try frame.page("discard", view, request, title: text["draft.discard"], kind: "form")
    }

    private func discard(_ request: PageRequest) throws -> PageAnswer {
        try node.discardDraft(request.path["id"] ?? "")
        return .seeOther("/counter")
    }

    /// Accepts, once. Whatever hinders it, what was typed is kept before it is judged.
    private func accept(_ request: PageRequest) throws -> PageAnswer {
        let id = request.path["id"] ?? ""
        // A browser that does not know where a button of its own leads.
        if request.form["then"] != nil { return try leave(id, request) }
        if let receipt = try node.receipt(ofDraft: id) { return .seeOther(Self.receiptPath(receipt, .again)) }
        let now = frame.desk.now()
        let content = DraftContent(request.form)
        var isKept = false
        do {
            do {
                try node.saveDraft(id, content: try content.text, edit: nil, now: now)
                isKept = true
            } catch DraftError.unknown {
                // Discarded on another page; the clerk wants it all the same.
            }
            return try judge(content, of: id, isKept: isKept, request, now: now)
        } catch let error as any CodedError {
            return try refused(error, content, of: id, isKept: isKept, request, now: now)
        }
    }

    /// What was typed, with what is in the way.
    private func refused(
        _ error: any CodedError, _ content: DraftContent, of id: String, isKept: Bool, _ request: PageRequest,
        now: Moment
    ) throws -> PageAnswer {
        let text = PageText(language: request.language)
        var view = DraftView(
            item: try item(of: request, now: now), content: content, isKept: isKept, text: text,
            clock: try node.clock(now: now))
        view.failure = ErrorText.words(error, in: request.language)
        return try page(view, id: id, request, status: PageProblem.status(of: error.code))
    }

    /// Accepts what has nothing wrong with it, and shows beside the fields what has.
    private func judge(
        _ content: DraftContent, of id: String, isKept: Bool, _ request: PageRequest, now: Moment
    ) throws -> PageAnswer {
        let clock = try node.clock(now: now)
        let (submission, own) = content.submission(of: request.form.text("item"), clock: clock)
        let check = try node.check(submission)
        let told = Set(request.form.text("told").split(separator: ",").map(String.init))
        var view = DraftView(
            item: check.offer.item, content: content, isKept: isKept, text: PageText(language: request.language),
            clock: clock)
        view.obstacles = check.obstacles + own
        view.warnings = check.problems.filter { $0.severity != .error && $0.reason != .deferredMaterial }
        guard view.obstacles.isEmpty, view.warnings.allSatisfy({ told.contains(DraftView.key($0)) }) else {
            return try page(view, id: id, request, status: .unprocessableContent)
        }
        let reference = try node.accept(draft: id, try node.acceptance(submission), now: now)
        frame.desk.announce()
        return .seeOther(Self.receiptPath(reference.receipt, .new))
            .remembering(PageCookie.clerk, content.actor)
    }

    private func page(
        _ view: DraftView, id: String, _ request: PageRequest, status: HTTPResponse.Status = .ok
    ) throws -> PageAnswer {
        let edit = try node.replica.read { try $0.draft(id)?.edit } ?? 0
        return try frame.page(
            "draft", view.view(id: id, edit: edit), request, title: view.text("draft.title", view.item.name),
            kind: "form", here: Self.path(id), status: status)
    }
}
