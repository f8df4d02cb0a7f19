import Testing

@testable import ServiceModel

struct ReceiptNumberTests {
    private static func number(
        _ unit: String, _ ordinal: UInt32, _ running: UInt64, _ random: String
    ) throws -> ReceiptNumber {
        let code = try #require(UnitCode(unit))
        return try #require(ReceiptNumber(unit: code, ordinal: ordinal, running: running, random: random))
    }

    static let samples: [(String, UInt32, UInt64, String)] = [
        ("371602001001", 1, 42, "K7P"), ("3716", 12, 1_234_567, "222"), ("3799B1", 1, 12_345_678, "SQS"),
        ("37160200", 9999, ReceiptNumber.mostRunning, "YXW"), ("AHGKNRTVWXY", 10, 1, "QYS"), ("0", 1, 9_999_999, "23Q"),
    ]

    @Test(arguments: samples)
    func roundTrip(unit: String, ordinal: UInt32, running: UInt64, random: String) throws {
        let number = try Self.number(unit, ordinal, running, random)
        #expect(try ReceiptNumber(typed: number.description) == number)
        #expect(number.description.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func printedForm() throws {
        let text = try Self.number("371602001001", 1, 42, "K7P").description
        #expect(text.dropLast() == "371602001001-1-0000042-K7P-")
        #expect(ReceiptNumber.alphabet.contains(text.last ?? "-"))
    }

    /// Any one character put for another: every character that a number can have, and some that it cannot.
    @Test(arguments: samples)
    func everySingleErrorIsFound(unit: String, ordinal: UInt32, running: UInt64, random: String) throws {
        let printed = Array(try Self.number(unit, ordinal, running, random).description)
        for place in printed.indices {
            for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./" where wrong != printed[place] {
                var text = printed
                text[place] = wrong
                #expect(throws: ReceiptNumberError.self, "\(String(text))") {
                    try ReceiptNumber(typed: String(text))
                }
            }
        }
    }

    /// Neighbours swapped, also across one character, which puts the check before the last random one.
    @Test(arguments: samples)
    func everySwapIsFound(unit: String, ordinal: UInt32, running: UInt64, random: String) throws {
        let printed = Array(try Self.number(unit, ordinal, running, random).description)
        for distance in 1...2 {
            for place in printed.indices.dropLast(distance) where printed[place] != printed[place + distance] {
                var text = printed
                text.swapAt(place, place + distance)
                #expect(throws: ReceiptNumberError.self, "\(String(text))") {
                    try ReceiptNumber(typed: String(text))
                }
            }
        }
    }

    @Test func forgivesHowItIsTyped() throws {
        let number = try Self.number("3799B1", 2, 42, "K7P")
        let printed = number.description
        let wide = String(
            String.UnicodeScalarView(
                printed.unicodeScalars.compactMap {
                    Unicode.Scalar($0.value + 0xFEE0)
                }))
        for typed in [
            printed.lowercased(), "  \(printed)\t", printed.map { "\($0) " }.joined(),
            String(printed.map { $0 == "-" ? " " : $0 }), String(printed.map { $0 == "-" ? "—" : $0 }), wide,
            printed.replacing("-", with: " - "), printed.replacing("-", with: "\u{3000}"),
        ] {
            #expect(try ReceiptNumber(typed: typed) == number, "\(typed)")
        }
    }

    @Test(arguments: [
        ("", "receipt.parts"), ("371602001001", "receipt.parts"), ("1-1-1-1-1-1", "receipt.parts"),
        ("-1-0000042-K7P-X", "receipt.unit"), ("37_16-1-0000042-K7P-X", "receipt.unit"),
        ("3716Z-1-0000042-K7P-X", "receipt.unit"), ("3716-0-0000042-K7P-X", "receipt.ordinal"),
        ("3716-01-0000042-K7P-X", "receipt.ordinal"), ("3716-10000-0000042-K7P-X", "receipt.ordinal"),
        ("3716-A-0000042-K7P-X", "receipt.ordinal"), ("3716-1-42-K7P-X", "receipt.running"),
        ("3716-1-0000000-K7P-X", "receipt.running"), ("3716-1-00000042-K7P-X", "receipt.running"),
        ("3716-1-9999999999999-K7P-X", "receipt.running"), ("3716-1-0000042-K7-X", "receipt.random"),
        ("3716-1-0000042-K0P-X", "receipt.random"), ("3716-1-0000042-K7P-XX", "receipt.check"),
        ("3716-1-0000042-K7P-", "receipt.check"), ("3716-1-0000042-é7P-X", "receipt.random"),
        (String(repeating: "3", count: 300), "receipt.tooLong"),
    ])
    func refused(text: String, code: String) {
        #expect { try ReceiptNumber(typed: text) } throws: { error in
            (error as? ReceiptNumberError)?.code == code
        }
    }

    @Test func bounds() throws {
        let unit = try #require(UnitCode("3716"))
        for (ordinal, running, random) in [
            (0, 1, "K7P"), (10_000, 1, "K7P"), (1, 0, "K7P"), (1, ReceiptNumber.mostRunning + 1, "K7P"), (1, 1, "K7"),
            (1, 1, "K7P2"), (1, 1, "k7p"), (1, 1, "K1P"),
        ] as [(UInt32, UInt64, String)] {
            #expect(ReceiptNumber(unit: unit, ordinal: ordinal, running: running, random: random) == nil)
        }
        for code in ["city", "A-B", "A_B", "SITE", "Q1", "UZ"] {
            #expect(ReceiptNumber.canPrint(try #require(UnitCode(code))) == false, "\(code)")
        }
    }

    @Test func randomCharactersAreEvenlyDrawn() {
        #expect(ReceiptNumber.randomCharacters(from: [0, 28, 29]) == "2Y2")
        #expect(ReceiptNumber.randomCharacters(from: [255, 232, 231, 1, 250, 2]) == "Y34")
        #expect(ReceiptNumber.randomCharacters(from: [1, 2, 255]) == nil)
        var counts: [Character: Int] = [:]
        for byte in UInt8.min...UInt8.max {
            if let drawn = ReceiptNumber.randomCharacters(from: [byte, 0, 0])?.first { counts[drawn, default: 0] += 1 }
        }
        #expect(counts.count == 29)
        // A refused byte leaves two characters, which is too few.
        #expect(counts.values.allSatisfy { $0 == 8 })
    }
}
