import Mustache
import ServiceModel
import SyncNode

/// Everything that the pages say, in one language. `t` in the templates.
struct PageText: MustacheParent {
    let language: Language

    private var table: [String: String] { language == .chinese ? Self.chinese : Self.english }

    /// The words of that name. What lacks them shows its name in brackets that no page has otherwise.
    subscript(_ name: String) -> String { table[name] ?? "⟦\(name)⟧" }

    /// The words with values in the places of `%1`, `%2`, …
    func callAsFunction(_ name: String, _ values: String...) -> String {
        values.enumerated().reduce(self[name]) { text, value in
            text.replacing("%\(value.offset + 1)", with: value.element)
        }
    }

    func child(named name: String) -> Any? { Name(text: self, path: name) }

    /// A name as a template writes it, `t.draft.title`, which may go on.
    private struct Name: MustacheParent, MustacheCustomRenderable {
        let text: PageText
        let path: String

        var renderText: String { text[path] }
        var isNull: Bool { false }
        func child(named name: String) -> Any? { Name(text: text, path: "\(path).\(name)") }
    }

    /// Words that stand for a code, or the code itself where a newer node has made one that is not known here.
    func word(_ area: String, _ code: String) -> String { table["\(area).\(code)"] ?? code }

    // MARK: - Values

    func limit(_ limit: TimeLimit?) -> String? {
        guard let limit else { return nil }
        switch limit.unit {
        case .workingDays: return self("limit.workingDays", "\(limit.count)")
        case .days: return self("limit.days", "\(limit.count)")
        case .months: return self("limit.months", "\(limit.count)")
        }
    }

    func day(_ day: Int32?) -> String? { day.map { CivilDay.text($0) } }

    /// The hour of today, the day and the hour of another day.
    func time(_ seconds: Int64, now: Moment) -> String {
        let text = CivilTime.text(seconds)
        return CivilTime.day(at: seconds)?.dayNumber == now.day ? String(text.suffix(5)) : text
    }

    /// How long it is, in the unit that people would use.
    func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<7200: self("span.minutes", "\(seconds / 60)")
        case ..<172_800: self("span.hours", "\(seconds / 3600)")
        default: self("span.days", "\(seconds / 86_400)")
        }
    }

    func outcome(_ outcome: Outcome) -> String { word("outcome", outcome.rawValue) }

    /// A unit by its name, by its code where it has none here.
    func unit(_ code: UnitCode?, _ topology: Topology) -> String? {
        code.map { topology[$0]?.name ?? $0.text }
    }
}
