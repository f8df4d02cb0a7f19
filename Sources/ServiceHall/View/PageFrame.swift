import HTTPTypes
import Replica
import ServiceModel
import SyncNode

/// What is around every page: the unit, the ways to the other pages, the line, what is dangerous, the language.
struct PageFrame: Sendable {
    let desk: PageDesk

    init(_ desk: PageDesk) { self.desk = desk }

    /// A whole page.
    /// - Parameters:
    ///   - kind: the class of the page, for its style.
    ///   - here: where the language switch leads back to.
    /// - Throws: `ReplicaError`.
    func page(
        _ template: String, _ view: View, _ request: PageRequest, title: String, kind: String = "",
        here: String? = nil, status: HTTPResponse.Status = .ok
    ) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let around = try desk.node.replica.read { try surroundings($0, text) }
        return render(template, view, text, around, title: title, kind: kind, here: here ?? request.target, status)
    }

    /// A page that is shown even where the replica cannot be read.
    func lastingPage(
        _ template: String, _ view: View, in language: Language, title: String, kind: String = "", here: String = "/",
        status: HTTPResponse.Status = .ok
    ) -> PageAnswer {
        let text = PageText(language: language)
        let around = try? desk.node.replica.read { try surroundings($0, text) }
        return render(template, view, text, around ?? [], title: title, kind: kind, here: here, status)
    }

    /// What went wrong.
    func problem(
        _ error: (any CodedError)?, status: HTTPResponse.Status, language: Language
    ) -> PageAnswer {
        let text = PageText(language: language)
        let what = error.map { ErrorText.words($0, in: language) } ?? text["problem.failed"]
        return lastingPage(
            "problem", ["code": error?.code, "what": what], in: language, title: text["problem.title"], status: status)
    }

    private func render(
        _ template: String, _ view: View, _ text: PageText, _ around: [(String, Any?)], title: String, kind: String,
        here: String, _ status: HTTPResponse.Status
    ) -> PageAnswer {
        var view = view
        view["t"] = text
        view["title"] = title
        view["kind"] = kind
        view["here"] = here
        view["lang"] = text.language == .chinese ? "zh-CN" : "en"
        view["otherLanguage"] = text.language == .chinese ? "en" : "zh"
        view["stylePath"] = PageFiles.stylePath
        view["scriptPath"] = PageFiles.scriptPath
        view["iconPath"] = PageFiles.iconPath
        view["danger"] = danger(text)
        for (name, value) in around { view[name] = value }
        view["hasBar"] = !around.isEmpty || view["danger"] as? String != nil
        return .html(PageTemplates.render(template, view), status: status)
    }

    private func surroundings(_ transaction: Transaction, _ text: PageText) throws -> [(String, Any?)] {
        let topology = transaction.charter.current.topology
        let unit = desk.node.name.unit
        let standing = try transaction.lineStanding()
        let (line, isCut) = lineWords(standing, topology, text)
        let clock = try desk.node.clock(transaction, now: desk.now())
        return [
            ("unitName", topology[unit]?.name ?? unit.text), ("unitCode", unit.text),
            ("line", line), ("lineIsCut", isCut),
            ("lineWaits", standing.unsent == 0 ? nil : text("line.waiting", "\(standing.unsent)")),
            ("nothingWaits", desk.node.isRoot || standing.unsent > 0 ? nil : text["line.nothing"]),
            ("clockDoubt", clock.doubt.map { ErrorText.words($0, in: text.language) }),
            ("clockHint", clock.needsDay ? text["clock.needsDay"] : nil),
        ]
    }

    /// The first thing for which work stops here, or by which something may be lost, and how many more there are. What
    /// speaks against the clock has a line of its own.
    private func danger(_ text: PageText) -> String? {
        let dangers = desk.dangers.filter { !$0.isOfClock }
        guard let first = dangers.first else { return nil }
        let what = View.plain(first.what[text.language])
        return dangers.count > 1 ? text("health.more", what, "\(dangers.count - 1)") : what
    }

    /// One calm line: how the line stands, and since when. What waits stands behind it.
    private func lineWords(
        _ standing: LineStanding, _ topology: Topology, _ text: PageText
    ) -> (String, isCut: Bool) {
        guard !desk.node.isRoot else { return (text["line.root"], false) }
        let service = desk.service()
        switch PageLine(service) {
        case .up: return (text["line.up"], false)
        case .standIn(let unit): return (text("line.standIn", topology[unit]?.name ?? unit.text), false)
        case .rests(let why): return (text("line.rests", why[text.language]), false)
        case .trying: return (text["line.trying"], false)
        case .cut:
            guard let heard = standing.heard else { return (text["line.never"], true) }
            return (text("line.cut", text.time(heard, now: desk.now())), true)
        }
    }
}

/// How the line to the parent stands, as the pages tell it.
enum PageLine {
    case up
    /// It goes through this unit in place of the parent.
    case standIn(UnitCode)
    /// The first attempt since the start has not ended.
    case trying
    /// It is not used although nothing is wrong with it, for this reason.
    case rests(Words)
    case cut

    init(_ service: ServiceFacts) {
        let state = service.line ?? LineState()
        if state.isPaused, let failure = state.failure {
            self = .rests(failure.words)
        } else if state.isUp {
            self = state.through.flatMap { $0.isParent ? nil : .standIn($0.unit) } ?? .up
        } else {
            self = service.hasUplink != false && state.since == nil ? .trying : .cut
        }
    }
}
