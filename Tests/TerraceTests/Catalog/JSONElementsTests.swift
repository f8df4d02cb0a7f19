import Foundation
import Testing

@testable import terrace

@Suite struct JSONElementsTests {
    private static func elements(_ text: String, most: Int = 10) throws -> [String] {
        try JSONElements.of(Array(text.utf8)[...], most: most).map {
            "\($0.line) " + String(decoding: $0.bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    @Test(arguments: [
        ("[]", []), (" [ ] \n", []), ("[1]", ["1 1"]), ("[\n1,\n\n2 ]", ["2 1", "4 2"]),
        ("[{\"a\":[1,2]},{}]", ["1 {\"a\":[1,2]}", "1 {}"]),
        ("[\"],[\",\n\"\\\"],\"]", ["1 \"],[\"", "2 \"\\\"],\""]),
        ("[{\"a\":\"\\\\\"},2]", ["1 {\"a\":\"\\\\\"}", "1 2"]), ("[ \n{\n}\n]", ["2 {\n}"]),
    ])
    func found(text: String, expected: [String]) throws {
        #expect(try Self.elements(text) == expected)
    }

    @Test(
        arguments: [
            ("", CatalogFileError.notAnArray(line: 1)), ("\n{}", .notAnArray(line: 2)), ("[1,]", .notAnArray(line: 1)),
            ("[,1]", .notAnArray(line: 1)), ("[1,,2]", .notAnArray(line: 1)), ("[}]", .notAnArray(line: 1)),
            ("[1\n", .unclosed(line: 1)), ("[\n{\"a\": \"]\n", .unclosed(line: 2)), ("[1,\n", .unclosed(line: 2)),
            ("[]\n[]", .afterArray(line: 2)), ("[[[[[[[[[1]]]]]]]]]", .tooDeep(line: 1, limit: 8) as CatalogFileError?),
            ("[1,2,3]", .tooManyItems(line: 1, limit: 2)),
        ] as [(String, CatalogFileError?)])
    func refused(text: String, error: CatalogFileError?) throws {
        let expected = try #require(error)
        if case .tooDeep = expected {
            #expect(try Self.elements(text) == ["1 [[[[[[[[1]]]]]]]]"])
            #expect(throws: expected) { try Self.elements("[" + text + "]") }
        } else {
            #expect(throws: expected) { try Self.elements(text, most: 2) }
        }
    }

    @Test func anItemHasABound() {
        let long = "[\"" + String(repeating: "x", count: JSONElements.longest) + "\"]"
        #expect(throws: CatalogFileError.itemTooLong(line: 1, limit: JSONElements.longest)) { try Self.elements(long) }
        #expect(throws: CatalogFileError.notUTF8) { try CatalogFile.read([0x5B, 0x22, 0xFF, 0x22, 0x5D]) }
    }
}
