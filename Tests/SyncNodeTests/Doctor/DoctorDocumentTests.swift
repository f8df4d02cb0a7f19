import Foundation
import ServiceModel
import Testing

@testable import SyncNode

/// `docs/DOCTOR.md` lists every finding as the program says it. `TERRACE_RECORD=1` writes the list anew.
@Suite struct DoctorDocumentTests {
    private static let begin = "<!-- findings -->\n"
    private static let end = "<!-- end of findings -->\n"

    private static var file: URL {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appending(path: "docs/DOCTOR.md")
    }

    /// Each with what would be said of the sample.
    private static var list: String {
        var text = ""
        for severity in Severity.allCases {
            text += "### \(severity.rawValue.capitalized)\n\n"
            for (code, change) in FindingSamples.all {
                var facts = FindingSamples.facts(change)
                facts.folder.path = "DIR"
                facts.replica?.parent = ("PARENT", "the unit above")
                let finding = Examination(facts).findings.first { $0.code == code }
                guard let finding, finding.severity == severity else { continue }
                text += "**`\(code)`** \(finding.what[.english])  \n"
                text += "\(finding.effect[.english])  \n→ \(finding.wayOut[.english])\n\n"
            }
        }
        return text
    }

    @Test func theDocumentListsWhatTheProgramSays() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let parts = text.components(separatedBy: Self.begin)
        let rest = parts.last?.components(separatedBy: Self.end) ?? []
        try #require(parts.count == 2 && rest.count == 2, "the marks of the list are missing")
        if ProcessInfo.processInfo.environment["TERRACE_RECORD"] == "1" {
            let whole = parts[0] + Self.begin + "\n" + Self.list + Self.end + rest[1]
            try Data(whole.utf8).write(to: Self.file)
            return
        }
        let (held, list) = (rest[0].split(separator: "\n"), Self.list.split(separator: "\n"))
        for (one, other) in zip(held, list) where one != other {
            Issue.record("the document says\n\(one)\nand the program\n\(other)")
        }
        #expect(held.count == list.count)
    }
}
