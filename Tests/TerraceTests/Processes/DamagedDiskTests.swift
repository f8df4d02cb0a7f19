import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// The real program on a disk that changes what was written to it, or refuses to take more in the middle of it.
    @Suite struct DamagedDiskTests {
        private static let county = "379902"

        /// Accepts cases at the village and brings them to the city.
        private static func work(_ village: TerraceProcess.Village, _ numbers: Range<Int>) async throws -> [String] {
            let lines = try numbers.map { try DemoCases.line(number: $0) + "\n" }.joined()
            let done = try await ProjectFiles.with("cases.jsonl", lines.utf8) {
                try await TerraceProcess.run("case", "import", "--data", village.data, "--format", "json", $0)
            }
            let receipts = done.output.split(separator: "\n").compactMap { DemoCases.receipt(inAnswer: String($0)) }
            #expect(receipts.count == numbers.count, "\(done.errors)")
            return receipts
        }

        private static func print(_ data: String) async throws -> String {
            try await TerraceProcess.run("verify", "--data", data, "--unit", county).output
        }

        /// Flips a bit in the packed bytes of the first run of casework.
        private static func flipRun(_ data: String) async throws {
            try await TerraceProcess.sqlite(
                data,
                """
                UPDATE run SET packed = CAST(substr(packed, 1, 30) || CASE substr(packed, 31, 1) WHEN x'00' THEN x'01'
                    ELSE x'00' END || substr(packed, 32) AS BLOB)
                WHERE id = (SELECT min(id) FROM run WHERE feed = 2)
                """)
        }

        @Test func aScrubFindsItTakesItOutAndTheNeighbourBringsItAgain() async throws {
            try await TerraceProcess.withVillage { village in
                let receipts = try await Self.work(village, 0..<12)
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                let before = try await Self.print(village.city)
                for data in [village.city, village.data] {
                    let clean = try await TerraceProcess.run("scrub", "--data", data)
                    #expect(clean.status == 0 && clean.output.contains("0 damages"), "\(clean.output)\(clean.errors)")
                }

                try await Self.flipRun(village.city)
                let found = try await TerraceProcess.run("scrub", "--data", village.city, "--format", "json")
                #expect(found.status == 1 && found.output.contains("damage.run"), "\(found.output)")
                // A command that meets it says what to do, and shows nothing that nobody wrote.
                let shown = try await TerraceProcess.run("case", "show", "--data", village.city, receipts[0])
                #expect(shown.status == 1 && shown.errors.contains("replica.damagedRun"), "\(shown.output)")
                #expect(shown.errors.contains("terrace scrub --take-out"))
                // The server has met it, or finds it when it is told to look.
                let taken = try await TerraceProcess.run("scrub", "--data", village.city, "--take-out")
                #expect(taken.status == 1 || taken.output.contains("0 damages"), "\(taken.output)\(taken.errors)")
                let status = try await TerraceProcess.run("status", "--data", village.city)
                #expect(status.output.contains("12 change sets that the disk had changed"), "\(status.output)")
                let listed = try await TerraceProcess.run("scrub", "--data", village.city, "--taken-out")
                #expect(listed.status == 0 && listed.output.contains("comes again"), "\(listed.output)")

                for _ in 0..<2 { try await TerraceProcess.succeed(["sync", "--data", village.data]) }
                #expect(try await Self.print(village.city) == before)
                let good = try await TerraceProcess.run("scrub", "--data", village.city)
                #expect(good.status == 0, "\(good.output)")
                let after = try await TerraceProcess.run("status", "--data", village.city)
                #expect(!after.output.contains("had changed"), "\(after.output)")
            }
        }

        /// Nobody says a word to the server: it meets the damage while it works, and helps itself.
        @Test func aServerHelpsItself() async throws {
            try await TerraceProcess.withVillage { village in
                // What it read last it has in memory as well, and would not look at again.
                let receipts = try await Self.work(village, 0..<6)
                for number in 6..<23 {
                    try await TerraceProcess.succeed(["sync", "--data", village.data])
                    _ = try await Self.work(village, number..<number + 1)
                }
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                let before = try await Self.print(village.data)
                try await Self.flipRun(village.city)
                // A second act on a case of that run makes the city read it.
                try await TerraceProcess.succeed(["case", "note", "--data", village.data, receipts[0], "看过"])
                for _ in 0..<40 {
                    _ = try await TerraceProcess.run("sync", "--data", village.data)
                    if try await Self.print(village.city) == Self.print(village.data) { break }
                    try await Task.sleep(for: .milliseconds(250))
                }
                let prints = (try await Self.print(village.city), try await Self.print(village.data))
                #expect(prints.0 == prints.1 && prints.1 != before)
            }
        }

        @Test func whatCanBeReadIsSalvaged() async throws {
            try await TerraceProcess.withVillage { village in
                let sent = try await Self.work(village, 0..<300)
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                let unsent = try await Self.work(village, 300..<310)
                try await TerraceProcess.overwrite(page: "service_case", of: village.data)
                let refused = try await TerraceProcess.run("status", "--data", village.data)
                #expect(refused.status == 1 && refused.errors.contains("replica.unreadable"), "\(refused.errors)")
                #expect(refused.errors.contains("terrace salvage"))
                let scrubbed = try await TerraceProcess.run("scrub", "--data", village.data)
                #expect(scrubbed.status == 1 && scrubbed.output.contains("terrace salvage"), "\(scrubbed.output)")

                let saved = try await TerraceProcess.run("salvage", "--data", village.data)
                #expect(saved.status == 0, "\(saved.output)\(saved.errors)")
                #expect(
                    saved.output.contains("310 cases") && saved.output.contains("new incarnation"), "\(saved.output)")
                // Nothing was lost of what nothing else gives.
                #expect(!saved.output.contains("may be lost") && !saved.output.contains("resting"), "\(saved.output)")
                for _ in 0..<2 { try await TerraceProcess.succeed(["sync", "--data", village.data]) }
                #expect(try await Self.print(village.city) == Self.print(village.data))
                let list = try await TerraceProcess.run("case", "list", "--data", village.city, "--limit", "10000")
                for receipt in sent + unsent { #expect(list.output.contains(receipt), "lost: \(receipt)") }
                let kept = try FileManager.default.contentsOfDirectory(atPath: village.data)
                #expect(kept.contains { $0.hasPrefix("replica.sqlite.damaged-") }, "\(kept)")
                #expect(!kept.contains { $0.contains(".salvaging") }, "\(kept)")
                let good = try await TerraceProcess.run("scrub", "--data", village.data)
                #expect(good.status == 0, "\(good.output)")
            }
        }

        @Test func whereNoDamagedFileIsLeftNoneIsNamed() async throws {
            try await TerraceProcess.withCity { city in
                let file = city + "/replica.sqlite"
                try FileManager.default.moveItem(atPath: file, toPath: file + ".ready")
                let ended = try await TerraceProcess.succeed(["salvage", "--data", city])
                #expect(
                    ended.output.contains("cases are there") && !ended.output.contains("kept as"), "\(ended.output)")
            }
        }

        @Test func aFileThatIsNoDatabaseIsLeftAsItIs() async throws {
            try await TerraceProcess.withCity { city in
                let file = URL(filePath: city + "/replica.sqlite")
                let handle = try FileHandle(forUpdating: file)
                try handle.write(contentsOf: Data("XQLite".utf8))
                try handle.close()
                let before = try Data(contentsOf: file)
                for words in [["serve", "--listen", "127.0.0.1:0"], ["status"]] {
                    let refused = try await TerraceProcess.run(words + ["--data", city])
                    #expect(refused.status == 1 && refused.errors.contains("replica.unreadable"), "\(refused.errors)")
                }
                let nothing = try await TerraceProcess.run("salvage", "--data", city)
                #expect(nothing.status == 1 && nothing.errors.contains("salvage.nothing"), "\(nothing.errors)")
                #expect(try Data(contentsOf: file) == before)
            }
        }

        /// The kernel makes a disk read-only under a serving node: what was confirmed is there, the link says why, and
        /// after the disk was mended everything goes on.
        @Test(.enabled(Comment(rawValue: FailingDisk.notPermitted), { await FailingDisk.isPermitted() }))
        func aDiskThatTurnsReadOnlyLosesNothing() async throws {
            try await FailingDisk.with { disk in
                try await TerraceProcess.withCity(in: disk.path) { city in
                    let home = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
                    defer { try? FileManager.default.removeItem(at: home) }
                    let data = home.appending(path: Self.county).path
                    var sent: [String] = []
                    try await TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                        let code = try await TerraceProcess.succeed(["enroll", "code", "--data", city, Self.county])
                        try await TerraceProcess.succeed([
                            "enroll", "join", "--data", data, "--unit", Self.county, "--parent", "127.0.0.1:\(port)",
                            "--code", code.output.trimmingCharacters(in: .whitespacesAndNewlines),
                        ])
                        let village = TerraceProcess.Village(city: city, data: data, port: port)
                        sent += try await Self.work(village, 0..<20)
                        try await TerraceProcess.succeed(["sync", "--data", data])
                        sent += try await Self.work(village, 20..<40)
                        try await disk.fail()
                        for _ in 0..<2 {
                            let refused = try await TerraceProcess.run("sync", "--data", data)
                            #expect(refused.status == 1, "\(refused.output)")
                            #expect(refused.errors.contains("replica.storage: "), "\(refused.errors)")
                        }
                    }
                    try await disk.repair()
                    try await TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                        let good = try await TerraceProcess.run(
                            "sync", "--data", data, "--uplink", "127.0.0.1:\(port)")
                        #expect(good.status == 0, "\(good.errors)")
                        #expect(try await Self.print(city) == Self.print(data))
                        let list = try await TerraceProcess.run("case", "list", "--data", city, "--limit", "1000")
                        for receipt in sent { #expect(list.output.contains(receipt), "lost: \(receipt)") }
                        let check = try await TerraceProcess.run("rebuild", "--check", "--data", city)
                        #expect(check.status == 0, "\(check.output)\(check.errors)")
                    }
                }
            }
        }
    }
}

extension TerraceProcess {
    /// Changes a node's database past the node.
    static func sqlite(_ data: String, _ sql: String) async throws {
        try await python(
            "db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()", data + "/replica.sqlite", sql)
    }

    /// Puts something else in the place of the first page of a table.
    static func overwrite(page table: String, of data: String) async throws {
        try await python(
            """
            db = sqlite3.connect(sys.argv[1])
            page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", sys.argv[2:]).fetchone()[0]
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.close()
            file = open(sys.argv[1], "r+b")
            file.seek((page - 1) * 4096)
            file.write(b"Z" * 4096)
            """, data + "/replica.sqlite", table)
    }

    static func python(_ script: String, _ words: String...) async throws {
        let done = try await run(
            ["-c", "import sqlite3, sys\n" + script] + words, by: URL(filePath: "/usr/bin/python3"))
        guard done.status == 0 else { throw Failure(words: ["python3"], text: done.errors) }
    }
}
