import Simulator
import Testing

@testable import terrace

struct CSVReaderTests {
    static let narrow: CSVReader.Limits = {
        var limits = CSVReader.Limits()
        limits.cell = 8
        limits.cells = 3
        limits.file = 64
        return limits
    }()

    /// Reads `bytes` in pieces of `size`.
    static func rows(
        _ bytes: [UInt8], size: Int = .max, limits: CSVReader.Limits = CSVReader.Limits()
    ) throws -> [CSVReader.Row] {
        var rows: [CSVReader.Row] = []
        var reader = CSVReader(limits: limits)
        var rest = bytes[...]
        while !rest.isEmpty {
            try reader.read(rest.prefix(size)) { rows.append($0) }
            rest = rest.dropFirst(size)
        }
        try reader.finish { rows.append($0) }
        return rows
    }

    /// Text and its rows, each as its line and its cells.
    static let sound: [(String, [(Int, [String])])] = [
        ("", []),
        ("\n\r\n\r", []),
        ("a,b\nc,d\n", [(1, ["a", "b"]), (2, ["c", "d"])]),
        ("a,b\r\nc,d", [(1, ["a", "b"]), (2, ["c", "d"])]),
        ("a,b\rc,d\r", [(1, ["a", "b"]), (2, ["c", "d"])]),
        ("\u{FEFF}a,b\n", [(1, ["a", "b"])]),
        ("\u{FEFF}\"a\",b\n", [(1, ["a", "b"])]),
        ("\u{FEFF}", []),
        ("a\u{FEFF}", [(1, ["a\u{FEFF}"])]),
        ("\"a,b\",\"c\"\"d\"\n", [(1, ["a,b", "c\"d"])]),
        ("\"\",\n", [(1, ["", ""])]),
        (",,\n\"\"\n", [(1, ["", "", ""]), (2, [""])]),
        ("\"a\nb\"\nc", [(1, ["a\nb"]), (3, ["c"])]),
        ("\"a\r\nb\rc\"\r\nd", [(1, ["a\r\nb\rc"]), (4, ["d"])]),
        ("\"\"\"\"\n\n\nx", [(1, ["\""]), (4, ["x"])]),
        ("滨州市, x ,\"𠮷\"", [(1, ["滨州市", " x ", "𠮷"])]),
    ]

    @Test(arguments: sound)
    func reads(text: String, rows: [(Int, [String])]) throws {
        let expected = rows.map { CSVReader.Row(line: $0.0, cells: $0.1) }
        for size in [1, 2, 3, 7, Int.max] {
            #expect(try Self.rows(Array(text.utf8), size: size) == expected, "pieces of \(size)")
        }
    }

    static let mistakes: [(String, CSVError)] = [
        ("a\n\"b", .unclosedQuote(line: 2)),
        ("a\n\"b\n\nc\"\"\n", .unclosedQuote(line: 2)),
        ("a\nb\"c\n", .strayQuote(line: 2)),
        ("a\n b,c \"d\"", .strayQuote(line: 2)),
        ("\"a\"b", .textAfterQuote(line: 1)),
        ("\"a\" ,b", .textAfterQuote(line: 1)),
        ("12345678\n123456789", .cellTooLong(line: 2, limit: 8)),
        ("1\n\"1234\n67890\"", .cellTooLong(line: 2, limit: 8)),
        ("a,b,c\na,b,c,", .rowTooLong(line: 2, limit: 3)),
        (String(repeating: "a\n", count: 33), .fileTooLong(limit: 64)),
        ("a\nb\0c", .notText(line: 2)),
    ]

    @Test(arguments: mistakes)
    func refuses(text: String, error: CSVError) {
        for size in [1, 3, Int.max] {
            #expect(throws: error, "pieces of \(size)") {
                try Self.rows(Array(text.utf8), size: size, limits: Self.narrow)
            }
        }
        #expect(error.code.hasPrefix("csv."))
    }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0xB1, 0xF5, 0xD6, 0xDD], CSVError.notUTF8(line: 2)),
            ([0x61, 0xC3], .notUTF8(line: 1)),
            ([0xED, 0xA0, 0x80], .notUTF8(line: 1)),
            ([0xFF, 0xFE, 0x61, 0x00], .notText(line: 1)),
        ] as [([UInt8], CSVError)])
    func refusesOtherEncodings(bytes: [UInt8], error: CSVError) {
        #expect(throws: error) { try Self.rows(bytes) }
    }

    /// The cell is refused at its limit, however much of it is still to come.
    @Test func aGreatCellIsRefusedEarly() {
        var given = 0
        let endless = sequence(state: 0) { (count: inout Int) -> UInt8? in
            count += 1
            given = count
            return count > 10_000_000 ? nil : UInt8(ascii: count == 1 ? "\"" : "x")
        }
        var reader = CSVReader()
        #expect(throws: CSVError.cellTooLong(line: 1, limit: 64 << 10)) { try reader.read(endless) { _ in } }
        #expect(given < 66_000)
    }

    @Test func limitsAreInclusive() throws {
        #expect(try Self.rows(Array("12345678,b,c".utf8), limits: Self.narrow).count == 1)
        #expect(try Self.rows(Array(String(repeating: "a\n", count: 32).utf8), limits: Self.narrow).count == 32)
    }

    @Test func readsAFile() throws {
        let text = String(repeating: "滨州,\"a\r\nb\"\r\n", count: 20_000)
        try ProjectFiles.with("table.csv", text.utf8) { path in
            var count = 0, lastLine = 0
            try CSVReader.read(path: path) { row in
                if row.cells == ["滨州", "a\r\nb"] { count += 1 }
                lastLine = row.line
            }
            #expect(count == 20_000)
            #expect(lastLine == 39_999)
        }
    }

    /// Random tables, written with quotes where they are needed, are read back whatever the pieces.
    @Test(arguments: [UInt64](1...6))
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let pieces = ["a", ",", "\"", "\n", "\r\n", "滨", " ", ""]
        for _ in 0..<40 {
            let table = (0..<1 + random.below(5)).map { _ in
                (0..<2 + random.below(4)).map { _ in
                    (0..<random.below(6)).map { _ in pieces[random.below(pieces.count)] }.joined()
                }
            }
            let ending = ["\n", "\r\n", "\r"][random.below(3)]
            let text = table.map { row in
                row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") + ending
            }.joined()
            let size = 1 + random.below(9)
            #expect(try Self.rows(Array(text.utf8), size: size).map(\.cells) == table, "seed \(seed), \(size)")
        }
    }
}

struct CSVHeaderTests {
    private func row(_ cells: String...) -> CSVReader.Row { CSVReader.Row(line: 1, cells: cells) }

    @Test func findsColumns() throws {
        let header = try CSVHeader(row("Code ", "x", "NAME"), required: ["name", "code"], optional: ["kind"])
        #expect(header.cell("code", of: row(" 1 ", "", "n")) == "1")
        #expect(header.cell("name", of: row("1", "", "　n\t")) == "n")
        #expect(header.cell("kind", of: row("1", "", "n")) == nil)
        #expect(!header.has("kind"))
        #expect(throws: Never.self) { try header.fits(row("1", "", "n", "", "")) }
        #expect(throws: CSVError.rowLength(line: 1, cells: 2, header: 3)) { try header.fits(row("1", "")) }
        #expect(throws: CSVError.rowLength(line: 1, cells: 4, header: 3)) { try header.fits(row("1", "", "n", "y")) }
    }

    @Test func namesWhatIsMissingOrTwice() {
        #expect(throws: CSVError.missingColumn(name: "name", found: ["code"])) {
            try CSVHeader(row("code"), required: ["code", "name"])
        }
        #expect(throws: CSVError.duplicateColumn(name: "code")) {
            try CSVHeader(row("code", "Code"), required: ["code"])
        }
        #expect(throws: Never.self) { try CSVHeader(row("code", "x", "x"), required: ["code"]) }
    }
}
