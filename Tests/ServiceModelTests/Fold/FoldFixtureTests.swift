import Foundation
import Testing

@testable import ServiceModel

/// Histories whose outcome is frozen: what was folded so once is folded so for ever. `TERRACE_RECORD=1` writes them
/// anew.
@Suite struct FoldFixtureTests {
    static let files = ["calm", "rough", "wild"]
    static let perFile = 12

    @Test(arguments: files)
    func comesToTheSame(_ name: String) throws {
        let file = try #require(Self.folder()).appendingPathComponent("\(name).jsonl")
        if ProcessInfo.processInfo.environment["TERRACE_RECORD"] == "1" { try Self.record(name, to: file) }
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == Self.perFile)
        for line in lines {
            let fixture = try JSONDecoder().decode(FoldFixture.self, from: line)
            var charter = Charter(), fold = CaseFold(rules: Town.rules)
            let authors = Dictionary(fixture.authors.map { ($0.author.id, $0.author) }) { $1 }
            for entry in fixture.entries.reversed() { charter.add(entry.entry) }
            for set in fixture.changeSets.reversed() { fold.insert(set.act) }
            let outcome = FoldFixture.Outcome(fold.state(charter: charter, authors: authors))
            #expect(outcome == fixture.outcome, "\(name), seed \(fixture.seed)")
        }
    }

    private static func record(_ name: String, to file: URL) throws {
        let place = UInt64(files.firstIndex(of: name) ?? 0)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var out = Data()
        for number in 0..<UInt64(perFile) {
            let fixture = FoldFixture(seed: 1000 * (place + 1) + number, steps: 30 + 25 * Int(place))
            out += try encoder.encode(fixture) + [UInt8(ascii: "\n")]
        }
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try out.write(to: file)
    }

    private static func folder(file: String = #filePath) -> URL? {
        ProjectRoot.find(from: file)?.appendingPathComponent("fixtures/fold")
    }
}
