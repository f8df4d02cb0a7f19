/// A citizen's number of 18 characters (GB 11643-1999): division 6, birth date 8, order 3, check 1.
package struct CitizenNumber: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with a text that should be a citizen's number.
    package enum Finding: Hashable, Sendable {
        /// Not 18 characters; 15 is the form used until 1999.
        case length(Int)
        /// Not a digit (or, in the last place, not a digit or `X`); places count from 1.
        case character(place: Int)
        /// The first two digits are no province of GB/T 2260.
        case province(String)
        /// There is no such day.
        case birthDate(String)
        /// The last character should be another one.
        case check(expected: Character)

        package var severity: CodeSeverity { .error }

        /// Stable across versions.
        package var code: String {
            switch self {
            case .length: "citizen.length"
            case .character: "citizen.character"
            case .province: "citizen.province"
            case .birthDate: "citizen.birthDate"
            case .check: "citizen.check"
            }
        }

        /// What is wrong, without the code.
        package var words: Words {
            switch self {
            case .length(15):
                Words("15 characters, the form used until 1999; ask for the number of 18", "15位，为1999年前的旧号：请提供18位号码")
            case .length(let count): Words("\(count) characters instead of 18", "有\(count)位，应为18位")
            case .character(18): Words("place 18 must be a digit or X", "第18位应为数字或X")
            case .character(let place): Words("place \(place) must be a digit", "第\(place)位应为数字")
            case .province(let digits): Words("no province has the code \(digits)", "没有代码为\(digits)的省份")
            case .birthDate(let digits): Words("\(digits) is no day of the calendar", "\(digits)不是日历上的日期")
            case .check(let expected):
                Words("the last character should be \(expected); a digit is mistyped", "末位应为\(expected)：有一位输错")
            }
        }
    }

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = Array("10X98765432".utf8)
    /// First two digits in GB/T 2260.
    private static let provinces: Set<Int> = [
        11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
        61, 62, 63, 64, 65, 71, 81, 82, 83,
    ]

    /// Eighteen characters, the last a digit or a capital `X`.
    package let text: String
    package let birth: CivilDate

    /// nil when `check` finds anything.
    package init?(_ text: String) {
        guard Self.check(text).isEmpty, let birth = Self.birth(Array(text.utf8)) else { return nil }
        self.text = text
        self.birth = birth
    }

    /// The division that gave the number, which may no longer exist: 3723 was Binzhou before 2000.
    package var division: String { String(text.prefix(6)) }
    /// The order code is odd for men.
    package var isMale: Bool { Array(text.utf8)[16] % 2 == 1 }
    package var description: String { text }

    /// What is wrong with `text` as it stands, in the order of its places; nothing when it is valid. The text must be
    /// in printed form: `TypedText.narrowed` brings it there.
    package static func check(_ text: String) -> [Finding] {
        guard text.unicodeScalars.count == 18 else { return [.length(text.unicodeScalars.count)] }
        let bytes = text.unicodeScalars.map { $0.isASCII ? UInt8(ascii: $0) : 0 }
        var findings: [Finding] = []
        for (index, byte) in bytes.enumerated() where !isDigit(byte) && !(index == 17 && byte == UInt8(ascii: "X")) {
            findings.append(.character(place: index + 1))
        }
        guard findings.isEmpty else { return findings }
        let province = number(bytes[0..<2])
        if !provinces.contains(province) { findings.append(.province(String(text.prefix(2)))) }
        if birth(bytes) == nil { findings.append(.birthDate(String(text.dropFirst(6).prefix(8)))) }
        let sum = zip(bytes, weights).reduce(0) { $0 + Int($1.0 - UInt8(ascii: "0")) * $1.1 }
        let expected = checks[sum % 11]
        if bytes[17] != expected { findings.append(.check(expected: Character(Unicode.Scalar(expected)))) }
        return findings
    }

    private static func birth(_ bytes: [UInt8]) -> CivilDate? {
        CivilDate(year: number(bytes[6..<10]), month: number(bytes[10..<12]), day: number(bytes[12..<14]))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1) - Int(UInt8(ascii: "0")) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
