import Testing

@testable import ServiceModel

struct CreditCodeTests {
    @Test(arguments: ["11371600900000014U", "11371602900000022K", "91371602MAQ000012U"])
    func valid(text: String) throws {
        #expect(CreditCode.check(text) == [])
        let code = try #require(CreditCode(text))
        #expect(code.division == String(text.dropFirst(2).prefix(6)))
        #expect(code.organization.count == 9)
    }

    @Test(arguments: [
        ("", [CreditCode.Finding.length(0)]),
        ("11371600900000014", [.length(17)]),
        ("11371600900000014UU", [.length(19)]),
        ("11371600900000014u", [.character(place: 18)]),
        ("1137160090000O014I", [.character(place: 14), .character(place: 18)]),
        ("11371600900000014W", [.check(expected: "U")]),
        ("11371600900000024U", [.organizationCheck(expected: "2"), .check(expected: "W")]),
        ("1137A600900000014U", [.division(place: 5), .check(expected: "B")]),
    ])
    func findings(text: String, findings: [CreditCode.Finding]) {
        #expect(CreditCode.check(text) == findings)
        #expect(CreditCode.check(text).allSatisfy { $0.severity == .warning })
        #expect(CreditCode(text) == nil)
    }

    @Test func everySingleErrorIsFound() {
        let code = Array("91371602MAQ000012U")
        for place in code.indices {
            for wrong in "0123456789ABCDEFGHJKLMNPQRTUWXY" where wrong != code[place] {
                var text = code
                text[place] = wrong
                #expect(!CreditCode.check(String(text)).isEmpty)
            }
        }
    }

    @Test(.enabled(if: ReferenceTable.exists("uscc-vectors.csv"), Comment(rawValue: ReferenceTable.absent)))
    func vectors() throws {
        let rows = try ReferenceTable.rows("uscc-vectors.csv", columns: 3)
        #expect(rows.count == 101)
        for row in rows { #expect((CreditCode(row[0]) != nil) == (row[1] == "1"), "\(row)") }
    }
}
