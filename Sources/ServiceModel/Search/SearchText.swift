/// Text cut into the terms by which it is found: pure, so that any full-text index can hold it without a tokenizer of
/// its own.
///
/// Latin letters and digits make words, kept whole and in small letters. Everything else that is no punctuation, which
/// is Chinese above all, is cut into pairs of neighbours, with the last character of a stretch as a term of its own:
/// `救助金` gives `救助`, `助金` and `金`. So two characters are one term, and every single character begins one.
/// A full index of terms depends on this cut: whoever changes it makes the indexes anew.
package enum SearchText {
    /// Most characters of one text that are cut; what follows is not found.
    package static let longest = 4096
    /// Most characters of a word that count; longer ones are told apart by these alone.
    package static let longestWord = 64

    /// The terms of all the texts, each once, sorted.
    /// - Parameter numbers: telephone numbers and the like, which are found by their last four digits too, and whole
    ///   where they are written in parts.
    package static func terms(of texts: [String], numbers: [String] = []) -> [String] {
        var terms: [String] = []
        for text in texts {
            for stretch in stretches(text) {
                switch stretch {
                case .word(let word):
                    terms.append(word)
                    // A running number is asked for without the zeros in front of it.
                    let short = word.utf8.drop { $0 == UInt8(ascii: "0") }
                    if !short.isEmpty, short.allSatisfy(isDigit) { terms.append(String(Substring(short))) }
                case .characters(let characters):
                    terms += pairs(characters)
                    terms.append(String(last: characters))
                }
            }
        }
        for number in numbers { terms += self.terms(ofNumber: number) }
        terms.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var out: [String] = []
        out.reserveCapacity(terms.count)
        for term in terms where out.last?.utf8.elementsEqual(term.utf8) != true { out.append(term) }
        return out
    }

    private static func terms(ofNumber number: String) -> [String] {
        var terms: [String] = []
        var digits = ""
        for case .word(let word) in stretches(number) {
            terms.append(word)
            digits += String(decoding: word.utf8.filter(isDigit), as: UTF8.self)
        }
        digits = String(digits.prefix(longestWord))
        guard digits.utf8.count > 4 else { return terms }
        terms.append(digits)
        terms.append(String(digits.suffix(4)))
        // A mobile number with the country's code before it.
        if digits.utf8.count == 13, digits.hasPrefix("86") { terms.append(String(digits.suffix(11))) }
        return terms
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    // MARK: - Cutting

    enum Stretch: Hashable, Sendable {
        /// In small letters.
        case word(String)
        /// Never empty.
        case characters([Unicode.Scalar])
    }

    private enum Sign {
        case word(Unicode.Scalar)
        case character(Unicode.Scalar)
        /// Belongs to what stands before it.
        case mark
        case gap
    }

    /// The words and the stretches of other characters, in the order of the text.
    static func stretches(_ text: String) -> [Stretch] {
        var out: [Stretch] = []
        var word = String.UnicodeScalarView()
        var length = 0
        var characters: [Unicode.Scalar] = []
        func close() {
            if length > 0 { out.append(.word(String(word))) }
            if !characters.isEmpty { out.append(.characters(characters)) }
            word = .init()
            length = 0
            characters = []
        }
        // A database may end a text where a zero stands in it.
        for scalar in text.unicodeScalars.prefix(longest).prefix(while: { $0.value != 0 }) {
            switch sign(scalar) {
            case .word(let scalar):
                if !characters.isEmpty { close() }
                if length < longestWord { word.append(scalar) }
                length += 1
            case .character(let scalar):
                if length > 0 { close() }
                characters.append(scalar)
            case .mark: break
            case .gap: close()
            }
        }
        close()
        return out
    }

    static func pairs(_ characters: [Unicode.Scalar]) -> [String] {
        zip(characters, characters.dropFirst()).map { one, two in
            var pair = String.UnicodeScalarView()
            pair.append(one)
            pair.append(two)
            return String(pair)
        }
    }

    /// By ranges that are written here, not by the Unicode tables of the machine: the cut is the same everywhere.
    private static func sign(_ scalar: Unicode.Scalar) -> Sign {
        switch scalar.value {
        case 0x30...0x39, 0x61...0x7A: return .word(scalar)
        case 0x41...0x5A: return .word(Unicode.Scalar(UInt8(scalar.value) + 0x20))
        case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0).map(sign) ?? .gap
        case 0xD7, 0xF7: return .gap
        case 0xC0...0xDE: return Unicode.Scalar(scalar.value + 0x20).map(Sign.word) ?? .gap
        case 0xDF...0x24F: return .word(scalar)
        // Accents, joiners and the selectors that choose between shapes of one character.
        case 0x300...0x36F, 0x200B...0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF: return .mark
        case 0...0xBF: return .gap
        // 々〆〇 are read as characters, what stands around them is punctuation.
        case 0x3005...0x3007: return .character(scalar)
        case 0x2000...0x2BFF, 0x2E00...0x2E7F, 0x3000...0x303F, 0x30FB, 0xFE10...0xFE1F, 0xFE30...0xFE6F,
            0xFF5F...0xFF65, 0xFFE0...0xFFFF, 0x1F000...0x1FAFF:
            return .gap
        default: return .character(scalar)
        }
    }
}

extension String {
    fileprivate init(last characters: [Unicode.Scalar]) {
        self = characters.last.map { String(Character($0)) } ?? ""
    }
}
