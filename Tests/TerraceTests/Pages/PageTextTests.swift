import Foundation
import ServiceModel
import SyncNode
import Testing

@testable import ServiceHall

/// Every word of the pages is there in both languages, and none is left over.
@Suite struct PageTextTests {
    @Test func bothTablesHaveTheSameNames() {
        let (chinese, english) = (Set(PageText.chinese.keys), Set(PageText.english.keys))
        #expect(chinese.subtracting(english).isEmpty && english.subtracting(chinese).isEmpty)
        for (name, words) in PageText.chinese {
            #expect(!words.isEmpty && PageText.english[name]?.isEmpty == false, "\(name)")
            for place in ["%1", "%2", "%3"] {
                #expect(words.contains(place) == PageText.english[name]?.contains(place), "\(name) \(place)")
            }
        }
    }

    /// The names that templates and code use, and those that are made from the names of the trade.
    private static let used: Set<String> = {
        var names: Set<String> = []
        for source in PageTemplates.sources.values {
            for match in String(decoding: source, as: UTF8.self).matches(of: /\{\{t\.([A-Za-z.]+)\}\}/) {
                names.insert(String(match.1))
            }
        }
        for file in TidyTests.sources where file.target == "ServiceHall" {
            let text = file.lines.joined(separator: "\n")
            // A form has a `text` too, whose names have no dot.
            for match in text.matches(of: /(?:text|self)[\[\(]"([A-Za-z]+\.[A-Za-z.0-9]+)"/) {
                names.insert(String(match.1))
            }
            for match in text.matches(of: /[^.A-Za-z]text[\[\(]"([A-Za-z]+)"/) { names.insert(String(match.1)) }
            for match in text.matches(of: /"(?:counter|route|wall)\.[A-Za-z]+"/) {
                names.insert(String(match.0.dropFirst().dropLast()))
            }
        }
        let offered = CaseAction.allCases.map(\.name).filter { !["accept", "takeOver", "reroute"].contains($0) }
        names.formUnion(offered.map { "do.\($0)" })
        names.formUnion(["decide", "note", "evaluate", "withdraw", "cancel", "answer"].map { "text.\($0)" })
        names.formUnion(
            ["decide", "evaluate", "cancel", "note", "correct", "forward", "amend", "settle", "answer"].map {
                "lacks.\($0)"
            })
        names.insert("form.missing")
        names.formUnion(CaseAction.allCases.map { "action.\($0.name)" })
        names.formUnion(Phase.all.map { "phase.\($0.rawValue)" })
        names.formUnion(Outcome.allCases.map { "outcome.\($0.rawValue)" })
        names.formUnion(Satisfaction.allCases.map { "level.\($0.rawValue)" })
        names.formUnion(ProposalReason.allCases.map(\.rawValue))
        names.formUnion(["effective", "merged", "request", "admitted", "declined", "lostByCut"].map { "status.\($0)" })
        names.formUnion(["done", "asked", "written"].map { "done.\($0)" })
        names.formUnion((1...7).map { "weekday.\($0)" })
        names.formUnion(ItemKind.allCases.map { "kind.\($0.code)" })
        names.formUnion(["province", "city", "county", "town", "village"].map { "tier.\($0)" })
        names.formUnion(WallView.counts.map { "measure.\($0.rawValue)" })
        names.formUnion(WallView.rates.map { "rate.\($0.rawValue)" })
        names.formUnion(ApplicantForm.fields.map { "field.\($0.name)" })
        names.formUnion([CaseField.decision, CaseField.evaluation, CaseField.evaluationReason].map { "field.\($0)" })
        return names
    }()

    @Test func everyNameThatIsUsedHasWords() {
        let missing = Self.used.subtracting(PageText.chinese.keys).sorted()
        #expect(missing.isEmpty, "\(missing)")
        #expect(Self.used.count > 200)
    }

    @Test func noWordIsLeftOver() {
        let unused = Set(PageText.chinese.keys).subtracting(Self.used).sorted()
        #expect(unused.isEmpty, "\(unused)")
    }

    @Test func aFormIsReadAsABrowserWritesIt() throws {
        let form = try PageForm("a=1&b=%E7%8E%8B+%E4%BA%94&a=2&c&form.x=%0D%0A&=")
        #expect(form["a"] == "1" && form.all("a") == ["1", "2"] && form["b"] == "王 五" && form["c"] == "")
        #expect(form.under("form.") == ["x": "\n"] && form["d"] == nil)
        #expect(throws: PageProblem.form) { try PageForm("a=%E7%8") }
        #expect(throws: PageProblem.tooLarge) { try PageForm(String(repeating: "a=1&", count: 513)) }
    }
}
