import ArgumentParser
import Foundation
import SyncNode
import Testing

@testable import terrace

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ProcessTests {
    /// A folder that is broken in each way, and what `terrace doctor` says of it.
    @Suite struct DoctorTests {
        private struct Report {
            let status: Int32
            let findings: [[String: Any]]

            var codes: [String] { findings.compactMap { $0["code"] as? String } }

            func text(_ code: String) -> String {
                let finding = findings.first { $0["code"] as? String == code } ?? [:]
                return ["what", "effect", "wayOut"].compactMap { finding[$0] as? String }.joined(separator: "\n")
            }
        }

        private static func examine(
            _ data: String, language: String = "C.UTF-8", by run: ([String]) -> [String] = { $0 },
            program: URL = TerraceProcess.program
        ) async throws -> Report {
            let words = run(["doctor", "--data", data, "--format", "json"])
            let result = try await TerraceProcess.run(words, by: program, language: language)
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            let findings = try #require(object?["findings"] as? [[String: Any]], "\(result.errors)")
            return Report(status: result.status, findings: findings)
        }

        private static func write(_ text: String, to file: String) throws {
            try Data(text.utf8).write(to: URL(filePath: file))
        }

        /// What is done to a folder, and the finding that must come of it.
        private static let breakages: [(code: String, hurt: @Sendable (String) async throws -> Void)] = [
            ("folder.missing", { try FileManager.default.removeItem(atPath: $0 + "/node.key") }),
            ("folder.missing", { try FileManager.default.removeItem(atPath: $0 + "/certificates.pem") }),
            ("folder.damaged", { try write("no key", to: $0 + "/seal.key") }),
            (
                "folder.otherKey",
                { data in
                    let other = data + "-other"
                    try await TerraceProcess.succeed([
                        "init", "--data", other, "--network", "x", "--unit", "3700", "--name", "x",
                    ])
                    try Data(contentsOf: URL(filePath: other + "/node.key")).write(
                        to: URL(filePath: data + "/node.key"))
                }
            ),
            (
                "folder.exposed",
                {
                    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: $0 + "/node.key")
                }
            ),
            ("folder.settings", { try write("uplink: {", to: $0 + "/terrace.yaml") }),
            ("line.noUplink", { try write("listen: 127.0.0.1:0\n", to: $0 + "/terrace.yaml") }),
            ("anchor.missed", { try FileManager.default.removeItem(atPath: $0 + "/anchor") }),
            ("anchor.damaged", { try write("no JSON", to: $0 + "/anchor") }),
            ("database.absent", { try FileManager.default.removeItem(atPath: $0 + "/replica.sqlite") }),
            ("database.empty", { try write("", to: $0 + "/replica.sqlite") }),
            (
                "database.unreadable",
                { data in
                    let handle = try FileHandle(forUpdating: URL(filePath: data + "/replica.sqlite"))
                    try handle.write(contentsOf: Data("XQLite".utf8))
                    try handle.close()
                }
            ),
            ("database.unreadable", { try await TerraceProcess.overwrite(page: "service_case", of: $0) }),
            ("database.newer", { try await TerraceProcess.sqlite($0, "INSERT INTO grdb_migrations VALUES ('999')") }),
            (
                "database.older",
                {
                    try await TerraceProcess.sqlite(
                        $0, "DELETE FROM grdb_migrations WHERE rowid = (SELECT max(rowid) FROM grdb_migrations)")
                }
            ),
            (
                "database.damaged",
                {
                    try await TerraceProcess.sqlite(
                        $0, "UPDATE run SET packed = CAST(packed || x'00' AS BLOB) WHERE feed = 1")
                }
            ),
            ("database.copy", { try await TerraceProcess.sqlite($0, "UPDATE node SET copied = 1764000000") }),
            (
                "database.behind",
                {
                    try await TerraceProcess.python(
                        """
                        import json
                        content = json.load(open(sys.argv[1]))
                        del content["sha256"]
                        content["heads"] = [0, 9, 0]
                        open(sys.argv[1], "w").write(json.dumps(content, sort_keys=True, separators=(",", ":")))
                        """, $0 + "/anchor")
                }
            ),
            (
                "anchor.missed",
                {
                    let author = String(repeating: "0", count: 32)
                    try write(#"{"author":"\#(author)","ceiling":640,"depth":3,"heads":[0,9,0]}"#, to: $0 + "/anchor")
                }
            ),
            ("database.other", { try await TerraceProcess.sqlite($0, "UPDATE node SET ordinal = 7") }),
            (
                "disk.setAside",
                {
                    try await TerraceProcess.sqlite(
                        $0, "INSERT INTO set_aside SELECT max(id), 'x.y', 'x', 'x', '0', 1, 1 FROM record")
                }
            ),
            (
                "disk.unknownKinds",
                {
                    try await TerraceProcess.sqlite(
                        $0,
                        """
                        INSERT INTO case_status SELECT record, max(position), 'void.unknownKind' FROM journal
                        WHERE feed = 2
                        """
                    )
                }
            ),
            (
                "disk.damaged",
                {
                    try await TerraceProcess.sqlite(
                        $0,
                        "INSERT INTO scrub (began, phase, after, checked, damaged, finished) VALUES (1, 9, 0, 4, 2, 2)")
                }
            ),
            ("work.drafts", { try await TerraceProcess.sqlite($0, "INSERT INTO draft VALUES ('d', 'x', '{}', 1, 1)") }),
            ("work.conflicts", { try await TerraceProcess.sqlite($0, "UPDATE service_case SET conflicts = 1") }),
            ("backlog.waiting", { _ in }),
            ("backup.none", { _ in }),
            ("line.notServed", { _ in }),
        ]

        @Test func aBrokenFolderIsNamedAndNothingInItIsChanged() async throws {
            try await TerraceProcess.withVillage { village in
                try await TerraceProcess.succeed(DemoCases.acceptance(of: "王小明") + ["--data", village.data])
                for (number, breakage) in Self.breakages.enumerated() {
                    let data = "\(village.data)-\(number)"
                    try FileManager.default.copyItem(atPath: village.data, toPath: data)
                    try await breakage.hurt(data)
                    let before = try Self.content(of: data)
                    let report = try await Self.examine(data)
                    #expect(report.codes.contains(breakage.code), "\(breakage.code): \(report.codes)")
                    let needsSomebody = report.findings.contains { $0["severity"] as? String != "note" }
                    #expect(report.status == (needsSomebody ? 1 : 0), "\(breakage.code)")
                    #expect(try Self.content(of: data) == before, "\(breakage.code)")
                    let chinese = try await Self.examine(data, language: "zh_CN.UTF-8")
                    #expect(chinese.codes == report.codes && chinese.text(breakage.code) != report.text(breakage.code))
                    // What there is to be done can be typed as it stands.
                    #expect(!report.findings.contains { "\($0["wayOut"] ?? "")".contains("DIR") }, "\(breakage.code)")
                }
            }
        }

        /// All files but those that SQLite's readers share.
        private static func content(of data: String) throws -> [String: Data] {
            var out: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: data)
            where !name.hasSuffix("-shm") && !name.hasSuffix("-wal") {
                out[name] = try Data(contentsOf: URL(filePath: "\(data)/\(name)"))
            }
            return out
        }

        @Test func aFolderWithoutANodeIsNamed() async throws {
            let report = try await Self.examine("/nonexistent/terrace")
            #expect(report.codes == ["folder.noNode"] && report.status == 1)
            #expect(report.text("folder.noNode").contains("--data /nonexistent/terrace"))
            let text = try await TerraceProcess.run(
                ["doctor", "--data", "/nonexistent/terrace"], language: "zh_CN.UTF-8")
            #expect(text.status == 1 && text.output.hasPrefix("危险  folder.noNode\n"), "\(text.output)")
        }

        @Test func aFolderOfAnotherAccountIsNamed() async throws {
            try await TerraceProcess.withCity { data in
                let files = FileManager.default.enumerator(atPath: data)?.allObjects as? [String] ?? []
                for file in files {
                    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: "\(data)/\(file)")
                }
                try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: data)
                let parent = URL(filePath: data).deletingLastPathComponent().path
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: parent)
                defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: data) }
                let isRoot = geteuid() == 0
                let report = try await Self.examine(
                    data,
                    by: { words in
                        guard isRoot else { return words }
                        return ["--reuid=65534", "--regid=65534", "--clear-groups", TerraceProcess.program.path] + words
                    }, program: isRoot ? URL(filePath: "/usr/bin/setpriv") : TerraceProcess.program)
                #expect(report.codes.contains("folder.denied") && report.status == 1, "\(report.codes)")
                #expect(report.text("folder.denied").contains("permission denied"))
            }
        }

        @Test(.enabled(Comment(rawValue: SmallDisk.notPermitted), { await SmallDisk.isPermitted() }))
        func aFullAndALockedDiskAreNamed() async throws {
            try await SmallDisk.with(megabytes: 24) { disk in
                try await TerraceProcess.withCity(in: disk.path) { data in
                    #expect(try await Self.examine(data).codes.contains("folder.low"))
                    try await disk.fill(leaving: 0)
                    let full = try await Self.examine(data)
                    #expect(full.codes.first == "folder.full" && full.status == 1, "\(full.codes)")
                    try disk.makeRoom()
                    try await disk.lock()
                    let locked = try await Self.examine(data)
                    try await disk.unlock()
                    #expect(locked.codes.first == "folder.readOnly" && locked.status == 1, "\(locked.codes)")
                }
            }
        }

        /// With a good line and a backup on another disk there is nothing to do, and it says so by its exit code.
        @Test(.enabled(Comment(rawValue: SmallDisk.notPermitted), { await SmallDisk.isPermitted() }))
        func besideAServingNodeThatIsSoundItEndsWithZero() async throws {
            try await SmallDisk.with(megabytes: 24) { disk in
                try await TerraceProcess.withVillage { village in
                    try await TerraceProcess.succeed(["backup", "--data", village.data, disk.path])
                    try await TerraceProcess.serving(["--data", village.data, "--listen", "127.0.0.1:0"]) { _ in
                        var report = try await Self.examine(village.data)
                        for _ in 0..<50 where !report.codes.isEmpty {
                            try await Task.sleep(for: .milliseconds(100))
                            report = try await Self.examine(village.data)
                        }
                        #expect(report.codes.isEmpty && report.status == 0, "\(report.codes)")
                        let text = try await TerraceProcess.run("doctor", "--data", village.data)
                        #expect(text.output == "nothing is wrong with this node\n", "\(text.output)")
                    }
                }
            }
        }

        /// Each way to lose the line, by real processes.
        @Test func theLineOfAServingNodeIsNamed() async throws {
            try await TerraceProcess.withVillage { village in
                func serving(_ words: [String], until code: String) async throws {
                    try await TerraceProcess.serving(
                        ["--data", village.data, "--listen", "127.0.0.1:0", "--log", "error"] + words
                    ) { _ in
                        var report = try await Self.examine(village.data)
                        for _ in 0..<50 where !report.codes.contains(code) {
                            try await Task.sleep(for: .milliseconds(100))
                            report = try await Self.examine(village.data)
                        }
                        #expect(report.codes.contains(code), "\(code): \(report.codes)")
                        #expect(!report.codes.contains("line.notServed"))
                    }
                }
                try await serving(["--uplink", "127.0.0.1:9"], until: "line.down")
                // Whoever answers there speaks HTTP and is no node, as a portal is.
                try await TerraceProcess.withCity { other in
                    try await TerraceProcess.servingJSON([
                        "--data", other, "--listen", "127.0.0.1:0", "--hall", "127.0.0.1:0",
                    ]) { lines in
                        let hall = try #require(lines.compactMap { $0["hall"] as? String }.first.flatMap(URL.init))
                        try await serving(["--uplink", "127.0.0.1:\(hall.port ?? 0)"], until: "line.portal")
                        // A node of another network has no certificate of this one, as whoever opens the line.
                        let port = try #require(lines.compactMap { $0["port"] as? Int }.first)
                        try await serving(["--uplink", "127.0.0.1:\(port)"], until: "line.portal")
                    }
                }
                // Who has written nothing yet cannot be cut.
                try await TerraceProcess.succeed(DemoCases.acceptance(of: "王小明") + ["--data", village.data])
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                try await TerraceProcess.succeed(["node", "cut", "--data", village.city, "379902#1"])
                // Before it has heard of the cut it hears that it is not let in; the charter comes no more.
                try await serving([], until: "standing.held")
            }
        }

        /// Every command that a way out names is one that there is, with options that it has.
        @Test func whatIsToBeTypedIsUnderstood() throws {
            let fill = [
                "DIR": "data", "PARENT": "3799", "BACKUP": "b", "FOLDER": "f", "STICK": "s", "CODE": "c",
                "UNIT": "379902",
                "HOST:PORT": "a:1", "UNIT#N": "379902#1", "LINE": "x",
            ]
            var walked = 0
            for kind in FindingKind.all {
                let pieces = kind.wayOut[.english].split(separator: "`", omittingEmptySubsequences: false)
                for (index, piece) in pieces.enumerated() where !index.isMultiple(of: 2) && piece.hasPrefix("terrace ")
                {
                    var words = piece.split(separator: " ").dropFirst().map { fill[String($0)] ?? String($0) }
                    if !words.contains(where: { $0.hasPrefix("-") }) { words.append("--help") }
                    walked += 1
                    do {
                        _ = try Terrace.parseAsRoot(words)
                    } catch {
                        #expect(Terrace.exitCode(for: error) == .success, "\(kind.code): \(piece): \(error)")
                    }
                }
            }
            #expect(walked > 40)
        }
    }
}
