import ArgumentParser
import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// The command line as a whole: every command teaches, answers programs, and ends with a code that means something.
    @Suite struct CommandLineTests {
        /// Every command that does something, with the words that call it.
        static let leaves: [(words: [String], command: any ParsableCommand.Type)] = {
            func below(_ command: any ParsableCommand.Type, _ words: [String]) -> [([String], any ParsableCommand.Type)]
            {
                let subcommands = command.configuration.subcommands
                guard !subcommands.isEmpty else { return [(words, command)] }
                return subcommands.flatMap { below($0, words + [$0.configuration.commandName ?? ""]) }
            }
            return below(Terrace.self, [])
        }()

        @Test func everyCommandTeaches() {
            #expect(Self.leaves.count > 35)
            for (words, command) in Self.leaves {
                let help = Terrace.helpMessage(for: command, columns: 100)
                #expect(help.contains("Example:"), "\(words)")
                #expect(help.contains("  terrace \(words.joined(separator: " "))"), "\(words)")
            }
        }

        /// Runs commands and notes which they were.
        private final class Walk {
            var walked: Set<[String]> = []

            /// What a command answers to a program: one JSON text.
            @discardableResult
            func json(_ words: [String], _ rest: String..., status: Int32 = 0) async throws -> Any {
                let result = try await TerraceProcess.run(words + rest + ["--format", "json"])
                #expect(result.status == status, "\(words): \(result.errors)")
                walked.insert(words)
                let bytes = Data(result.output.utf8)
                do {
                    return try JSONSerialization.jsonObject(with: bytes, options: .fragmentsAllowed)
                } catch {
                    Issue.record("\(words): no JSON: \(result.output)\(result.errors)")
                    return [:]
                }
            }

            func text(_ key: String, _ words: [String], _ rest: [String]) async throws -> String {
                let result = try await TerraceProcess.run(words + rest + ["--format", "json"])
                #expect(result.status == 0, "\(words): \(result.errors)")
                walked.insert(words)
                let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
                return try #require(object?[key] as? String, "\(words): \(result.output)")
            }
        }

        @Test func everyCommandAnswersPrograms() async throws {
            let walk = Walk()
            try await TerraceProcess.withVillage { village in
                let (city, data) = (village.city, village.data)
                try await walk.json(["version"])
                try await walk.json(["topology", "check"], ProjectFiles.path("topology/demo.yaml"))
                try await walk.json(["topology", "import"], "--data", city, ProjectFiles.path("topology/demo.yaml"))
                try await walk.json(
                    ["topology", "generate"], "--branches", "1", "--counties", "1", "--towns", "2", "--villages", "4",
                    "--seed", "7", "--root-code", "3799", "--output", city + "-made.yaml")
                try FileManager.default.removeItem(atPath: city + "-made.yaml")
                try await walk.json(
                    ["calendar", "import"], "--data", city, ProjectFiles.path("fixtures/calendars/cn-2025-2026.yaml"))
                try await walk.json(
                    ["init"], "--data", city + "-2", "--network", "x", "--unit", "3700", "--name", "x")
                try await walk.json(["enroll", "code"], "--data", city, "379921")
                try await walk.json(["backup"], "--data", city, city + "-backups", "--name", "one")
                try await walk.json(["restore"], city + "-backups/one", "--data", city + "-restored")
                try await walk.json(["restore"], city + "-backups/one", "--data", city + "-restored", "--keys")

                let items = ProjectFiles.path("fixtures/catalog/items.json")
                for command in ["import", "publish", "revise"] {
                    try await walk.json(["catalog", command], "--data", city, items)
                }
                try await walk.json(["catalog", "list"], "--data", data, "--limit", "3")
                try await walk.json(["catalog", "search"], "--data", data, "小作坊")
                try await walk.json(["catalog", "show"], "--data", data, DemoCases.item)
                try await walk.json(["catalog", "override"], "--data", data, DemoCases.item, "--window", "3号窗口")

                let words = DemoCases.acceptance(of: "王小明")
                func accept() async throws -> String {
                    try await walk.text(
                        "receipt", Array(words.prefix(2)), Array(words.dropFirst(2)) + ["--data", data])
                }
                func step(_ action: String, _ receipt: String, _ rest: String..., at place: String? = nil) async throws
                {
                    let answer =
                        try JSONSerialization.jsonObject(
                            with: Data(
                                try await TerraceProcess.run(
                                    ["case", action, "--data", place ?? data, receipt] + rest + ["--format", "json"]
                                ).output.utf8)) as? [String: Any]
                    #expect(
                        ["done", "written"].contains(answer?["result"] as? String ?? ""), "\(action): \(answer ?? [:])")
                    walk.walked.insert(["case", action])
                }
                let one = try await accept(), two = try await accept(), three = try await accept(),
                    four = try await accept()
                try await step("correct", one, "--missing", "身份证复印件")
                try await step("supplement", one, "--field", "form.site=三号")
                try await step("amend", one, "--field", "applicant.phone=13900001001")
                try await step("note", one, "已电话告知")
                try await step("decide", one, "granted")
                try await step("deliver", one)
                try await step("evaluate", one, "不满意", "--text", "等得太久")
                try await step("withdraw", two, "--text", "撤回")
                try await step("cancel", three, "--text", "误受理")
                try await step("forward", four, "--to", "3799")
                try await step("settle", one, "--field", "form.site=三号")
                try await step("reroute", one, "--to", "379902001")
                // Nobody asks anything: a refusal is nothing on standard output, and a code.
                let answer = try await TerraceProcess.run(
                    "case", "answer", "--data", data, one, "--admit", String(repeating: "0", count: 32), "--format",
                    "json")
                #expect(answer.status == 1 && answer.output.isEmpty, "\(answer.output)")
                #expect(answer.errors.hasPrefix("terrace: case."), "\(answer.errors)")
                walk.walked.insert(["case", "answer"])
                // It is here.
                let fetched = try await TerraceProcess.run("case", "fetch", "--data", data, one, "--format", "json")
                #expect(fetched.status == 1 && fetched.output.isEmpty && fetched.errors.contains("case.isHere"))
                walk.walked.insert(["case", "fetch"])
                try await walk.json(["retire", "rule"], "--data", city, "--tier", "village", "--months", "6")
                try await walk.json(["retire", "now"], "--data", data, "--dry-run")
                try await walk.json(["case", "show"], "--data", data, one)
                try await walk.json(["case", "list"], "--data", data)
                try await walk.json(["case", "resting"], "--data", data)
                try await walk.json(["case", "resting"], "--data", data, one)
                try await walk.json(["case", "resting"], "--data", data, "--seen")
                try await walk.json(["case", "search"], "--data", data, "小明")
                try await ProjectFiles.with("one.jsonl", DemoCases.line(number: 1).utf8) { file in
                    _ = try await walk.json(["case", "import"], "--data", data, file)
                }

                let five = try await accept()
                try await walk.json(["sync"], "--data", data, "--leave-unsent-work-behind")
                try await walk.json(["verify"], "--data", data, "--with", "3799", "--repair")
                // What both have signed is at either end.
                for (place, other) in [(data, "3799"), (city, "379902")] {
                    let kept = try await walk.json(["verify"], "--data", place, "--receipt", "--with", other)
                    let receipt = try #require((kept as? [[String: Any]])?.first)
                    #expect(receipt["holds"] as? Bool == true && (receipt["statements"] as? [Any])?.count == 2)
                }
                try await step("take-over", five, "--presumed-lost", "--text", "停办", at: city)
                try await walk.json(["topology", "move"], "--data", city, "379902100", "--to", "379921")
                try await walk.json(["topology", "join"], "--data", city, "--authority", city + "/authority.key")
                try await walk.json(["status"], "--data", data)
                // Nobody has made a backup of it.
                try await walk.json(["doctor"], "--data", data, status: 1)
                try await walk.json(["stats"], "--data", city, "--by", "unit")
                try await walk.json(["verify"], "--data", city, "--unit", "379902")
                try await walk.json(["rebuild"], "--data", data, "--check")
                try await walk.json(["scrub"], "--data", data)
                try await walk.json(["scrub"], "--data", data, "--taken-out", "--seen")
                let stick = data + "-stick"
                try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
                let written = try await walk.json(["bundle", "export"], "--data", data, "--to", "3799", stick)
                let volume = try #require(((written as? [String: Any])?["files"] as? [String])?.first)
                try await walk.json(["bundle", "show"], volume)
                try await walk.json(["bundle", "import"], "--data", city, stick)
                try await walk.json(["node", "forks"], "--data", data)
                try await walk.json(["node", "cut"], "--data", city, "379902#1")
                // Nothing has come since.
                for further in [[], ["--further"]] {
                    let repeated = try await TerraceProcess.run(["node", "cut", "--data", city, "379902#1"] + further)
                    #expect(repeated.status == 1 && repeated.errors.contains("cut.stands: "), "\(repeated.errors)")
                }
                let again = try await TerraceProcess.succeed(["enroll", "code", "--data", city, "379902"]).output
                // Given a second time it finds that it is done.
                for formerly in ["379902#1", "379902#2"] {
                    let named = try await walk.json(
                        ["enroll", "again"], "--data", data, "--code",
                        again.trimmingCharacters(in: .whitespacesAndNewlines))
                    let output = named as? [String: Any]
                    #expect(output?["formerly"] as? String == formerly && output?["node"] as? String == "379902#2")
                }
                try await walk.json(["catalog", "retire"], "--data", city, DemoCases.item, "--reason", "取消")

                let code = try await walk.text("code", ["enroll", "code"], ["--data", city, "379921"])
                try await walk.json(
                    ["enroll", "join"], "--data", data + "-3", "--unit", "379921", "--parent",
                    "127.0.0.1:\(village.port)",
                    "--code", code)
                try await TerraceProcess.servingJSON([
                    "--data", data, "--listen", "127.0.0.1:0", "--hall", "127.0.0.1:0",
                ]) {
                    lines in
                    #expect(lines.contains { ($0["port"] as? Int ?? 0) > 0 && $0["node"] as? String == "379902#2" })
                    #expect(lines.contains { ($0["hall"] as? String)?.hasPrefix("http://127.0.0.1:") == true })
                    walk.walked.insert(["serve"])
                }
                try await walk.json(["salvage"], "--data", data)
            }
            let missing = Set(Self.leaves.map(\.words)).subtracting(walk.walked)
            // These take a minute, and are run for themselves.
            #expect(missing == [["demo"], ["simulate"], ["swarm"]])
        }

        @Test func exitCodesMeanSomething() async throws {
            for words in [["--help"], ["case", "accept", "--help"], ["version"]] {
                #expect(try await TerraceProcess.run(words).status == 0, "\(words)")
            }
            for words in [
                ["fly"], ["case"], ["case", "accept"], ["case", "show"], ["status", "--format", "xml"],
                ["stats", "--by", "moon"],
                ["catalog", "override", "x"], ["case", "resting", "x", "--seen"], ["scrub", "--seen"],
                ["topology", "generate", "--seed", "1", "--root-code", "3799", "--format", "json"],
                ["restore", "x", "--keys", "--replace"], ["restore", "x", "--losing-unsent"],
                ["swarm", "--seeds", "0"], ["swarm", "--seeds=-1"], ["swarm", "--seeds", "1", "--lanes", "0"],
                ["swarm", "--seeds", "0", "--past", "/dev/null"], ["swarm", "--shrink=-1"],
                ["swarm", "--seeds", "2", "--from", "\(UInt64.max)"],
            ] {
                let result = try await TerraceProcess.run(words)
                #expect(result.status == (words == ["case"] ? 0 : 64), "\(words): \(result.status)")
            }
            for words in [["status", "--data", "/nonexistent"], ["topology", "check", "/nonexistent.yaml"]] {
                let result = try await TerraceProcess.run(words)
                #expect(result.status == 1 && (result.errors + result.output).contains("."), "\(words)")
            }
        }

        /// A kept seed that is passed over is one that is tried no more.
        @Test(arguments: ["7x", "7 1-3 4", "7 1-x", "a seed"])
        func aKeptSeedThatCannotBeReadIsRefused(line: String) async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "past-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data("# seeds\n\n\(line) # why\n".utf8).write(to: file)
            let result = try await TerraceProcess.run("swarm", "--seeds", "0", "--past", file.path)
            #expect(result.status == 1 && result.errors.contains("input.bad: "), "\(result.errors)")
        }

        /// What replays a run is copied into a shell.
        @Test func aPathWithBlanksIsOneWord() {
            #expect(SimulateCommand.quoted("topology/demo.yaml") == "topology/demo.yaml")
            #expect(SimulateCommand.quoted("滨州.yaml") == "滨州.yaml")
            #expect(SimulateCommand.quoted("my city.yaml") == "'my city.yaml'")
            #expect(SimulateCommand.quoted("it's.yaml") == "'it'\\''s.yaml'")
        }

        @Test func casesAreFoundByTwoCharacters() async throws {
            try await TerraceProcess.withVillage { village in
                let names = ["王小明", "李秀英", "王大山"]
                var receipts: [String] = []
                for name in names {
                    let result = try await TerraceProcess.run(
                        DemoCases.acceptance(of: name) + ["--data", village.data])
                    receipts.append(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                func found(_ words: String...) async throws -> [String] {
                    let result = try await TerraceProcess.run(["case", "search", "--data", village.data] + words)
                    #expect(result.status == 0, "\(result.errors)")
                    return result.output.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
                }
                #expect(try await found("小明") == [receipts[0]])
                #expect(try await found("秀英") == [receipts[1]])
                #expect(Set(try await found("小作")) == Set(receipts))
                #expect(try await found("小作", "大山") == [receipts[2]])
                #expect(try await found(receipts[1]) == [receipts[1]])
                #expect(try await found("小明", "--phase", "decided") == [])
                #expect(try await found("没人") == [])
                let list = try await TerraceProcess.run(["case", "list", "--data", village.data, "--unsent"])
                #expect(list.status == 0 && list.output.split(separator: "\n").count == 3, "\(list.errors)")
                #expect(try await found("小明", "--unsent") == [receipts[0]])
                #expect(try await found("小明", "--accepted-by", "3799") == [])
                let wrong = try await TerraceProcess.run("case", "search", "--data", village.data, "小明", "--phase", "x")
                #expect(wrong.status == 1 && wrong.errors.contains("input.bad: "))
            }
        }

        @Test func anImportShowsHowFarItIs() async throws {
            try await TerraceProcess.withCity { data in
                try await ProjectFiles.with("bad.jsonl", String(repeating: "{}\n", count: 1001).utf8) { file in
                    let result = try await TerraceProcess.run(
                        ["case", "import", "--data", data, file], language: "zh_CN.UTF-8")
                    #expect(result.status == 1 && result.output.hasSuffix("收下0，不变0，拒绝1001\n"))
                    #expect(result.errors == "已读1000行：收下0，不变0，拒绝1000\n")
                }
            }
        }

        @Test func statusSaysSinceWhenTheLineIsCut() async throws {
            func status(_ data: String, _ language: String) async throws -> String {
                let result = try await TerraceProcess.run(["status", "--data", data], language: language)
                #expect(result.status == 0, "\(result.errors)")
                return result.output
            }
            try await TerraceProcess.withVillage { village in
                let alone = try await status(village.data, "C")
                #expect(alone.contains("nobody serves this node") && alone.contains("nothing waits to be sent up"))
                // The port of a parent that is gone.
                try await TerraceProcess.serving([
                    "--data", village.data, "--listen", "127.0.0.1:0", "--uplink", "127.0.0.1:9", "--log", "error",
                ]) { _ in
                    let accepted = try await TerraceProcess.run(
                        DemoCases.acceptance(of: "王小明") + ["--data", village.data])
                    #expect(accepted.status == 0)
                    var text = ""
                    for _ in 0..<50 where !text.contains("cut since") {
                        text = try await status(village.data, "C")
                        if !text.contains("cut since") { try await Task.sleep(for: .milliseconds(100)) }
                    }
                    #expect(
                        text.contains("line.down: the line up is cut since 20") && text.contains("cannot be reached"),
                        "\(text)")
                    #expect(text.contains("change sets that wait to be sent up: 1"), "\(text)")
                    let chinese = try await status(village.data, "zh_CN.UTF-8")
                    #expect(
                        chinese.contains("起中断") && chinese.contains("窗口无须处理") && chinese.contains("有1条变更待上报"),
                        "\(chinese)")
                    #expect(chinese.contains("无法连接对方节点"), "\(chinese)")
                }
                // What the server noted says nothing any more.
                let later = try await status(village.data, "C")
                #expect(!later.contains("cut since"))
                try await TerraceProcess.serving(["--data", village.data, "--listen", "127.0.0.1:0"]) { _ in
                    var text = ""
                    for _ in 0..<50 where !text.contains("is good since") || !text.contains("nothing waits") {
                        text = try await status(village.data, "C")
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    #expect(
                        text.contains("the line up is good since 20") && text.contains("nothing waits to be sent up"))
                }
            }
        }
    }
}
