import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// `terrace bundle` between two data directories, one of which is being served.
    @Suite struct BundleTests {
        private func json(_ words: [String], status: Int32 = 0) async throws -> [String: Any] {
            let result = try await TerraceProcess.run(words + ["--format", "json"])
            #expect(result.status == status, "\(words): \(result.errors)\(result.output)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.output)")
        }

        @Test func casesGoUpAndTheAnswerComesBackOnAStick() async throws {
            try await TerraceProcess.withVillage { village in
                let stick = FileManager.default.temporaryDirectory.appending(path: "stick-\(UUID().uuidString)").path
                try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
                defer { try? FileManager.default.removeItem(atPath: stick) }
                let export = ["bundle", "export", "--data", village.data, "--to", "3799", stick]
                let lines = try (0..<2800).map { try DemoCases.line(number: $0) }.joined(separator: "\n")
                try await ProjectFiles.with("cases.jsonl", lines.utf8) { file in
                    _ = try await TerraceProcess.succeed(["case", "import", "--data", village.data, file])
                }
                let first = try await json(export + ["--size", "32768", "--volumes", "1"])
                #expect(first["isWhole"] as? Bool == false)
                let rest = try await json(export + ["--size", "32768", "--continue"])
                let files = (first["files"] as? [String] ?? []) + (rest["files"] as? [String] ?? [])
                #expect(rest["isWhole"] as? Bool == true && files.count >= 3, "\(files)")
                let sizes = try files.map { try Data(contentsOf: URL(filePath: $0)).count }
                #expect(sizes.allSatisfy { $0 <= 32_768 })

                let shown = try await json(["bundle", "show", files[1]])
                #expect(shown["from"] as? String == "379902#1" && shown["to"] as? String == "3799#1")
                #expect(shown["volume"] as? Int == 2 && shown["isLast"] as? Bool == false)

                // The city is served meanwhile; a volume at a time, the second first, and one of them damaged.
                let bring = ["bundle", "import", "--data", village.city]
                let second = try await json(bring + [files[1]])
                #expect(second["hasGap"] as? Bool == true)
                #expect((second["missing"] as? [String: [Int]])?.values.first == [1], "\(second)")
                var bytes = try Data(contentsOf: URL(filePath: files[0]))
                bytes[bytes.count / 2] ^= 1
                try bytes.write(to: URL(filePath: stick + "/damaged.bundle"))
                let all = try await json(bring + [stick], status: 1)
                let volumes = try #require(all["volumes"] as? [[String: Any]])
                #expect(volumes.compactMap { $0["code"] as? String } == ["bundle.damaged"])
                #expect(all["hasGap"] as? Bool == false && (all["missing"] as? [String: Any])?.isEmpty == true)

                // What the courier takes back: nothing is left to say.
                let back = try await json(["bundle", "export", "--data", village.city, "--to", "379902", stick])
                #expect(back["isFromBeginning"] as? Bool == false)
                let home = try await json(["bundle", "import", "--data", village.data, stick], status: 1)
                #expect((home["volumes"] as? [[String: Any]])?.count == 2, "its own are passed over: \(home)")
                #expect(try await json(export)["changeSets"] as? Int == 0)
                #expect(try await json(["status", "--data", village.data])["unsent"] as? Int == 0)
                let prints = try await [village.data, village.city].async {
                    try await json(["verify", "--data", $0, "--unit", "379902"])["fingerprint"] as? String
                }
                #expect(Set(prints).count == 1 && prints[0] != nil)
                let sync = try await json(["sync", "--data", village.data])
                #expect(sync["sentBatches"] as? Int == 0 && sync["newChangeSets"] as? Int == 0, "\(sync)")
            }
        }

        /// Sticks are how it is found out where there is no line.
        @Test func thatTwoMachinesWroteUnderOneNameIsSaid() async throws {
            try await TerraceProcess.withVillage { village in
                let place = FileManager.default.temporaryDirectory.appending(path: "stick-\(UUID().uuidString)").path
                defer { try? FileManager.default.removeItem(atPath: place) }
                let machines = [village.data, place + "/two", place + "/three"]
                var sticks: [String] = []
                for (number, data) in machines.enumerated() {
                    sticks.append("\(place)/stick\(number)")
                    try FileManager.default.createDirectory(atPath: sticks[number], withIntermediateDirectories: true)
                    if number > 0 { try FileManager.default.copyItem(atPath: village.data, toPath: data) }
                }
                for (number, data) in machines.enumerated() {
                    try await ProjectFiles.with("cases.jsonl", DemoCases.line(number: number).utf8) { file in
                        _ = try await TerraceProcess.succeed(["case", "import", "--data", data, file])
                    }
                    try await TerraceProcess.succeed([
                        "bundle", "export", "--data", data, "--to", "3799", sticks[number],
                    ])
                }
                let bring = ["bundle", "import", "--data", village.city]
                for (stick, forks) in zip(sticks, [0, 1]) {
                    let volumes = try await json(bring + [stick])["volumes"] as? [[String: Any]]
                    #expect(volumes?.compactMap { $0["forks"] as? Int } == [forks], "\(stick)")
                }
                let said = try await TerraceProcess.succeed(bring + [sticks[2]]).output
                #expect(said.contains("1 runs that contradict what is held: see terrace node forks"), "\(said)")
                let nothing = try await TerraceProcess.succeed(bring + [sticks[0]]).output
                #expect(!nothing.contains("terrace node forks"), "\(nothing)")
            }
        }

        @Test func peopleAreToldWhatToDo() async throws {
            try await TerraceProcess.withVillage { village in
                let stick = FileManager.default.temporaryDirectory.appending(path: "stick-\(UUID().uuidString)").path
                let export = ["bundle", "export", "--data", village.data, "--to"]
                let missing = try await TerraceProcess.run(export + ["3799", stick])
                #expect(missing.status == 1 && missing.errors.contains("bundle.noFolder"), "\(missing.errors)")
                try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
                defer { try? FileManager.default.removeItem(atPath: stick) }
                let empty = try await TerraceProcess.run("bundle", "import", "--data", village.city, stick)
                #expect(empty.status == 1 && empty.errors.contains("bundle.noVolumes"), "\(empty.errors)")
                let strange = try await TerraceProcess.run(export + ["379921", stick])
                #expect(strange.status == 1 && strange.errors.contains("bundle.notNeighbour"), "\(strange.errors)")
                #expect(try await TerraceProcess.run(export + ["3799", stick, "--size", "1"]).status == 64)
                let written = try await TerraceProcess.succeed(export + ["3799", stick]).output
                #expect(written.contains("take back a bundle"), "\(written)")
                let again = try await TerraceProcess.succeed(export + ["3799", "--continue", stick]).output
                #expect(again.contains("behind the last volume") && !again.contains("last heard"), "\(again)")
                let taken = try await TerraceProcess.succeed(["bundle", "import", "--data", village.city, stick]).output
                #expect(taken.contains("take back a return bundle to 379902#1"), "\(taken)")
                let nothing = try await TerraceProcess.succeed(["bundle", "import", "--data", village.data, stick])
                #expect(nothing.output.contains("2 volumes for other nodes"), "\(nothing.output)")
                let wrong = try await TerraceProcess.run("bundle", "show", village.data + "/terrace.yaml")
                #expect(wrong.status == 1 && wrong.errors.contains("bundle.none"), "\(wrong.errors)")
            }
        }
    }
}

extension [String] {
    /// One after the other.
    fileprivate func async<T>(_ body: (String) async throws -> T) async rethrows -> [T] {
        var out: [T] = []
        for one in self { out.append(try await body(one)) }
        return out
    }
}
