/// What someone typed into a search box, as terms of `SearchText`.
package struct SearchQuery: Hashable, Sendable {
    /// Most characters that are read.
    package static let longest = 200
    /// Most terms; further ones are left out.
    package static let mostTerms = 32

    package struct Term: Hashable, Sendable {
        package let text: String
        /// Whatever begins with it is meant: the typed word may go on.
        package let isPrefix: Bool
    }

    /// What was typed, without blanks around it.
    package let typed: String
    /// In the order typed, each once.
    package let terms: [Term]

    package init(_ text: String) {
        var typed = text.unicodeScalars.prefix(Self.longest)[...]
        while let first = typed.first, first.properties.isWhitespace { typed.removeFirst() }
        while let last = typed.last, last.properties.isWhitespace { typed.removeLast() }
        self.typed = String(String.UnicodeScalarView(typed))
        var seen: Set<Term> = []
        terms = Array(
            SearchText.stretches(self.typed).flatMap { stretch -> [Term] in
                switch stretch {
                case .word(let word): return [Term(text: word, isPrefix: true)]
                case .characters(let characters) where characters.count == 1:
                    return [Term(text: String(Character(characters[0])), isPrefix: true)]
                case .characters(let characters):
                    return SearchText.pairs(characters).map { Term(text: $0, isPrefix: false) }
                }
            }.filter { seen.insert($0).inserted }.prefix(Self.mostTerms))
    }

    /// Nothing to look for.
    package var isEmpty: Bool { terms.isEmpty }

    /// All terms together, in the notation of FTS5. Terms hold letters, digits and characters alone, so that quotes
    /// around them are enough.
    package var expression: String { terms.map(\.expression).joined(separator: " ") }
}

extension SearchQuery.Term {
    package var expression: String { isPrefix ? "\"\(text)\"*" : "\"\(text)\"" }
}
