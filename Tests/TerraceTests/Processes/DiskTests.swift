import Foundation
import Testing

@testable import terrace

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ProcessTests {
    /// The real program on a disk that is full, or that may not be written to: a clear error, nothing lost, nothing
    /// half done, and after room was made it goes on.
    @Suite struct DiskTests {
        private static let county = "379902"

        /// `count` lines for `terrace case import`, all for the demo's item.
        private static func lines(_ numbers: Range<Int>) throws -> String {
            try numbers.map { try DemoCases.line(number: $0) + "\n" }.joined()
        }

        /// The receipts that an import with `--format json` confirmed.
        private static func receipts(in output: String) -> [String] {
            output.split(separator: "\n").compactMap { DemoCases.receipt(inAnswer: String($0)) }
        }

        /// Everything that was confirmed is there, and the derived tables are what the journal says.
        private static func isWhole(
            _ data: String, _ confirmed: [String], sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let list = try await TerraceProcess.run("case", "list", "--data", data, "--limit", "10000")
            for receipt in confirmed {
                #expect(list.output.contains(receipt), "lost: \(receipt)", sourceLocation: sourceLocation)
            }
            #expect(list.output.split(separator: "\n").count == confirmed.count, sourceLocation: sourceLocation)
            let check = try await TerraceProcess.run("rebuild", "--check", "--data", data)
            #expect(check.status == 0, "\(check.output)\(check.errors)", sourceLocation: sourceLocation)
        }

        /// Needs no rights: the shell limits how long a file may become.
        @Test func aCommandThatMayWriteNoMoreLosesNothing() async throws {
            try await TerraceProcess.withVillage { village in
                let data = village.data
                let size =
                    try FileManager.default.attributesOfItem(atPath: data + "/replica.sqlite")[.size] as? Int ?? 0
                try await ProjectFiles.with("cases.jsonl", Self.lines(0..<600).utf8) { file in
                    // In blocks of 512 bytes; the log of the database is a file of its own.
                    let blocks = max(size, 600_000) / 512
                    let script = "trap '' XFSZ; ulimit -f \(blocks); exec \"$0\" \"$@\""
                    let cut = try await TerraceProcess.run(
                        [
                            "-c", script, TerraceProcess.program.path, "case", "import", "--data", data, "--format",
                            "json",
                            file,
                        ], by: URL(filePath: "/bin/sh"))
                    #expect(cut.status == 1 && cut.errors.contains("replica.storage: "), "\(cut.errors)")
                    let confirmed = Self.receipts(in: cut.output)
                    #expect(!confirmed.isEmpty && confirmed.count < 600, "\(confirmed.count)")
                    try await Self.isWhole(data, confirmed)
                    let again = try await TerraceProcess.run(
                        ["case", "import", "--data", data, "--format", "json", file])
                    #expect(again.status == 0, "\(again.errors)")
                    #expect(again.output.components(separatedBy: "\"unchanged\"").count - 1 == confirmed.count)
                    try await Self.isWhole(data, confirmed + Self.receipts(in: again.output))
                }
            }
        }

        @Test(.enabled(Comment(rawValue: SmallDisk.notPermitted), { await SmallDisk.isPermitted() }))
        func aServingNodeOutlivesAFullDisk() async throws {
            try await SmallDisk.with(megabytes: 24) { disk in
                try await TerraceProcess.withVillage(cityIn: disk.path) { village in
                    let import1 = try await ProjectFiles.with("cases.jsonl", Self.lines(0..<400).utf8) {
                        try await TerraceProcess.run("case", "import", "--data", village.data, "--format", "json", $0)
                    }
                    let sent = Self.receipts(in: import1.output)
                    #expect(sent.count == 400, "\(import1.errors)")

                    // The parent's disk fills up in the middle of what its child sends.
                    try await disk.fill(leaving: 200_000)
                    for _ in 0..<2 {
                        let refused = try await TerraceProcess.run("sync", "--data", village.data)
                        #expect(refused.status == 1, "\(refused.output)")
                        #expect(refused.errors.contains("link.refused: "), "\(refused.errors)")
                        #expect(refused.errors.contains("replica.storage: "), "\(refused.errors)")
                    }
                    // A command on the full disk says so and leaves nothing behind; what only reads goes on.
                    let items = Self.items(500)
                    func publish() async throws -> TerraceProcess.Result {
                        try await ProjectFiles.with("items.csv", items.utf8) {
                            try await TerraceProcess.run("catalog", "import", "--data", village.city, $0)
                        }
                    }
                    let refused = try await publish()
                    #expect(refused.status == 1, "\(refused.output)")
                    #expect(
                        refused.errors.contains("replica.storage: ") || refused.errors.contains("node.file: "),
                        "\(refused.errors)")
                    // What was written before is whole groups of items, each in one transaction.
                    let before = try await Self.published(village.city)
                    #expect(before % 64 == 0 && before < 500, "\(before)")
                    let status = try await TerraceProcess.run("status", "--data", village.city)
                    #expect(status.status == 0 && status.output.contains("3799#1"), "\(status.errors)")

                    try disk.makeRoom()
                    let good = try await TerraceProcess.run("sync", "--data", village.data)
                    #expect(good.status == 0, "\(good.errors)")
                    try await Self.isWhole(village.city, sent)
                    var prints: [String] = []
                    for data in [village.city, village.data] {
                        prints.append(
                            try await TerraceProcess.run("verify", "--data", data, "--unit", Self.county).output)
                    }
                    #expect(prints[0] == prints[1] && prints[0].contains("cases 400"), "\(prints)")
                    let again = try await publish()
                    #expect(again.status == 0 && again.output.contains("published \(500 - before),"), "\(again.output)")
                    #expect(try await Self.published(village.city) == 500)
                }
            }
        }

        /// Two disks have a part in it, and a person must know which one to make room on.
        @Test(.enabled(Comment(rawValue: SmallDisk.notPermitted), { await SmallDisk.isPermitted() }))
        func aBackupSaysWhichDiskIsFull() async throws {
            try await SmallDisk.with(megabytes: 24) { disk in
                try await TerraceProcess.withCity(in: disk.path) { data in
                    try await disk.fill(leaving: 0)
                    let target = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
                    defer { try? FileManager.default.removeItem(at: target) }
                    let refused = try await TerraceProcess.run("backup", "--data", data, target.path)
                    #expect(refused.status == 1 && refused.errors.contains("the disk of \(data)/"), "\(refused.errors)")
                }
            }
        }

        /// How many of the table's items the city has.
        private static func published(_ data: String) async throws -> Int {
            let list = try await TerraceProcess.run("catalog", "list", "--data", data)
            return list.output.split(separator: "\n").count { $0.contains("满盘事项") }
        }

        /// A table of so many items.
        private static func items(_ count: Int) -> String {
            "name,department,kind,legal_limit_workdays,promised_limit_workdays,tier,item_code\n"
                + (0..<count).map { "满盘事项\($0),民政局,行政给付,20,8,city,FULL-\($0)\n" }.joined()
        }

        @Test(.enabled(Comment(rawValue: SmallDisk.notPermitted), { await SmallDisk.isPermitted() }))
        func aLockedDiskIsNotServed() async throws {
            try await SmallDisk.with(megabytes: 24) { disk in
                try await TerraceProcess.withCity(in: disk.path) { data in
                    try await disk.lock()
                    let served = try await TerraceProcess.run("serve", "--data", data, "--listen", "127.0.0.1:0")
                    try await disk.unlock()
                    #expect(served.status == 1, "\(served.output)")
                    #expect(
                        served.errors.contains("node.file: ") && served.errors.contains("read-only"), "\(served.errors)"
                    )
                }
            }
        }

        /// As an account without the right to write there.
        @Test func aDirectoryThatMayNotBeWrittenIsNotServed() async throws {
            try await TerraceProcess.withCity { data in
                func run(_ words: String...) async throws -> TerraceProcess.Result {
                    guard geteuid() == 0 else { return try await TerraceProcess.run(words) }
                    return try await TerraceProcess.run(
                        ["--reuid=65534", "--regid=65534", "--clear-groups", TerraceProcess.program.path] + words,
                        by: URL(filePath: "/usr/bin/setpriv"))
                }
                // Everything may be read by anybody, keys too, so that it is the writing that fails.
                let files = FileManager.default.enumerator(atPath: data)?.allObjects as? [String] ?? []
                for file in files {
                    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: "\(data)/\(file)")
                }
                try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: data)
                let parent = URL(filePath: data).deletingLastPathComponent().path
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: parent)
                defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: data) }
                for words in [["serve", "--listen", "127.0.0.1:0"], ["status"]] {
                    let result = try await run(words[0], "--data", data)
                    #expect(result.status == 1, "\(result.output)")
                    #expect(
                        result.errors.contains("node.file: ") && result.errors.contains("denied"), "\(result.errors)")
                }
                let made = try await run(
                    "init", "--data", data + "/below", "--network", "x", "--unit", "3799", "--name", "x")
                #expect(made.status == 1 && made.errors.contains("node.file: "), "\(made.errors)")
            }
        }

        /// A folder that is closed is not one without a node.
        @Test func aDirectoryThatMayNotBeReadIsNamedAsThat() async throws {
            try await TerraceProcess.withCity { data in
                let manager = FileManager.default
                let parent = URL(filePath: data).deletingLastPathComponent().path
                try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: parent)
                try manager.setAttributes([.posixPermissions: geteuid() == 0 ? 0o700 : 0], ofItemAtPath: data)
                defer { try? manager.setAttributes([.posixPermissions: 0o700], ofItemAtPath: data) }
                let commands = [
                    ["case", "list", "--data", data], ["serve", "--data", data, "--listen", "127.0.0.1:0"],
                    ["backup", "--data", data, parent + "/target"], ["restore", data, "--data", parent + "/restored"],
                    ["init", "--data", data, "--network", "x", "--unit", "3799", "--name", "x"],
                ]
                for words in commands {
                    let result =
                        geteuid() == 0
                        ? try await TerraceProcess.run(
                            ["--reuid=65534", "--regid=65534", "--clear-groups", TerraceProcess.program.path] + words,
                            by: URL(filePath: "/usr/bin/setpriv"))
                        : try await TerraceProcess.run(words)
                    #expect(result.status == 1 && result.errors.contains("node.denied: "), "\(result.errors)")
                    #expect(result.errors.contains("the id \(geteuid())"), "\(result.errors)")
                }
            }
        }
    }
}
