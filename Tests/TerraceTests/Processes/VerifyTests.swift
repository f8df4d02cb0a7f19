import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// Two nodes prove to one another that they hold the same.
    @Suite struct VerifyTests {
        @Test func bothSignThatTheyHoldTheSame() async throws {
            try await TerraceProcess.withVillage { village in
                try await TerraceProcess.succeed(DemoCases.acceptance(of: "王小明") + ["--data", village.data])
                let looked = try await TerraceProcess.run(
                    "verify", "--data", village.data, "--with", "3799", "--format", "json")
                // What was not sent yet is a difference, and looking sends it with what else is new.
                #expect(looked.status == 1 && looked.output.contains(#""lackedThere" : 1"#), "\(looked.output)")
                let equal = try await TerraceProcess.run(
                    "verify", "--data", village.data, "--with", "3799", "--format", "json")
                #expect(equal.status == 0 && equal.output.contains(#""isEqual" : true"#), "\(equal.output)")
                let status = try await TerraceProcess.run("status", "--data", village.data)
                #expect(status.output.contains("proven equal with 3799#1"), "\(status.output)")
            }
        }

        /// The process that keeps the link compares, and the command tells how it came out.
        @Test func aServingNodeIsAskedTo() async throws {
            try await TerraceProcess.withVillage { village in
                try await TerraceProcess.serving(["--data", village.data, "--listen", "127.0.0.1:0"]) { _ in
                    try await TerraceProcess.succeed(DemoCases.acceptance(of: "王小明") + ["--data", village.data])
                    let mended = try await TerraceProcess.run(
                        "verify", "--data", village.data, "--with", "3799", "--repair", "--format", "json")
                    #expect(mended.status == 0 && mended.output.contains(#""isEqual" : true"#), "\(mended.output)")
                }
            }
        }

        /// Yesterday's proof with the parent says nothing of what the grandparent was asked today.
        @Test func aGrandparentThatAnswersProvesNothing() async throws {
            try await TerraceProcess.withVillage { county in
                try await TerraceProcess.serving(["--data", county.data, "--listen", "127.0.0.1:0"]) { port in
                    let town = county.data + "-town"
                    let code = try await TerraceProcess.succeed(["enroll", "code", "--data", county.data, "379902001"])
                    try await TerraceProcess.succeed([
                        "enroll", "join", "--data", town, "--unit", "379902001", "--parent", "127.0.0.1:\(port)",
                        "--code", code.output.trimmingCharacters(in: .whitespacesAndNewlines),
                    ])
                    try await TerraceProcess.succeed(["sync", "--data", town])
                    let words = ["verify", "--data", town, "--with", "379902"]
                    try await TerraceProcess.succeed(words + ["--repair"])
                    let other = try await TerraceProcess.run(words + ["--uplink", "127.0.0.1:\(county.port)"])
                    #expect(other.status == 1 && other.errors.contains("verify.otherUnit"), "\(other.errors)")
                    #expect(!other.output.contains("hold the same"), "\(other.output)")
                }
            }
        }

        /// A rate that cannot be kept to is told, as by `sync`: nobody dials without it.
        @Test func theRateOfTheSettingsIsHeeded() async throws {
            try await TerraceProcess.withVillage { village in
                let file = URL(filePath: village.data).appending(path: "terrace.yaml")
                let settings = try String(contentsOf: file, encoding: .utf8)
                for command in [["sync"], ["verify", "--with", "3799"]] {
                    try Data("\(settings)rate: 1\n".utf8).write(to: file)
                    let refused = try await TerraceProcess.run(command + ["--data", village.data])
                    #expect(refused.status == 1 && refused.errors.contains("input.bad"), "\(refused.errors)")
                    try Data("\(settings)rate: 100000\n".utf8).write(to: file)
                    try await TerraceProcess.succeed(command + ["--data", village.data])
                }
            }
        }

        /// A receipt whose signature was changed on the disk is told, and a program learns it by the exit code.
        @Test func aReceiptIsCheckedWhenItIsShown() async throws {
            try await TerraceProcess.withVillage { village in
                let none = try await TerraceProcess.run("verify", "--data", village.data, "--receipt")
                #expect(none.status == 1 && none.errors.contains("verify.noProof"), "\(none.errors)")
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                try await TerraceProcess.succeed(["verify", "--data", village.data, "--with", "3799", "--repair"])
                let sound = try await TerraceProcess.succeed(["verify", "--data", village.data, "--receipt"])
                #expect(sound.output.contains("equal with 3799#1") && !sound.output.contains("NOT"), "\(sound.output)")
                #expect(sound.output.count(where: \.isNewline) >= 6, "\(sound.output)")
                let script = """
                    import sqlite3, sys
                    db = sqlite3.connect(sys.argv[1])
                    theirs = bytearray(db.execute("SELECT theirs FROM equality").fetchone()[0])
                    at = bytes(theirs).find(bytes([0x3a, 64])) + 9
                    theirs[at] ^= 1
                    db.execute("UPDATE equality SET theirs = ?", (bytes(theirs),))
                    db.commit()
                    """
                let python = URL(filePath: "/usr/bin/python3")
                let changed = try await TerraceProcess.run(
                    ["-c", script, village.data + "/replica.sqlite"], by: python)
                #expect(changed.status == 0, "\(changed.errors)")
                let damaged = try await TerraceProcess.run("verify", "--data", village.data, "--receipt")
                #expect(damaged.status == 1 && damaged.output.contains("NOT"), "\(damaged.output)\(damaged.errors)")
            }
        }

        /// On a node that nobody serves, what was asked for before is done by whoever compares.
        @Test func aWishThatWaitsIsCarriedOut() async throws {
            try await TerraceProcess.withVillage { village in
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                let script = """
                    import sqlite3, sys
                    db = sqlite3.connect(sys.argv[1])
                    db.execute("INSERT INTO comparison_wish VALUES (1, 1, 0, 1)")
                    db.commit()
                    """
                let wished = try await TerraceProcess.run(
                    ["-c", script, village.data + "/replica.sqlite"], by: URL(filePath: "/usr/bin/python3"))
                #expect(wished.status == 0, "\(wished.errors)")
                func isWaiting() async throws -> Bool {
                    let told = try await TerraceProcess.run("doctor", "--data", village.data, "--format", "json")
                    return told.output.contains("proof.wished")
                }
                #expect(try await isWaiting())
                // Looking alone is no repair.
                _ = try await TerraceProcess.run("verify", "--data", village.data, "--with", "3799")
                #expect(try await isWaiting())
                try await TerraceProcess.succeed(["verify", "--data", village.data, "--with", "3799", "--repair"])
                #expect(try await !isWaiting())
            }
        }

        @Test func onlyWithTheParent() async throws {
            try await TerraceProcess.withVillage { village in
                let other = try await TerraceProcess.run("verify", "--data", village.data, "--with", "379902001")
                #expect(other.status == 1 && other.errors.contains("verify.notParent"), "\(other.errors)")
                let root = try await TerraceProcess.run("verify", "--data", village.city, "--with", "379902001")
                #expect(root.status == 1 && root.errors.contains("verify.notParent"), "\(root.errors)")
                let neither = try await TerraceProcess.run("verify", "--data", village.data)
                #expect(neither.status == 64)
            }
        }
    }
}
