import Foundation
import ServiceModel
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

        /// The county is gone, and somebody wants the town's work to be safe above now.
        @Test func aSyncGoesToTheNextUplinkWhereTheParentIsGone() async throws {
            try await TerraceProcess.withCity { city in
                try await TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                    func join(_ unit: String, at parent: String, _ ports: [Int]) async throws -> String {
                        let code = try await TerraceProcess.run("enroll", "code", "--data", parent, unit).output
                        let data = city + "-" + unit
                        try await TerraceProcess.succeed(
                            [
                                "enroll", "join", "--data", data, "--unit", unit, "--code",
                                code.trimmingCharacters(in: .whitespacesAndNewlines),
                            ] + ports.flatMap { ["--parent", "127.0.0.1:\($0)"] })
                        return data
                    }
                    let county = try await join("379902", at: city, [port])
                    let town = try await TerraceProcess.serving(["--data", county, "--listen", "127.0.0.1:0"]) {
                        try await join("379902100", at: county, [$0, port])
                    }
                    let receipt = try await TerraceProcess.succeed(
                        DemoCases.acceptance(of: "王小明") + ["--data", town]
                    ).output.trimmingCharacters(in: .whitespacesAndNewlines)
                    let sync = try await TerraceProcess.succeed(["sync", "--data", town])
                    #expect(sync.output.contains("through 3799 in place of the parent"), "\(sync.output)")
                    try await TerraceProcess.succeed(["case", "show", "--data", city, receipt])
                    let again = try await TerraceProcess.succeed(["sync", "--data", town, "--format", "json"])
                    #expect(again.output.contains(#""unit" : "3799""#), "\(again.output)")
                    // Told one uplink alone, it has no other.
                    let alone = try await TerraceProcess.run("sync", "--data", town, "--uplink", "127.0.0.1:9")
                    #expect(alone.status == 1 && alone.errors.contains("link.unreachable: "), "\(alone.errors)")
                }
            }
        }

        @Test func aLineRestsOutsideItsHoursAndTermsThatAreNoneAreRefused() async throws {
            try await TerraceProcess.withVillage { village in
                for (option, value) in [("--hours", "6-7"), ("--hours", "06:00-06:00"), ("--rate", "5")] {
                    let wrong = try await TerraceProcess.run(
                        "serve", "--data", village.data, "--uplink", "127.0.0.1:9", option, value)
                    #expect(wrong.status == 1 && wrong.errors.contains("input.bad: "), "\(option) \(value)")
                }
                // Two hours from now until three hours from now.
                let hour = (Int64(Date().timeIntervalSince1970) + CivilTime.offset) / 3600 % 24
                func text(_ hours: Int64) -> String { String(format: "%02d:00", (hour + hours) % 24) }
                let hours = "\(text(2))-\(text(3))"
                try await TerraceProcess.serving([
                    "--data", village.data, "--listen", "127.0.0.1:0", "--uplink", "127.0.0.1:9", "--hours", hours,
                ]) { _ in
                    var status = ""
                    for _ in 0..<50 where !status.contains("rests since") {
                        status = try await TerraceProcess.run("status", "--data", village.data).output
                        if !status.contains("rests since") { try await Task.sleep(for: .milliseconds(100)) }
                    }
                    #expect(status.contains("the line up rests since 20") && status.contains(hours), "\(status)")
                    let json = try await TerraceProcess.run("status", "--data", village.data, "--format", "json")
                    #expect(json.output.contains(#""isPaused" : true"#) && json.output.contains("link.hours"))
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
