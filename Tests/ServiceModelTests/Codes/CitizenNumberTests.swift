import Testing

@testable import ServiceModel

struct CitizenNumberTests {
    /// Made-up numbers of people who would be far over a hundred.
    @Test(arguments: [
        ("371602190101010014", "1901-01-01", true), ("371621190402290039", "1904-02-29", true),
        ("371622190012310045", "1900-12-31", false), ("37160219010501002X", "1901-05-01", false),
        ("371681190105010180", "1901-05-01", false),
    ])
    func valid(text: String, birth: String, isMale: Bool) throws {
        #expect(CitizenNumber.check(text) == [])
        let number = try #require(CitizenNumber(text))
        #expect(number.birth.description == birth)
        #expect(number.isMale == isMale)
        #expect(number.division == String(text.prefix(6)))
    }

    @Test(arguments: [
        ("", [CitizenNumber.Finding.length(0)]),
        ("37160219010101001", [.length(17)]),
        ("3716021901010100144", [.length(19)]),
        ("371602010101001", [.length(15)]),
        ("37160219010501002x", [.character(place: 18)]),
        ("3716O2190101010014", [.character(place: 5)]),
        ("37160２190101010014", [.character(place: 6)]),
        ("371602190101010015", [.check(expected: "4")]),
        ("371621190302290039", [.birthDate("19030229"), .check(expected: "1")]),
        ("991602190101010014", [.province("99"), .check(expected: "X")]),
    ])
    func findings(text: String, findings: [CitizenNumber.Finding]) {
        #expect(CitizenNumber.check(text) == findings)
        #expect(CitizenNumber(text) == nil)
    }

    @Test(arguments: [" 371602 19010501 002x", "３７１６０２１９０１０５０１００２ｘ"])
    func typed(text: String) {
        #expect(CitizenNumber(TypedText.narrowed(text))?.text == "37160219010501002X")
    }

    @Test func everyWrongDigitAndSwapIsFound() {
        let number = Array("371681190105010180")
        for place in 0..<17 {
            for digit in "0123456789" where digit != number[place] {
                var wrong = number
                wrong[place] = digit
                #expect(!CitizenNumber.check(String(wrong)).isEmpty)
            }
        }
        for place in 0..<17 where number[place] != number[place + 1] {
            var wrong = number
            wrong.swapAt(place, place + 1)
            #expect(!CitizenNumber.check(String(wrong)).isEmpty)
        }
    }

    @Test(.enabled(if: ReferenceTable.exists("id-vectors.csv"), Comment(rawValue: ReferenceTable.absent)))
    func vectors() throws {
        let rows = try ReferenceTable.rows("id-vectors.csv", columns: 3)
        #expect(rows.count == 102)
        for row in rows { #expect((CitizenNumber(row[0]) != nil) == (row[1] == "1"), "\(row)") }
    }
}
