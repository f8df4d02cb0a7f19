import Foundation
import Testing

/// Guards what reviewers would otherwise have to: the size of files, stray notes, and who may import whom.
@Suite struct TidyTests {
    static let longestFile = 400
    static let longestLine = 120

    /// What each target may import besides the libraries it is built on (docs/ARCHITECTURE.md, "The house").
    static let house: [String: Set<String>] = [
        "ServiceModel": [],
        "ChangeSet": ["ServiceModel", "CZlib", "SwiftProtobuf", "Crypto", "Foundation", "FoundationEssentials"],
        "Trust": ["ServiceModel", "Crypto", "SwiftASN1", "X509", "Foundation"],
        "Replica": ["ServiceModel", "ChangeSet", "GRDB", "Crypto", "Foundation", "Synchronization"],
        "SyncProtocol": ["ServiceModel", "ChangeSet", "Foundation"],
        "SyncNode": [
            "ServiceModel", "ChangeSet", "Trust", "Replica", "SyncProtocol", "Foundation", "Synchronization", "Glibc",
            "Darwin",
        ],
        "ServiceHall": [
            "ServiceModel", "ChangeSet", "Trust", "Replica", "SyncProtocol", "SyncNode", "Hummingbird", "HTTPTypes",
            "Logging", "Mustache", "NIOCore", "NIOPosix", "Foundation",
        ],
        "Simulator": [
            "ServiceModel", "GRDB", "GRDBSQLite", "ChangeSet", "Trust", "Replica", "SyncProtocol", "SyncNode",
            "Synchronization", "Foundation", "Glibc", "Darwin",
        ],
    ]

    /// The drills are among them.
    static let sources: [(path: String, target: String, lines: [Substring])] = {
        let root = URL(filePath: ProjectFiles.path(""), directoryHint: .isDirectory).standardizedFileURL
        let folders = ["Sources", "Tests"].map { root.appending(path: $0) }
        return folders.flatMap { folder -> [(String, String, [Substring])] in
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            return (files?.allObjects as? [URL] ?? [])
                .filter { ["swift", "py"].contains($0.pathExtension) && !$0.path.contains("/Generated/") }
                .sorted { $0.path < $1.path }
                .map { file in
                    let path = String(file.standardizedFileURL.path.dropFirst(root.path(percentEncoded: false).count))
                    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                    return (
                        path, String(path.split(separator: "/")[1]),
                        text.split(separator: "\n", omittingEmptySubsequences: false)
                    )
                }
        }
    }()

    @Test func thereIsSomethingToLookAt() { #expect(Self.sources.count > 100) }

    @Test func filesAreShort() {
        for file in Self.sources { #expect(file.lines.count <= Self.longestFile + 1, "\(file.path)") }
    }

    @Test func linesAreShort() {
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() where line.count > Self.longestLine {
                Issue.record("\(file.path):\(number + 1) has \(line.count) characters")
            }
        }
    }

    @Test func nothingIsLeftForLater() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X ", "HA" + "CK", "not " + "implemented", "for " + "now"]
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() {
                for word in words where line.contains(word) {
                    Issue.record("\(file.path):\(number + 1) says “\(word)”")
                }
            }
        }
    }

    @Test func targetsImportOnlyWhatTheHouseAllows() {
        for file in Self.sources where file.path.hasPrefix("Sources/") {
            guard let allowed = Self.house[file.target] else { continue }
            for line in file.lines {
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), at <= 1, at + 1 < words.count else { continue }
                let module = String(words[at + 1])
                if words.first == "import" || words.first == "@testable" || words.first == "@preconcurrency" {
                    #expect(allowed.contains(module), "\(file.path) imports \(module)")
                }
            }
        }
    }

    /// Planted bugs are no part of what is delivered: every word of them stands where only `PLANTED` builds it.
    @Test func plantedBugsAreNotInTheProgram() throws {
        for file in Self.sources where file.path.hasPrefix("Sources/") {
            var open: [Bool] = []
            for (number, line) in file.lines.enumerated() {
                let words = line.trimmingPrefix { $0 == " " }
                if words.hasPrefix("#if ") { open.append(words == "#if PLANTED") }
                if words.hasPrefix("#else"), let last = open.popLast() { open.append(last ? false : last) }
                if words.hasPrefix("#endif") { _ = open.popLast() }
                if line.contains("Planted"), !open.contains(true) {
                    Issue.record("\(file.path):\(number + 1) plants a bug outside of #if PLANTED")
                }
            }
        }
        let program = try Data(contentsOf: TerraceProcess.program)
        for word in ["ServiceModel7Planted", "cursorOutsideTransaction"] {
            #expect(program.range(of: Data(word.utf8)) == nil, "\(word) is in the program")
        }
    }

    /// Time, randomness and the environment are handed in: nothing below the server asks for them.
    @Test func theCoreAsksForNoTimeAndNoChance() {
        let forbidden = [
            "Date()", "ContinuousClock", ".random(in:", "SystemRandomNumberGenerator", "ProcessInfo", "UUID()",
        ]
        for file in Self.sources where file.path.hasPrefix("Sources/") && Self.house[file.target] != nil {
            for (number, line) in file.lines.enumerated() {
                for word in forbidden where line.contains(word) && file.target != "Simulator" {
                    Issue.record("\(file.path):\(number + 1) uses \(word)")
                }
            }
        }
    }
}
