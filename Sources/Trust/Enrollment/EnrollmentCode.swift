import ServiceModel

/// Why a typed enrollment code was not understood.
package enum EnrollmentCodeProblem: CodedError, Equatable, Sendable {
    /// Not `EnrollmentCode.symbols` letters and digits.
    case length(found: Int)
    /// A character that no code has; its place counts from 1, without spaces and hyphens.
    case character(Character, place: Int)
    /// The last character does not fit the others.
    case check

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .length: "enrollment.code.length"
        case .character: "enrollment.code.character"
        case .check: "enrollment.code.check"
        }
    }

    package var words: Words {
        switch self {
        case .length(let found):
            Words(
                "an enrollment code has \(EnrollmentCode.symbols) letters and digits, not \(found): see the slip",
                "登记码有\(EnrollmentCode.symbols)个字母和数字，不是\(found)个：请与纸条核对")
        case .character(let character, let place):
            Words(
                "“\(character)” at place \(place) occurs in no enrollment code: compare it with the slip",
                "第\(place)位的“\(character)”不会出现在登记码中：请与纸条核对")
        case .check:
            Words(
                "one or more characters of the enrollment code are wrong: compare it with the slip",
                "登记码有一个或几个字符不对：请与纸条核对")
        }
    }
}

/// What a parent hands out on paper and a clerk types into the new node: a secret, and which network it is for.
///
/// Crockford's alphabet in groups of four, the last character being a check over the field of 32 elements: every
/// single wrong character and every swap of neighbours is noticed.
package struct EnrollmentCode: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Random bytes, to be known to the parent and the clerk only.
    package let secret: [UInt8]
    /// The beginning of the network id.
    package let networkPrefix: [UInt8]

    package static let secretLength = 10
    package static let networkPrefixLength = 10
    /// Letters and digits of a code, the check character included.
    package static let symbols = (secretLength + networkPrefixLength) * 8 / 5 + 1
    /// Longest text that is looked at, in UTF-8 bytes: all symbols in full width, each with a separator.
    package static let longestText = 256

    /// - Parameters:
    ///   - secret: `secretLength` random bytes.
    ///   - network: the network id; nil is returned when it is shorter than `networkPrefixLength`, or the secret has
    ///     another length.
    package init?(secret: some Collection<UInt8>, network: some Collection<UInt8>) {
        guard secret.count == Self.secretLength, network.count >= Self.networkPrefixLength else { return nil }
        self.secret = [UInt8](secret)
        networkPrefix = [UInt8](network.prefix(Self.networkPrefixLength))
    }

    /// Reads what was typed: any case, O for 0, I and L for 1, full-width forms, spaces and hyphens anywhere.
    /// - Throws: `EnrollmentCodeProblem`.
    package init(typed text: String) throws(EnrollmentCodeProblem) {
        guard text.utf8.count <= Self.longestText else { throw .length(found: text.count) }
        var values: [UInt8] = []
        for character in text {
            guard let symbol = Self.plain(character) else { throw .character(character, place: values.count + 1) }
            if Self.separators.contains(symbol) { continue }
            guard let value = Self.value(of: symbol) else { throw .character(character, place: values.count + 1) }
            values.append(value)
        }
        guard values.count == Self.symbols else { throw .length(found: values.count) }
        guard Self.check(values.dropLast()) == values[values.count - 1] else { throw .check }
        var bytes: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for value in values.dropLast() {
            held = held << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        secret = [UInt8](bytes.prefix(Self.secretLength))
        networkPrefix = [UInt8](bytes.dropFirst(Self.secretLength))
    }

    /// As it is printed: `ABCD-EFGH-…-Z`.
    package var text: String {
        var values: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for byte in secret + networkPrefix {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                values.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)) & 31)
            }
        }
        values.append(Self.check(values[...]))
        var text = ""
        for (i, value) in values.enumerated() {
            if i > 0, i % 4 == 0 { text.append("-") }
            text.unicodeScalars.append(UnicodeScalar(Self.alphabet[Int(value)]))
        }
        return text
    }

    /// Whether the code is for the network of this id.
    package func isFor(network: some Collection<UInt8>) -> Bool {
        network.prefix(Self.networkPrefixLength).elementsEqual(networkPrefix)
    }

    /// Never the secret.
    package var description: String { "enrollment code" }
    package var debugDescription: String { description }

    private static let alphabet: [UInt8] = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    /// Space, tab, line ends, hyphen.
    private static let separators: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d, 0x2d]

    /// The ASCII character that was meant, upper case; nil when there is none.
    private static func plain(_ character: Character) -> UInt8? {
        if character == "\r\n" { return 0x0a }
        let scalars = character.unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first?.value else { return nil }
        let ascii: UInt8
        switch scalar {
        case 0...0x7f: ascii = UInt8(scalar)
        case 0xff01...0xff5e: ascii = UInt8(scalar - 0xfee0)
        case 0xa0, 0x3000: ascii = 0x20
        case 0x2010...0x2015, 0x2212: ascii = 0x2d
        default: return nil
        }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(ascii) ? ascii - 0x20 : ascii
    }

    private static func value(of symbol: UInt8) -> UInt8? {
        switch symbol {
        case UInt8(ascii: "O"): 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): 1
        default: alphabet.firstIndex(of: symbol).map { UInt8($0) }
        }
    }

    /// The polynomial of the values at x, times x, in GF(2)[x] / (x⁵ + x² + 1), where x generates all 31 units.
    private static func check(_ values: ArraySlice<UInt8>) -> UInt8 {
        var sum: UInt8 = 0
        for value in values { sum = timesX(sum) ^ value }
        return timesX(sum)
    }

    private static func timesX(_ value: UInt8) -> UInt8 {
        let doubled = value << 1
        return doubled & 0x20 == 0 ? doubled : doubled ^ 0x25
    }
}
