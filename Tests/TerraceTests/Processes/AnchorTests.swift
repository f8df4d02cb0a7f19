import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// The real program on a folder whose anchor somebody has moved away, or the disk has changed.
    @Suite struct AnchorTests {
        private static func accepted(_ village: TerraceProcess.Village) async throws -> String {
            let done = try await TerraceProcess.succeed(
                DemoCases.acceptance(of: "王小明") + ["--data", village.data])
            return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// Commands that look, with what they must be given beside the data directory.
        private static func looks(_ receipt: String) -> [[String]] {
            [
                ["status"], ["case", "list"], ["case", "search", "小明"], ["case", "show", receipt],
                ["catalog", "list", "--limit", "1"], ["catalog", "search", "小作坊"],
                ["catalog", "show", DemoCases.item], ["stats"], ["node", "forks"], ["verify", "--unit", "379902"],
                ["retire", "now", "--dry-run"], ["retire", "rule"], ["topology", "join"], ["rebuild", "--check"],
                ["scrub"], ["scrub", "--taken-out"],
            ]
        }

        @Test func whoLooksWithoutItBeginsNothing() async throws {
            try await TerraceProcess.withVillage { village in
                let receipt = try await Self.accepted(village)
                let (anchor, away) = (village.data + "/anchor", village.data + "-anchor")
                try FileManager.default.moveItem(atPath: anchor, toPath: away)
                for words in Self.looks(receipt) {
                    let look = try await TerraceProcess.run(words + ["--data", village.data])
                    #expect(look.status == 0, "\(words): \(look.output)\(look.errors)")
                    #expect(!FileManager.default.fileExists(atPath: anchor), "\(words)")
                }
                let status = try await TerraceProcess.run("status", "--data", village.data)
                #expect(status.output.contains("the anchor is missing"), "\(status.output)")
                for words in [["sync"], ["case", "note", receipt, "看过"], ["serve", "--listen", "127.0.0.1:0"]] {
                    let refused = try await TerraceProcess.run(words + ["--data", village.data])
                    #expect(refused.status == 1 && refused.errors.contains("node.anchorMissing"), "\(words)")
                    #expect(refused.errors.contains("not sealed yet (1)"), "\(refused.errors)")
                }
                try FileManager.default.moveItem(atPath: away, toPath: anchor)
                try await TerraceProcess.succeed(["sync", "--data", village.data])
                let list = try await TerraceProcess.run("case", "list", "--data", village.city)
                #expect(list.output.contains(receipt), "\(list.output)")
            }
        }

        @Test func whoSaysSoGoesOnWithoutWhatWasNotSealed() async throws {
            try await TerraceProcess.withVillage { village in
                let receipt = try await Self.accepted(village)
                try FileManager.default.removeItem(atPath: village.data + "/anchor")
                let leaving = ["--leave-unsent-work-behind", "--data", village.data]
                try await TerraceProcess.succeed(["sync"] + leaving)
                let list = try await TerraceProcess.run("case", "list", "--data", village.city)
                #expect(!list.output.contains(receipt), "\(list.output)")
                let doctor = try await TerraceProcess.run("doctor", "--data", village.data)
                #expect(doctor.output.contains("database.resting"), "\(doctor.output)")
                // It begins nothing more where there is an anchor.
                let again = try await Self.accepted(village)
                for _ in 0..<2 { try await TerraceProcess.succeed(["sync"] + leaving) }
                let after = try await TerraceProcess.run("case", "list", "--data", village.city)
                #expect(after.output.contains(again), "\(after.output)")
                // Of that one nothing rests, though other work does.
                let here = try await TerraceProcess.succeed(["case", "resting", again, "--data", village.data])
                #expect(here.output.contains("nothing of \(again) rests"), "\(here.output)")
                let typo = try await TerraceProcess.run("case", "resting", "rubbish", "--data", village.data)
                #expect(typo.status == 1 && typo.errors.contains("receipt.parts"), "\(typo.errors)")
            }
        }

        @Test func aSalvageLeavesNothingBehindUnasked() async throws {
            try await TerraceProcess.withVillage { village in
                let receipt = try await Self.accepted(village)
                let place = ["--data", village.data]
                try FileManager.default.removeItem(atPath: village.data + "/anchor")
                let refused = try await TerraceProcess.run(["salvage"] + place)
                #expect(refused.status == 1 && refused.errors.contains("node.anchorMissing"), "\(refused.errors)")
                #expect(refused.errors.contains("terrace salvage --data"), "\(refused.errors)")
                let done = try await TerraceProcess.succeed(["salvage", "--leave-unsent-work-behind"] + place)
                #expect(done.output.contains("1 change sets of an earlier incarnation"), "\(done.output)")
                let shown = try await TerraceProcess.run(["case", "show", receipt] + place)
                #expect(shown.status == 1 && shown.errors.contains("case resting \(receipt)"), "\(shown.errors)")
                let resting = try await TerraceProcess.succeed(["case", "resting", receipt] + place)
                #expect(resting.output.contains("王小明") && resting.output.contains(DemoCases.item), "\(resting.output)")
                // Somebody has looked after it.
                try await TerraceProcess.succeed(["case", "resting", "--seen"] + place)
                let again = try await TerraceProcess.succeed(["salvage"] + place)
                #expect(!again.output.contains("earlier incarnation"), "\(again.output)")
            }
        }

        @Test func nothingOfAServedNodeIsLeftBehind() async throws {
            try await TerraceProcess.withVillage { village in
                try await TerraceProcess.serving(["--data", village.data, "--listen", "127.0.0.1:0"]) { _ in
                    for words in [["sync"], ["serve", "--listen", "127.0.0.1:0"]] {
                        let refused = try await TerraceProcess.run(
                            words + ["--data", village.data, "--leave-unsent-work-behind"])
                        #expect(refused.status == 1 && refused.errors.contains("node.inUse"), "\(refused.errors)")
                    }
                }
            }
        }

        @Test func aDigitThatTheDiskHasChangedIsNoticed() async throws {
            try await TerraceProcess.withVillage { village in
                _ = try await Self.accepted(village)
                let file = URL(filePath: village.data + "/anchor")
                let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                try Data(text.replacing(#""ceiling":64"#, with: #""ceiling":24"#).utf8).write(to: file)
                let refused = try await TerraceProcess.run("sync", "--data", village.data)
                #expect(refused.status == 1 && refused.errors.contains("node.badAnchor"), "\(text)\(refused.errors)")
                let status = try await TerraceProcess.run("status", "--data", village.data)
                #expect(status.status == 0 && status.output.contains("the anchor is damaged"), "\(status.output)")
            }
        }
    }
}
