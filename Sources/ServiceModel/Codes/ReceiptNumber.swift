/// The number on a receipt, made without asking anyone (RULES "Numbers on paper"):
/// `unit-ordinal-running-random-check`, for example `371602001001-1-0000042-K7P-J`.
///
/// The check is a sum over 29 with a weight of 2 to the power of the place. 29 is prime, so every single wrong
/// character and every swap of neighbours is found. That needs at most 29 characters in any one place: digits and 19
/// letters in a unit's code, and in the random and check places the alphabet without 0, 1, I, L, O, U, Z.
package struct ReceiptNumber: Hashable, Sendable, CustomStringConvertible {
    /// The characters of the random and the check places.
    package static let alphabet = "23456789ABCDEFGHJKMNPQRSTVWXY"
    /// The letters that a unit's code may have on paper: none that is taken for a digit or for another letter.
    package static let unitLetters = "ABCDEFGHJKMNPRTVWXY"
    /// Least width of the running number, zeros in front.
    package static let runningWidth = 7
    /// Greatest running number: twelve digits.
    package static let mostRunning: UInt64 = 999_999_999_999
    /// Greatest ordinal of a node in its unit.
    package static let mostOrdinal: UInt32 = 9999
    /// Random characters in a number.
    package static let randomCount = 3
    /// Longest typed text that is looked at, in UTF-8 bytes.
    package static let longestTyped = 256

    package let unit: UnitCode
    /// Ordinal of the node in its unit, from 1, given at enrollment.
    package let ordinal: UInt32
    /// Running number of that node, from 1, which never restarts.
    package let running: UInt64
    /// Three characters of `alphabet`.
    package let random: String

    /// nil when the unit's code cannot stand on paper (`canPrint`), the ordinal or the running number is 0 or too
    /// great, or `random` is not three characters of `alphabet`.
    package init?(unit: UnitCode, ordinal: UInt32, running: UInt64, random: String) {
        guard Self.canPrint(unit), ordinal >= 1, ordinal <= Self.mostOrdinal, running >= 1,
            running <= Self.mostRunning, random.utf8.count == Self.randomCount,
            random.utf8.allSatisfy(Self.isOfAlphabet)
        else { return nil }
        self.unit = unit
        self.ordinal = ordinal
        self.running = running
        self.random = random
    }

    /// Whether a unit with this code can give receipts: digits and `unitLetters` only.
    package static func canPrint(_ unit: UnitCode) -> Bool {
        unit.text.utf8.allSatisfy { isDigit($0) || unitLetters.utf8.contains($0) }
    }

    /// Random characters from random bytes, each character equally likely; nil when the bytes run out, which 16 bytes
    /// do less than once in 10^11 times.
    package static func randomCharacters(from bytes: some Sequence<UInt8>) -> String? {
        let symbols = Array(alphabet.utf8)
        var out = ""
        // 232 is 8 times 29: a greater byte would favour the first characters.
        for byte in bytes where byte < 232 {
            out.unicodeScalars.append(Unicode.Scalar(symbols[Int(byte) % symbols.count]))
            if out.utf8.count == randomCount { return out }
        }
        return nil
    }

    /// The number in printed form.
    package var description: String {
        let body = "\(unit)-\(ordinal)-\(Self.padded(running))-\(random)-"
        return body + String(Character(Unicode.Scalar(Self.check(Array(body.utf8)))))
    }

    /// A text as people type it, as numbers are printed; the text itself where it is no number.
    package static func printed(_ typed: String) -> String { (try? ReceiptNumber(typed: typed).description) ?? typed }

    /// Reads a number as printed or as typed: small letters, blanks anywhere or in place of the dashes, full-width
    /// characters and dashes of other kinds are accepted.
    /// - Throws: `ReceiptNumberError`, which names the part that is wrong.
    package init(typed text: String) throws(ReceiptNumberError) {
        guard text.utf8.count <= Self.longestTyped else { throw .tooLong(text.utf8.count) }
        var parts = TypedText.narrowed(text).split(separator: "-", omittingEmptySubsequences: false)
        if parts.count != 5 {
            let spaced = TypedText.narrowed(text, keepingBlanks: true)
            parts = spaced.split(omittingEmptySubsequences: true) { $0 == " " || $0 == "-" }
        }
        guard parts.count == 5 else { throw .parts(parts.count) }
        guard let unit = UnitCode(String(parts[0])), Self.canPrint(unit) else { throw .unit(String(parts[0])) }
        guard let ordinal = Self.number(parts[1]), parts[1].utf8.first != UInt8(ascii: "0"),
            ordinal <= UInt64(Self.mostOrdinal)
        else { throw .ordinal(String(parts[1])) }
        guard let running = Self.number(parts[2]), running >= 1, running <= Self.mostRunning,
            Self.padded(running) == parts[2]
        else { throw .running(String(parts[2])) }
        guard
            let number = ReceiptNumber(
                unit: unit, ordinal: UInt32(ordinal), running: running, random: String(parts[3]))
        else { throw .random(String(parts[3])) }
        guard parts[4].utf8.count == 1, number.description.hasSuffix("-" + parts[4]) else { throw .check }
        self = number
    }

    private static func padded(_ running: UInt64) -> String {
        let digits = String(running)
        return String(repeating: "0", count: max(0, runningWidth - digits.utf8.count)) + digits
    }

    /// Digits only, at most 12; nil for anything else.
    private static func number(_ digits: Substring) -> UInt64? {
        guard digits.utf8.count <= 12, digits.utf8.allSatisfy(isDigit) else { return nil }
        return UInt64(digits)
    }

    /// The check character of everything before it, the last dash included.
    private static func check(_ body: [UInt8]) -> UInt8 {
        var sum = 0, weight = 2
        for byte in body.reversed() {
            sum += value(of: byte) * weight
            weight = weight * 2 % 29
        }
        let wanted = (29 - sum % 29) % 29
        // Every value from 0 to 28 has one character in the alphabet.
        return alphabet.utf8.first { value(of: $0) == wanted } ?? UInt8(ascii: "-")
    }

    /// Digits count as themselves, the letters of units from 10 on, and the two letters that only the alphabet has as
    /// 0 and 1, the digits that it has not. A dash differs from every digit beside which it stands.
    private static func value(of byte: UInt8) -> Int {
        if isDigit(byte) { return Int(byte - UInt8(ascii: "0")) }
        if byte == UInt8(ascii: "S") { return 0 }
        if byte == UInt8(ascii: "Q") { return 1 }
        let letter = unitLetters.utf8.enumerated().first { $0.element == byte }
        return letter.map { $0.offset + 10 } ?? 28
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isOfAlphabet(_ byte: UInt8) -> Bool { alphabet.utf8.contains(byte) }
}

/// Which part of a typed receipt number is wrong.
package enum ReceiptNumberError: CodedError, Hashable, Sendable {
    case tooLong(Int)
    case parts(Int)
    case unit(String)
    case ordinal(String)
    case running(String)
    case random(String)
    case check

    /// Stable across versions.
    package var code: String {
        switch self {
        case .tooLong: "receipt.tooLong"
        case .parts: "receipt.parts"
        case .unit: "receipt.unit"
        case .ordinal: "receipt.ordinal"
        case .running: "receipt.running"
        case .random: "receipt.random"
        case .check: "receipt.check"
        }
    }

    package var words: Words {
        switch self {
        case .tooLong(let count):
            Words("\(count) bytes; a receipt number is shorter", "有\(count)字节：受理号没有这么长")
        case .parts(let count):
            Words("\(count) parts instead of unit-ordinal-running-random-check", "有\(count)段，应为“单位-节点-流水-随机-校验”五段")
        case .unit(let text): Words("“\(text)” is no unit's code", "“\(text)”不是单位代码")
        case .ordinal(let text): Words("“\(text)” is no node's ordinal", "“\(text)”不是节点序号")
        case .running(let text):
            Words(
                "“\(text)” is no running number of \(ReceiptNumber.runningWidth) or more digits",
                "“\(text)”不是至少\(ReceiptNumber.runningWidth)位的流水号")
        case .random(let text):
            Words(
                "“\(text)” should be three characters of \(ReceiptNumber.alphabet)",
                "“\(text)”应为三个字符，取自\(ReceiptNumber.alphabet)")
        case .check:
            Words(
                "the last character does not fit the rest; one is mistyped, compare with the paper",
                "末位校验不符：有一位输错，请与纸质受理单核对")
        }
    }
}
