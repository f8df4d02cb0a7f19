import Testing

@testable import Trust

private let network: [UInt8] = Array(100..<132)

@Test(arguments: [1, UInt64.random(in: .min ... .max)])
func codeIsPrintedAndReadBack(seed: UInt64) throws {
    var random = Seeded(seed)
    for _ in 0..<200 {
        let id = random.bytes(32)
        let code = try #require(EnrollmentCode(secret: random.bytes(10), network: id))
        let text = code.text
        #expect(text.count == 41 && text.split(separator: "-").count == 9, "seed \(seed)")
        #expect(try EnrollmentCode(typed: text) == code, "seed \(seed)")
        #expect(code.isFor(network: id) && !code.isFor(network: network), "seed \(seed)")
    }
}

@Test func codeIsGolden() throws {
    let code = try #require(EnrollmentCode(secret: Array(0..<10), network: network))
    #expect(code.text == "000G-40R4-0M30-E209-CHJP-CSV8-D5N6-PV3D-Z")
    #expect("\(code)\(String(reflecting: code))" == "enrollment codeenrollment code")
    #expect(!code.isFor(network: [UInt8]()) && !code.isFor(network: network.prefix(9)))
    #expect(EnrollmentCode(secret: Array(0..<9), network: network) == nil)
    #expect(EnrollmentCode(secret: Array(0..<10), network: network.prefix(9)) == nil)
}

@Test func codeIsForgivingToTheClerk() throws {
    let code = try #require(EnrollmentCode(secret: Array(0..<10), network: network))
    let text = code.text
    let wide = String(
        String.UnicodeScalarView(text.unicodeScalars.map { UnicodeScalar($0.value + 0xfee0) ?? $0 })
    )
    let forms = [
        text.lowercased(), text.replacing("-", with: ""), text.replacing("-", with: " "), "  \(text)\r\n",
        text.replacing("-", with: "\u{3000}"), text.replacing("-", with: "–"), wide, text.replacing("0", with: "O"),
        text.replacing("0", with: "o"), "\t" + text.replacing("-", with: "--"),
    ]
    for form in forms { #expect(try EnrollmentCode(typed: form) == code, "\(form)") }
    let ones = try #require(EnrollmentCode(secret: [8, 66, 16, 132, 33, 8, 66, 16, 132, 33], network: network))
    #expect(ones.text.hasPrefix("1111-1111-1111-1111"))
    for letter in ["I", "i", "L", "l"] {
        #expect(try EnrollmentCode(typed: ones.text.replacing("1", with: letter)) == ones)
    }
}

@Test func badlyTypedCodesAreRefused() throws {
    let code = try #require(EnrollmentCode(secret: Array(0..<10), network: network))
    let text = code.text
    let cases: [(String, EnrollmentCodeProblem)] = [
        ("", .length(found: 0)), ("----", .length(found: 0)), (String(text.dropLast()), .length(found: 32)),
        (text + "0", .length(found: 34)), (String(repeating: "0", count: 300), .length(found: 300)),
        ("U" + text.dropFirst(), .character("U", place: 1)), ("00*" + text, .character("*", place: 3)),
        ("000G-4\u{301}" + text, .character("4\u{301}", place: 5)), ("梯田" + text, .character("梯", place: 1)),
        ("1" + text.dropFirst(), .check),
    ]
    for (typed, expected) in cases {
        let found = problem(EnrollmentCodeProblem.self) { try EnrollmentCode(typed: typed) }
        #expect(found == expected, "\(typed)")
    }
    #expect(cases.map(\.1.code).contains("enrollment.code.length"))
    #expect(EnrollmentCodeProblem.character("U", place: 1).code == "enrollment.code.character")
    #expect(EnrollmentCodeProblem.check.code == "enrollment.code.check")
}

/// Every single wrong character, every swap of neighbours.
@Test func slipsOfTheFingerAreNoticed() throws {
    var random = Seeded(7)
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    for _ in 0..<3 {
        let code = try #require(EnrollmentCode(secret: random.bytes(10), network: random.bytes(32)))
        let symbols = Array(code.text.filter { $0 != "-" })
        for i in symbols.indices {
            for letter in alphabet where letter != symbols[i] {
                var typed = symbols
                typed[i] = letter
                #expect(problem(EnrollmentCodeProblem.self) { try EnrollmentCode(typed: String(typed)) } == .check)
            }
            guard i + 1 < symbols.count, symbols[i] != symbols[i + 1] else { continue }
            var typed = symbols
            typed.swapAt(i, i + 1)
            #expect(problem(EnrollmentCodeProblem.self) { try EnrollmentCode(typed: String(typed)) } == .check)
        }
    }
}

@Test(arguments: [1, UInt64.random(in: .min ... .max)])
func randomTextNeverTraps(seed: UInt64) {
    var random = Seeded(seed)
    for _ in 0..<2_000 {
        let bytes = random.bytes(Int.random(in: 0...300, using: &random))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(problem(EnrollmentCodeProblem.self) { try EnrollmentCode(typed: text) } != nil, "seed \(seed)")
    }
}
