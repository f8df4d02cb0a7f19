import Foundation
import Testing

@testable import terrace

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ProcessTests {
    /// `terrace backup` and `terrace restore` as a person uses them.
    @Suite struct BackupTests {
        private static let county = "379902"

        private static func lines(_ numbers: Range<Int>) throws -> String {
            try numbers.map { try DemoCases.line(number: $0) + "\n" }.joined()
        }

        /// Takes cases in.
        /// - Returns: the receipts that were confirmed.
        private static func accept(_ numbers: Range<Int>, at data: String) async throws -> [String] {
            try await ProjectFiles.with("cases.jsonl", lines(numbers).utf8) { file in
                let result = try await TerraceProcess.succeed([
                    "case", "import", "--data", data, "--format", "json", "--group", "5", file,
                ])
                return result.output.split(separator: "\n").compactMap { DemoCases.receipt(inAnswer: String($0)) }
            }
        }

        private static func json(_ words: [String]) async throws -> [String: Any] {
            let output = try await TerraceProcess.succeed(words + ["--format", "json"]).output
            return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        }

        private static func cases(_ data: String) async throws -> Int? {
            try await json(["status", "--data", data])["cases"] as? Int
        }

        private static func settle(_ city: String, cases count: Int) async throws {
            for _ in 0..<150 where try await cases(city) != count { try await Task.sleep(for: .milliseconds(200)) }
        }

        @Test func whatAServerHadSentComesBackAfterItsDiskIsLost() async throws {
            try await TerraceProcess.withVillage(unit: Self.county) { village in
                let data = village.data
                let target = data + "-backups"
                var receipts = try await Self.accept(0..<20, at: data)
                let place = try await TerraceProcess.serving(["--data", data, "--listen", "127.0.0.1:0"]) { _ in
                    async let beside = Self.accept(20..<60, at: data)
                    var last = ""
                    for number in 0..<3 {
                        let made = try await Self.json(["backup", "--data", data, target, "--name", "\(number)"])
                        let manifest = try #require(made["manifest"] as? [String: Any])
                        #expect(manifest["unsealed"] as? Int == 0)
                        last = try #require(made["backup"] as? String)
                    }
                    receipts += try await beside
                    receipts += try await Self.accept(60..<80, at: data)
                    try await Self.settle(village.city, cases: 80)
                    let refused = try await TerraceProcess.run("restore", last, "--data", data, "--replace")
                    #expect(refused.status == 1 && refused.errors.contains("node.inUse"), "\(refused.errors)")
                    return last
                }
                #expect(try await Self.cases(village.city) == 80)
                let status = try await TerraceProcess.succeed(["status", "--data", data]).output
                #expect(status.contains("last verified backup") && status.contains(place), "\(status)")

                try FileManager.default.removeItem(atPath: data)
                let said = try await TerraceProcess.succeed(["restore", place, "--data", data]).output
                #expect(said.contains("incarnation 1") && said.contains("there was no anchor"), "\(said)")
                // The line is not back yet.
                receipts += try await Self.accept(80..<100, at: data)
                for _ in 0..<2 { try await TerraceProcess.succeed(["sync", "--data", data]) }
                for node in [village.city, data] {
                    let list = try await TerraceProcess.succeed(["case", "list", "--data", node, "--limit", "1000"])
                    #expect(list.output.split(separator: "\n").count == 100, "\(node)")
                    for receipt in receipts { #expect(list.output.contains(receipt), "lost: \(receipt)") }
                    try await TerraceProcess.succeed(["rebuild", "--check", "--data", node])
                }
                #expect(receipts.count == 100 && Set(receipts).count == 100)
                var prints: Set<String> = []
                for node in [village.city, data] {
                    prints.insert(
                        try await TerraceProcess.succeed(["verify", "--data", node, "--unit", Self.county]).output)
                }
                #expect(prints.count == 1, "\(prints)")
            }
        }

        @Test func aReplicaIsReplacedOnlyWhenThatIsSaid() async throws {
            try await TerraceProcess.withVillage(unit: Self.county) { village in
                let (data, target) = (village.data, village.data + "-backups")
                try await TerraceProcess.succeed(["backup", "--data", data, target, "--name", "one"])
                let lost = try await Self.accept(0..<1, at: data)
                let refused = try await TerraceProcess.run("restore", target + "/one", "--data", data)
                #expect(refused.status == 1 && refused.errors.contains("restore.holdsReplica"), "\(refused.errors)")
                #expect(try await Self.cases(data) == 1)
                let words = ["restore", target + "/one", "--data", data, "--replace"]
                let unsent = try await TerraceProcess.run(words)
                #expect(unsent.status == 1 && unsent.errors.contains("restore.unsent"), "\(unsent.errors)")
                #expect(unsent.errors.contains("1 change set not"), "\(unsent.errors)")
                #expect(try await Self.cases(data) == 1)
                let restored = try await Self.json(words + ["--losing-unsent"])
                #expect(restored["keptAnchor"] as? Bool == true && restored["incarnation"] as? Int == 1)
                let aside = try #require(restored["setAside"] as? [String])
                #expect(aside.count == 1 && FileManager.default.fileExists(atPath: "\(data)/\(aside[0])"))
                let next = try await Self.accept(1..<2, at: data)
                #expect(next != lost)
                let other = try await TerraceProcess.run(
                    "restore", target + "/one", "--data", village.city, "--replace")
                #expect(other.status == 1 && other.errors.contains("node.inUse"), "\(other.errors)")
                // Not even a lock is left there.
                for words in [["--replace"], ["--keys"]] {
                    let copy = try await TerraceProcess.run(
                        ["restore", target + "/one", "--data", target + "/one"] + words)
                    #expect(copy.status == 1 && copy.errors.contains("node.isBackup"), "\(copy.errors)")
                }
                #expect(!FileManager.default.fileExists(atPath: target + "/one/lock"))
                let none = try await TerraceProcess.run("restore", target, "--data", data)
                #expect(none.status == 1 && none.errors.contains("backup.absent"), "\(none.errors)")
                let again = try await TerraceProcess.run("backup", "--data", data, target, "--name", "one")
                #expect(again.status == 1 && again.errors.contains("backup.exists"), "\(again.errors)")
            }
        }

        /// As `terrace doctor` has it.
        @Test func aLostKeyComesBackAloneAndTheWorkOfTodayStays() async throws {
            try await TerraceProcess.withVillage(unit: Self.county) { village in
                let (data, place) = (village.data, village.data + "-backups/one")
                try await TerraceProcess.succeed(["backup", "--data", data, data + "-backups", "--name", "one"])
                let receipts = try await Self.accept(0..<3, at: data)
                try FileManager.default.removeItem(atPath: data + "/node.key")
                let doctor = try await TerraceProcess.run("doctor", "--data", data)
                #expect(doctor.output.contains("terrace restore BACKUP --data \(data) --keys"), "\(doctor.output)")
                let refused = try await TerraceProcess.run("restore", place, "--data", data)
                #expect(refused.status == 1 && refused.errors.contains("--keys"), "\(refused.errors)")

                let restored = try await Self.json(["restore", place, "--data", data, "--keys"])
                #expect(restored["taken"] as? [String] == ["node.key"])
                #expect(restored["setAside"] as? [String] == [] && restored["node"] as? String == "\(Self.county)#1")
                #expect(try await Self.cases(data) == 3)
                let again = try await TerraceProcess.succeed(["restore", place, "--data", data, "--keys"]).output
                #expect(again.contains("nothing was taken"), "\(again)")
                try Data("rubbish".utf8).write(to: URL(filePath: data + "/seal.key"))
                let said = try await TerraceProcess.succeed(["restore", place, "--data", data, "--keys"]).output
                #expect(
                    said.contains(": seal.key") && said.contains("moved aside: seal.key.before-restore-"), "\(said)")
                try await TerraceProcess.succeed(["sync", "--data", data])
                let list = try await TerraceProcess.succeed(["case", "list", "--data", village.city]).output
                for receipt in receipts { #expect(list.contains(receipt), "lost: \(receipt)") }

                let none = data + "-none"
                let absent = try await TerraceProcess.run("restore", place, "--data", none, "--keys")
                #expect(absent.status == 1 && absent.errors.contains("restore.noReplica"), "\(absent.errors)")
                #expect(!FileManager.default.fileExists(atPath: none))
            }
        }

        /// A key that this account may not read is not a damaged one.
        @Test(.enabled(if: geteuid() == 0, "only root can run it as another account"))
        func whatMayNotBeReadIsNotMovedAside() async throws {
            try await TerraceProcess.withVillage(unit: Self.county) { village in
                let (data, place) = (village.data, village.data + "-backups/one")
                try await TerraceProcess.succeed(["backup", "--data", data, data + "-backups", "--name", "one"])
                let home = URL(filePath: data).deletingLastPathComponent().path
                _ = try await TerraceProcess.run(
                    ["-R", "65534:65534", home], by: URL(filePath: "/usr/bin/chown"))
                try FileManager.default.setAttributes(
                    [.ownerAccountID: 0, .groupOwnerAccountID: 0], ofItemAtPath: data + "/seal.key")
                let denied = try await TerraceProcess.run(
                    ["--reuid=65534", "--regid=65534", "--clear-groups", TerraceProcess.program.path]
                        + ["restore", place, "--data", data, "--keys"], by: URL(filePath: "/usr/bin/setpriv"))
                #expect(denied.status == 1 && denied.errors.contains("node.file: "), "\(denied.errors)")
                #expect(denied.errors.contains("seal.key") && denied.errors.contains("denied"), "\(denied.errors)")
                let files = try FileManager.default.contentsOfDirectory(atPath: data)
                #expect(!files.contains { $0.contains(".before-restore-") }, "\(files)")
            }
        }

        @Test(.enabled(Comment(rawValue: SmallDisk.notPermitted), { await SmallDisk.isPermitted() }))
        func anotherDiskIsKnownAndMayBeFullOrLocked() async throws {
            try await SmallDisk.with(megabytes: 24) { disk in
                try await TerraceProcess.withCity { data in
                    try await disk.fill(leaving: 50_000)
                    let full = try await TerraceProcess.run("backup", "--data", data, disk.path, "--name", "one")
                    #expect(full.status == 1 && full.errors.contains("backup.noRoom"), "\(full.errors)")
                    try disk.makeRoom()
                    try await disk.lock()
                    let locked = try await TerraceProcess.run("backup", "--data", data, disk.path, "--name", "one")
                    try await disk.unlock()
                    #expect(locked.status == 1 && locked.errors.contains("node.file"), "\(locked.errors)")
                    #expect(locked.errors.contains("read-only"), "\(locked.errors)")
                    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
                    let before = try await TerraceProcess.succeed(["status", "--data", data]).output
                    #expect(before.contains("no verified backup on another disk"), "\(before)")
                    let made = try await TerraceProcess.succeed(["backup", "--data", data, disk.path, "--name", "one"])
                    #expect(made.output.contains("read back and verified"), "\(made.output)")
                    #expect(made.output.contains("authority.key is not in it"), "\(made.output)")
                    let status = try await Self.json(["status", "--data", data])
                    let backups = try #require(status["backups"] as? [[String: Any]])
                    #expect(backups.count == 1 && backups[0]["isOnOtherDisk"] as? Bool == true, "\(backups)")
                    let after = try await TerraceProcess.succeed(["status", "--data", data]).output
                    #expect(!after.contains("no verified backup on another disk"), "\(after)")
                }
            }
        }
    }
}
