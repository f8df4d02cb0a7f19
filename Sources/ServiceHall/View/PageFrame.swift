import HTTPTypes
import Replica
import ServiceModel
import SyncNode

/// What is around every page: the unit, the ways to the other pages, the line, the language.
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
        var view = view
        let around = try desk.node.replica.read { try surroundings($0, text) }
        fill(&view, text, title: title, kind: kind, here: here ?? request.target)
        for (name, value) in around { view[name] = value }
        return .html(PageTemplates.render(template, view), status: status)
    }

    /// What went wrong. Shown even where the replica cannot be read.
    func problem(
        _ error: (any CodedError)?, status: HTTPResponse.Status, language: Language
    ) -> PageAnswer {
        let text = PageText(language: language)
        let what = error.map { ErrorText.words($0, in: language) } ?? text["problem.failed"]
        var view: View = ["code": error?.code, "what": what]
        fill(&view, text, title: text["problem.title"], kind: "", here: "/")
        if let around = try? desk.node.replica.read({ try surroundings($0, text) }) {
            for (name, value) in around { view[name] = value }
        }
        return .html(PageTemplates.render("problem", view), status: status)
    }

    private func fill(_ view: inout View, _ text: PageText, title: String, kind: String, here: String) {
        view["t"] = text
        view["title"] = title
        view["kind"] = kind
        view["here"] = here
        view["lang"] = text.language == .chinese ? "zh-CN" : "en"
        view["otherLanguage"] = text.language == .chinese ? "en" : "zh"
        view["stylePath"] = PageFiles.stylePath
        view["scriptPath"] = PageFiles.scriptPath
        view["iconPath"] = PageFiles.iconPath
    }

    private func surroundings(_ transaction: Transaction, _ text: PageText) throws -> [(String, Any?)] {
        let topology = transaction.charter.current.topology
        let unit = desk.node.name.unit
        let standing = try desk.node.lineStanding(transaction)
        let (line, isCut) = lineWords(standing, topology, text)
        let clock = try desk.node.clock(transaction, now: desk.now())
        return [
            ("unitName", topology[unit]?.name ?? unit.text), ("unitCode", unit.text),
            ("hasWall", !topology.children(of: unit).isEmpty), ("line", line), ("lineIsCut", isCut),
            ("lineWaits", standing.unsent == 0 ? nil : text("line.waiting", "\(standing.unsent)")),
            ("nothingWaits", desk.node.isRoot || standing.unsent > 0 ? nil : text["line.nothing"]),
            ("clockDoubt", clock.doubt.map { ErrorText.words($0, in: text.language) }),
            ("clockHint", clock.needsDay ? text["clock.needsDay"] : nil),
        ]
    }

    /// One calm line: how the line stands, and since when. What waits stands behind it.
    private func lineWords(
        _ standing: LineStanding, _ topology: Topology, _ text: PageText
    ) -> (String, isCut: Bool) {
        guard !desk.node.isRoot else { return (text["line.root"], false) }
        switch desk.line() {
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
