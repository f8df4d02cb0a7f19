import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// What a node makes of who answers at its uplink's address.
    @Suite struct LinkTests {
        @Test func onlyAUnitAboveIsTakenForAParent() async throws {
            try await TerraceProcess.withCity { city in
                try await TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                    func join(_ unit: String) async throws -> String {
                        let code = try await TerraceProcess.run("enroll", "code", "--data", city, unit).output
                        let data = city + "-" + unit
                        let joined = try await TerraceProcess.run(
                            "enroll", "join", "--data", data, "--unit", unit, "--parent", "127.0.0.1:\(port)", "--code",
                            code.trimmingCharacters(in: .whitespacesAndNewlines))
                        #expect(joined.status == 0, "\(joined.errors)")
                        return data
                    }
                    let (one, two) = (try await join("379902"), try await join("379921"))
                    let good = try await TerraceProcess.run("sync", "--data", two)
                    #expect(good.status == 0, "\(good.errors)")
                    try await TerraceProcess.serving(["--data", one, "--listen", "127.0.0.1:0"]) { port in
                        let bad = try await TerraceProcess.run("sync", "--data", two, "--uplink", "127.0.0.1:\(port)")
                        #expect(bad.status == 1 && bad.errors.contains("unit.notAbove: 379902"), "\(bad.errors)")
                    }
                }
            }
        }

        /// Its old parent refuses it, and it does not know yet that the new one is above it: it must learn of it there.
        @Test func aUnitThatWasMovedWhileItsLineWasCutSyncsWithItsNewParent() async throws {
            try await TerraceProcess.withCity { city in
                try await TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                    func join(_ unit: String, at parent: String, _ port: Int) async throws -> String {
                        let code = try await TerraceProcess.run("enroll", "code", "--data", parent, unit).output
                        let data = city + "-" + unit
                        try await TerraceProcess.succeed([
                            "enroll", "join", "--data", data, "--unit", unit, "--parent", "127.0.0.1:\(port)", "--code",
                            code.trimmingCharacters(in: .whitespacesAndNewlines),
                        ])
                        return data
                    }
                    let old = try await join("379902", at: city, port), new = try await join("379921", at: city, port)
                    try await TerraceProcess.serving(["--data", old, "--listen", "127.0.0.1:0"]) { oldPort in
                        let town = try await join("379902100", at: old, oldPort)
                        let receipt = try await TerraceProcess.succeed(
                            DemoCases.acceptance(of: "王小明") + ["--data", town]
                        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
                        try await TerraceProcess.succeed([
                            "topology", "move", "--data", city, "379902100", "--to", "379921",
                        ])
                        try await TerraceProcess.succeed(["sync", "--data", new])
                        try await TerraceProcess.serving(["--data", new, "--listen", "127.0.0.1:0"]) { newPort in
                            try await TerraceProcess.succeed([
                                "sync", "--data", town, "--uplink", "127.0.0.1:\(newPort)",
                            ])
                            try await TerraceProcess.succeed(["case", "show", "--data", new, receipt])
                            // It knows now that this is the wrong address.
                            let late = try await TerraceProcess.run(
                                "sync", "--data", town, "--uplink", "127.0.0.1:\(oldPort)")
                            #expect(late.status == 1 && late.errors.contains("unit.notAbove: 379902"), "\(late.errors)")
                        }
                    }
                }
            }
        }

        @Test func aSyncBringsUpWhatWasBookedOffline() async throws {
            try await TerraceProcess.withVillage { village in
                let lines = (0..<20).map { number in
                    """
                    {"id": "\(number)", "item": "1137990200890101454371000121000",
                    "materials": ["application", "idCard", "premises", "health"],
                    "fields": {"applicant.name": "王小明", "form.applicantName": "王小明", "form.site": "村东",
                    "form.idNumber": "371602190101010014", "form.phone": "13900000000", "form.shopName": "豆腐坊",
                    "form.products": "豆腐"}}
                    """.replacing("\n", with: " ")
                }
                let file = village.data + ".jsonl"
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
                let taken = try await TerraceProcess.run("case", "import", "--data", village.data, file)
                #expect(taken.output.contains("20 taken"), "\(taken.output)\(taken.errors)")
                let sync = try await TerraceProcess.run("sync", "--data", village.data, "--format", "json")
                #expect(sync.status == 0 && sync.output.contains(#""roundTrips" : 1"#), "\(sync.output)\(sync.errors)")
                let status = try await TerraceProcess.run("status", "--data", village.city, "--format", "json")
                #expect(status.output.contains(#""cases" : 20"#), "\(status.output)")
            }
        }

        @Test func aCodeIsGoodOnceAndForItsUnit() async throws {
            try await TerraceProcess.withCity { city in
                try await TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                    let code = try await TerraceProcess.run("enroll", "code", "--data", city, "379902").output
                        .trimmingCharacters(in: .whitespacesAndNewlines)
                    func join(_ unit: String, as name: String, with code: String) async throws -> TerraceProcess.Result
                    {
                        try await TerraceProcess.run(
                            "enroll", "join", "--data", "\(city)-\(name)", "--unit", unit, "--parent",
                            "127.0.0.1:\(port)", "--code", code)
                    }
                    let wrongUnit = try await join("379921", as: "a", with: code)
                    #expect(wrongUnit.status == 1 && wrongUnit.errors.contains("enrollment.wrongUnit"))
                    let mistyped = try await join(
                        "379902", as: "b", with: (code.first == "0" ? "1" : "0") + code.dropFirst())
                    #expect(mistyped.status == 1 && mistyped.errors.contains("enrollment.code."), "\(mistyped.errors)")
                    #expect(try await join("379902", as: "c", with: code).status == 0)
                    let used = try await join("379902", as: "d", with: code)
                    #expect(used.status == 1 && used.errors.contains("enrollment.used"))
                }
            }
        }
    }
}
