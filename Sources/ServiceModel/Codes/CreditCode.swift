/// A unified social credit code of 18 characters (GB 32100-2015): registering department 1, kind of body 1,
/// division 6, organization code 9 with its own check (GB 11714-1997), check 1.
///
/// Some early codes in use break these rules, so every finding is a warning.
package struct CreditCode: Hashable, Sendable, CustomStringConvertible {
    /// What is unusual in a text that should be a credit code.
    package enum Finding: Hashable, Sendable {
        /// Not 18 characters; 15 was the business registration number, 9 or 10 the bare organization code.
        case length(Int)
        /// Not in the standard's alphabet, which has no I, O, S, V, Z; places count from 1.
        case character(place: Int)
        /// Places 3 to 8 are the division's digits.
        case division(place: Int)
        /// The organization code's check, place 17, should be another character.
        case organizationCheck(expected: Character)
        /// The last character should be another one.
        case check(expected: Character)

        package var severity: CodeSeverity { .warning }

        /// Stable across versions.
        package var code: String {
            switch self {
            case .length: "credit.length"
            case .character: "credit.character"
            case .division: "credit.division"
            case .organizationCheck: "credit.organizationCheck"
            case .check: "credit.check"
            }
        }

        /// What is unusual, without the code.
        package var words: Words {
            switch self {
            case .length(let count): Words("\(count) characters instead of 18", "有\(count)位，应为18位")
            case .character(let place):
                Words(
                    "place \(place) must be a digit or a capital other than I, O, S, V, Z",
                    "第\(place)位应为数字或大写字母（I、O、S、V、Z除外）")
            case .division(let place):
                Words("place \(place) must be a digit of the division code", "第\(place)位应为行政区划代码的数字")
            case .organizationCheck(let expected): Words("place 17 should be \(expected)", "第17位应为\(expected)")
            case .check(let expected):
                Words("the last character should be \(expected); one is mistyped", "末位应为\(expected)：有一位输错")
            }
        }
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    private static let organizationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

    /// Eighteen characters in capitals.
    package let text: String

    /// nil when `check` finds anything.
    package init?(_ text: String) {
        guard Self.check(text).isEmpty else { return nil }
        self.text = text
    }

    /// Places 9 to 17: the organization code with its check.
    package var organization: String { String(text.dropFirst(8).prefix(9)) }
    package var division: String { String(text.dropFirst(2).prefix(6)) }
    package var description: String { text }

    /// What is unusual in `text` as it stands, in the order of its places; nothing when it is valid. The text must be
    /// in printed form: `TypedText.narrowed` brings it there.
    package static func check(_ text: String) -> [Finding] {
        guard text.unicodeScalars.count == 18 else { return [.length(text.unicodeScalars.count)] }
        let bytes = text.unicodeScalars.map { $0.isASCII ? UInt8(ascii: $0) : 0 }
        var values: [Int] = []
        var findings: [Finding] = []
        for (index, byte) in bytes.enumerated() {
            guard let value = alphabet.firstIndex(of: byte) else {
                findings.append(.character(place: index + 1))
                continue
            }
            if (2..<8).contains(index), value > 9 { findings.append(.division(place: index + 1)) }
            values.append(value)
        }
        guard values.count == 18 else { return findings }
        let organization = organizationCheck(bytes[8..<16])
        if bytes[16] != organization {
            findings.append(.organizationCheck(expected: Character(Unicode.Scalar(organization))))
        }
        var sum = 0, weight = 1
        for value in values.dropLast() {
            sum += value * weight
            weight = weight * 3 % 31
        }
        let expected = alphabet[(31 - sum % 31) % 31]
        if bytes[17] != expected { findings.append(.check(expected: Character(Unicode.Scalar(expected)))) }
        return findings
    }

    /// The check of GB 11714 over eight digits and capitals, where letters count from 10 without gaps.
    private static func organizationCheck(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        let sum = zip(bytes, organizationWeights).reduce(0) { sum, pair in
            let (byte, weight) = pair
            let digit = byte <= UInt8(ascii: "9")
            return sum + Int(digit ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "A") + 10) * weight
        }
        return switch 11 - sum % 11 {
        case 10: UInt8(ascii: "X")
        case 11: UInt8(ascii: "0")
        case let value: UInt8(ascii: "0") + UInt8(value)
        }
    }
}
