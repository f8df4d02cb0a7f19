import Foundation
import Testing

@testable import terrace

struct TopologyReportTests {
    static let header = "code,name,tier,parent_code\n"

    /// File name, content and the problems' codes with their lines.
    static let files: [(String, String, [String])] = [
        ("a.csv", header + "37,甲,city,\n", []),
        ("a.csv", header + "37,甲,city,\n38,乙,city,\n", ["topology.twoRoots 3"]),
        ("a.csv", "code,name\n", ["csv.missingColumn 1"]),
        ("a.yaml", "units: [{code: 37}]", ["yaml.missingKey 1"]),
        ("a.yaml", "units: [", ["yaml.syntax 2"]),
        ("a.toml", "", ["topologyFile.unknownFormat 0"]),
    ]

    @Test(arguments: files)
    func problems(name: String, content: String, found: [String]) throws {
        let report = try ProjectFiles.with(name, content.utf8) { TopologyReport(path: $0) }
        #expect(report.problems.map { "\($0.code) \($0.line ?? 0)" } == found)
        let lines = report.text(mostListed: 10).split(separator: "\n")
        #expect(lines.count == found.count + 1)
        for (line, problem) in zip(lines, found) { #expect(line.contains(problem.split(separator: " ")[0])) }
    }

    @Test func listsSoMany() throws {
        let rows = (0..<30).map { "4\($0),甲,town,nowhere\n" }.joined()
        let report = try ProjectFiles.with("a.csv", (Self.header + "37,甲,city,\n" + rows).utf8) {
            TopologyReport(path: $0)
        }
        let lines = report.text(mostListed: 10).split(separator: "\n")
        #expect(lines.count == 12)
        #expect(lines[10] == "and 20 more")
        #expect(lines[11].hasSuffix("a.csv: 30 problems"))
    }

    @Test func json() throws {
        let report = try ProjectFiles.with("a.csv", (Self.header + "37,甲,city,\n38,乙,county,39\n").utf8) {
            TopologyReport(path: $0)
        }
        let object = try JSONSerialization.jsonObject(with: Data(report.json().utf8))
        let top = try #require(object as? [String: Any])
        #expect(top["units"] as? Int == 2)
        #expect(top["tiers"] as? [String: Int] == ["city": 1, "county": 1])
        let problems = try #require(top["problems"] as? [[String: Any]])
        #expect(problems.count == 1)
        #expect(problems[0]["code"] as? String == "topology.orphan")
        #expect(problems[0]["line"] as? Int == 3)
        #expect(problems[0]["unit"] as? String == "38")
    }

    @Test func checkEndsWithOneWhereThereAreProblems() throws {
        try ProjectFiles.with("a.toml", []) { path in
            let command = try TopologyCheckCommand.parse([path, "--format", "json"])
            #expect(command.format == .json)
            #expect(command.file == path)
        }
        #expect(throws: (any Error).self) { try TopologyCheckCommand.parse(["a.csv", "--format", "xml"]) }
    }
}
