/// What is said to a person, in every language that there is. Whoever says something says it in all of them at once, so
/// that none can be forgotten.
package struct Words: Hashable, Sendable {
    private let english: String
    private let chinese: String

    package init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// What another node said, which may be anything.
    package init(fromOutside english: String, _ chinese: String) {
        self.init(ShownText.of(english, upTo: Self.longest), ShownText.of(chinese, upTo: Self.longest))
    }

    /// Characters that are kept of what another node said.
    private static let longest = 512

    /// What reads alike everywhere: a name, or what another program said.
    package init(name: String) { self.init(name, name) }

    package subscript(language: Language) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    /// With something else in the place of a word that stands for it.
    package func replacing(_ word: String, with other: String) -> Words {
        Words(english.replacing(word, with: other), chinese.replacing(word, with: other))
    }

    /// One behind the other.
    package static func + (one: Words, other: Words) -> Words {
        Words(one.english + other.english, one.chinese + other.chinese)
    }
}

extension Sequence<Words> {
    /// All of them, as a list in one sentence.
    package var joined: Words {
        Words(map { $0[.english] }.joined(separator: "; "), map { $0[.chinese] }.joined(separator: "；"))
    }
}
