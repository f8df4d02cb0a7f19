import ServiceModel
import Testing

@Suite struct SearchTextTests {
    @Test(
        arguments: [
            ("", []),
            ("王", ["王"]),
            ("救助金", ["助金", "救助", "金"]),
            ("救助救助", ["助", "助救", "救助"]),
            ("《食品安全法》、食品", ["全法", "品", "品安", "安全", "法", "食品"]),
            ("A级锅炉2台", ["2", "a", "台", "炉", "级锅", "锅炉"]),
            ("ＡＢ１２　王明", ["ab12", "明", "王明"]),
            ("371602001001-1-0000042-K7P-D", ["0000042", "1", "371602001001", "42", "d", "k7p"]),
            ("阿依古丽·买买提", ["丽", "买买", "买提", "依古", "古丽", "提", "阿依"]),
            ("李𫠠", ["李𫠠", "𫠠"]),
            ("葛\u{E0100}城", ["城", "葛城"]),
            ("Café", ["café"]),
            ("000", ["000"]),
            ("王\u{0}明", ["王"]),
            ("……——，。", []),
        ] as [(String, [String])])
    func textIsCut(text: String, terms: [String]) {
        #expect(SearchText.terms(of: [text]) == terms)
    }

    @Test(
        arguments: [
            ("13900001001", ["1001", "13900001001"]),
            ("0540-2100101", ["0101", "0540", "05402100101", "2100101"]),
            ("+86 139 0000 1001", ["0000", "1001", "139", "13900001001", "86", "8613900001001"]),
            ("110", ["110"]),
            ("", []),
        ] as [(String, [String])])
    func numbersAreFoundByTheirEnds(number: String, terms: [String]) {
        #expect(SearchText.terms(of: [], numbers: [number]) == terms)
    }

    @Test(arguments: [
        ("救助", "\"救助\""),
        ("救", "\"救\"*"),
        ("  临时救助 ", "\"临时\" \"时救\" \"救助\""),
        ("王明 1390", "\"王明\" \"1390\"*"),
        ("K7P", "\"k7p\"*"),
        ("救助 救助", "\"救助\""),
        ("\"救\" OR *", "\"救\"* \"or\"*"),
        ("？！", ""),
        ("", ""),
    ])
    func whatIsTypedBecomesTerms(typed: String, expression: String) {
        let query = SearchQuery(typed)
        #expect(query.expression == expression)
        #expect(query.isEmpty == expression.isEmpty)
    }

    @Test func lengthsAreBounded() {
        let long = String(repeating: "a", count: 100_000)
        #expect(SearchText.terms(of: [long]) == [String(repeating: "a", count: SearchText.longestWord)])
        #expect(SearchText.terms(of: [String(repeating: "救助", count: 100_000)]) == ["助", "助救", "救助"])
        let many = (0..<10_000).map { "w\($0)" }.joined(separator: " ")
        #expect(SearchQuery(many).terms.count == SearchQuery.mostTerms)
        #expect(SearchQuery(many).typed.unicodeScalars.count <= SearchQuery.longest)
        // A word that is longer than what counts is found by what is typed of it.
        #expect(SearchQuery(String(repeating: "a", count: 80)).terms.map(\.text) == SearchText.terms(of: [long]))
    }

    /// Whatever stands in a text is found by any two characters of it that stand together, by one, and by the beginning
    /// of a word.
    @Test func everyPieceIsFound() {
        let text = "滨湖市柳城区ABC办事大厅2026年第003号"
        let terms = SearchText.terms(of: [text])
        let scalars = Array(text.unicodeScalars)
        for start in scalars.indices {
            for length in 1...min(4, scalars.count - start) {
                let piece = String(String.UnicodeScalarView(scalars[start..<start + length]))
                guard let first = piece.unicodeScalars.first,
                    !first.isASCII || start == 0 || !scalars[start - 1].isASCII
                else { continue }
                for term in SearchQuery(piece).terms {
                    #expect(
                        terms.contains { term.isPrefix ? $0.hasPrefix(term.text) : $0 == term.text },
                        "\(piece): \(term.text)")
                }
            }
        }
    }
}
