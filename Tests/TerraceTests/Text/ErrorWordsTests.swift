import Foundation
import NodeServer
import ServiceModel
import SyncNode
import Testing

@testable import terrace

/// Every error says itself in both languages.
@Suite struct ErrorWordsTests {
    private static func hasHan(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    @Test func everyErrorSpeaksBothLanguages() {
        for error in ErrorSamples.all {
            let (english, chinese) = (error.words[.english], error.words[.chinese])
            #expect(english.contains { $0.isASCII && $0.isLetter } && english.count > 6, "\(error.code)")
            #expect(Self.hasHan(chinese) && chinese.count > 3, "\(error.code): \(chinese)")
            #expect(english != chinese && !english.hasPrefix(error.code), "\(error.code)")
            #expect(ErrorText.text(error, in: .chinese) == "\(error.code): \(chinese)")
        }
        for field in ErrorSamples.fields {
            #expect(Self.hasHan(field.words[.chinese]) && !Self.hasHan(field.words[.english]), "\(field.code)")
        }
    }

    /// The samples are whole: every code that stands in a source file of an error is among them.
    @Test func everyCodeIsWalked() async throws {
        var known = Set((ErrorSamples.all.map(\.code)) + ErrorSamples.fields.map(\.code))
        known.formUnion(VoidReason.allCases.map(\.rawValue) + PendingReason.allCases.map(\.rawValue))
        // What only the other end or the log is told.
        known.formUnion([
            "handshake.refused", "handshake.noCertificate", "handshake.notTLS", "handshake.timedOut", "handshake.left",
            "handshake.alert", "handshake.tooManyConnections", "handshake.unverified", "handshake.tls",
        ])
        let pattern = /case \.[A-Za-z]+(\(.*\))?: "([a-z][A-Za-z]*(\.[A-Za-z]+)+)"/
        var found: Set<String> = []
        for file in TidyTests.sources where file.path.hasPrefix("Sources/") {
            let isError = file.lines.contains { $0.contains("CodedError") || $0.contains("enum Finding") }
            guard isError || file.path.hasSuffix("FieldProblem.swift") else { continue }
            for line in file.lines {
                if let match = line.firstMatch(of: pattern) { found.insert(String(match.2)) }
            }
        }
        #expect(found.count > 200, "\(found.count) codes found")
        #expect(found.subtracting(known) == [])
    }

    @Test func aPersonReadsTheirOwnLanguage() async throws {
        for (language, word) in [("zh_CN.UTF-8", "没有节点"), ("en_GB.UTF-8", "no node in"), ("C", "no node in")] {
            let result = try await TerraceProcess.run(["status", "--data", "/nonexistent/terrace"], language: language)
            #expect(result.status == 1 && result.errors.contains("node.notFounded: "), "\(result.errors)")
            #expect(result.errors.contains(word), "\(result.errors)")
        }
    }

    /// What came from another node is cut and cannot move the cursor.
    @Test func foreignWordsAreHarmless() {
        let words = Words(fromOutside: "a\u{1B}[2Jb" + String(repeating: "x", count: 5000), "甲\n乙")
        #expect(words[.english].hasPrefix("a\u{FFFD}[2Jb") && words[.english].count < 600)
        #expect(words[.chinese] == "甲\u{FFFD}乙")
    }
}
