import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// The program's answers to what goes wrong around it: each a clear error with its code, and nothing lost.
    @Suite struct CommandTests {
        @Test func aDirectoryInUseIsRefused() async throws {
            try await TerraceProcess.withCity { data in
                try await TerraceProcess.serving(["--data", data, "--listen", "127.0.0.1:0"]) { _ in
                    let second = try await TerraceProcess.run("serve", "--data", data, "--listen", "127.0.0.1:0")
                    #expect(second.status == 1 && second.errors.contains("node.inUse"))
                    // A command beside the server is welcome.
                    let status = try await TerraceProcess.run("status", "--data", data)
                    #expect(status.status == 0 && status.output.contains("3799#1"))
                }
            }
        }

        @Test func aTakenPortIsNamed() async throws {
            try await TerraceProcess.withCity { first in
                try await TerraceProcess.serving(["--data", first, "--listen", "127.0.0.1:0"]) { port in
                    try await TerraceProcess.withCity { second in
                        let result = try await TerraceProcess.run(
                            "serve", "--data", second, "--listen", "127.0.0.1:\(port)")
                        #expect(result.status != 0 && result.errors.contains("listen.portTaken"), "\(result.errors)")
                    }
                }
            }
        }

        @Test func whatIsNoNodeIsSaid() async throws {
            for words in [["status"], ["serve"], ["stats"], ["verify", "--unit", "3799"]] {
                let result = try await TerraceProcess.run(words + ["--data", "/nonexistent/terrace"])
                #expect(result.status == 1 && result.errors.contains("node.notFounded"), "\(words)")
            }
        }

        @Test func anUnknownUnitIsSaid() async throws {
            try await TerraceProcess.withCity { data in
                for words in [["verify", "--unit", "9999"], ["enroll", "code", "9999"]] {
                    let result = try await TerraceProcess.run(words + ["--data", data])
                    #expect(result.status == 1 && result.errors.contains("unit.unknown"), "\(words): \(result.errors)")
                }
                let above = try await TerraceProcess.run("enroll", "code", "--data", data, "3799")
                #expect(above.status == 1, "\(above.errors)")
            }
        }

        @Test func importingTwiceChangesNothing() async throws {
            try await TerraceProcess.withCity { data in
                let topology = try await TerraceProcess.run(
                    "topology", "import", "--data", data, ProjectFiles.path("topology/demo.yaml"))
                #expect(topology.output.contains("0 units added, 0 changed"))
                let catalog = try await TerraceProcess.run(
                    "catalog", "import", "--data", data, ProjectFiles.path("fixtures/catalog/items.json"))
                #expect(catalog.output.contains("published 0, revised 0, unchanged 80, refused 0"), "\(catalog.output)")
            }
        }

        @Test func caseLinesAreTakenOnceAndBadOnesAreNamed() async throws {
            try await TerraceProcess.withCity { data in
                let lines = """
                    {"id": "1", "item": "no such item", "fields": {}}
                    {"id": "2"}
                    not json

                    {"id": "3", "item": "x", "actions": [{"action": "fly"}]}
                    """
                try await ProjectFiles.with("cases.jsonl", lines.utf8) { file in
                    let result = try await TerraceProcess.run("case", "import", "--data", data, file)
                    #expect(result.status == 1)
                    let said = result.output.split(separator: "\n")
                    #expect(said.count == 5 && said[0].hasPrefix("line 1: catalog.unknown"), "\(said)")
                    #expect(said.dropFirst().prefix(2).allSatisfy { $0.contains("import.malformed") }, "\(said)")
                    #expect(said.last == "0 taken, 0 unchanged, 4 refused")
                }
            }
        }

        /// A key that is passed over would be missing for ever: the same id is not taken a second time.
        @Test func aKeyThatMeansNothingIsRefusedByName() async throws {
            let table: [(line: String, code: String, key: String)] = [
                (#"{"id": "1", "item": "x", "action": []}"#, "import.unknownKey", "“action”"),
                (
                    #"{"id": "2", "item": "x", "actions": [{"action": "note"}, {"action": "note", "txt": "a"}]}"#,
                    "import.unknownKey", "“txt” means nothing in action 2"
                ),
                (#"{"id": "3", "item": "x", "fields": []}"#, "import.malformed", "“fields”"),
            ]
            try await TerraceProcess.withCity { data in
                let lines = table.map(\.line).joined(separator: "\n")
                try await ProjectFiles.with("cases.jsonl", lines.utf8) { file in
                    let result = try await TerraceProcess.run(
                        "case", "import", "--data", data, "--format", "json", file)
                    #expect(result.status == 1, "\(result.errors)")
                    let said = result.output.split(separator: "\n")
                    try #require(said.count == table.count, "\(said)")
                    for (at, (line, expected)) in zip(said, table).enumerated() {
                        let answer = try #require(
                            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                        #expect(answer["id"] as? String == "\(at + 1)" && answer["code"] as? String == expected.code)
                        #expect((answer["reason"] as? String)?.contains(expected.key) == true, "\(line)")
                    }
                }
            }
        }

        /// The same by a file and by hand.
        @Test func aCertificateStandsInForAMaterial() async throws {
            try await TerraceProcess.withVillage { village in
                let line = try DemoCases.line(number: 1).replacing("\"idCard\",", with: "")
                    .replacing("\"actor\"", with: "\"certificates\":[\"居民身份证电子证照\"],\"actor\"")
                try await ProjectFiles.with("cases.jsonl", line.utf8) { file in
                    let taken = try await TerraceProcess.run("case", "import", "--data", village.data, file)
                    #expect(taken.status == 0, "\(taken.output)\(taken.errors)")
                }
                var words = DemoCases.acceptance(of: "王小明") + ["--data", village.data]
                let at = try #require(words.firstIndex(of: "idCard"))
                words.removeSubrange((at - 1)...at)
                #expect(try await TerraceProcess.run(words).errors.contains("case.incomplete"))
                let receipt = try await TerraceProcess.succeed(words + ["--certificate", "居民身份证电子证照"]).output
                let shown = try await TerraceProcess.run(
                    "case", "show", "--data", village.data, receipt.trimmingCharacters(in: .whitespacesAndNewlines))
                #expect(shown.output.contains("material.idCard = certificate:居民身份证电子证照"), "\(shown.output)")
            }
        }

        /// A database that fails is no fault of the line: nothing is counted, and the import ends with it.
        @Test func aFailingDatabaseEndsAnImport() async throws {
            try await TerraceProcess.withCity { data in
                let file = URL(filePath: data + "/replica.sqlite")
                var bytes = try Data(contentsOf: file)
                // The pages that name the item become zeros; how long a page is stands in the file's head.
                let page = Int(bytes[16]) << 8 | Int(bytes[17])
                while let found = bytes.range(of: Data(DemoCases.item.utf8)) {
                    let start = found.lowerBound / page * page
                    bytes.replaceSubrange(start..<(start + page), with: Data(count: page))
                }
                try bytes.write(to: file)
                try await ProjectFiles.with("cases.jsonl", DemoCases.line(number: 1).utf8) { file in
                    let result = try await TerraceProcess.run("case", "import", "--data", data, file)
                    #expect(result.status == 1 && result.output.isEmpty, "\(result.output)")
                    #expect(result.errors.hasPrefix("terrace: replica.unreadable: "), "\(result.errors)")
                }
            }
        }

        /// What a clerk somewhere has typed does not move the cursor here.
        @Test func wordsOfOthersAreHarmlessOnATerminal() async throws {
            try await TerraceProcess.withVillage { village in
                let accepted = try await TerraceProcess.succeed(
                    DemoCases.acceptance(of: "王小明") + ["--field", "note.hint=a\u{9B}2Jb", "--data", village.data])
                let receipt = accepted.output.trimmingCharacters(in: .whitespacesAndNewlines)
                try await TerraceProcess.succeed(["case", "note", "--data", village.data, receipt, "c\u{1B}[2Jd"])
                let shown = try await TerraceProcess.run("case", "show", "--data", village.data, receipt).output
                #expect(shown.contains("a\u{FFFD}2Jb") && shown.contains("c\u{FFFD}[2Jd"), "\(shown)")
                #expect(!shown.contains("\u{1B}") && !shown.contains("\u{9B}"))
                let item = try await TerraceProcess.run("catalog", "show", "--data", village.data, DemoCases.item)
                #expect(item.status == 0 && item.output.contains("\"code\" : \"\(DemoCases.item)\""), "\(item.output)")
            }
        }

        @Test func aMissingDatabaseIsSaid() async throws {
            try await TerraceProcess.withCity { data in
                try FileManager.default.removeItem(atPath: data + "/replica.sqlite")
                let result = try await TerraceProcess.run("status", "--data", data)
                #expect(result.status == 1 && result.errors.contains("replica.absent"), "\(result.errors)")
            }
        }
    }
}
