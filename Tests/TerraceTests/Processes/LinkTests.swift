import Foundation
import Testing

/// What a node makes of who answers at its uplink's address.
@Suite struct LinkTests {
    @Test func onlyAUnitAboveIsTakenForAParent() throws {
        try TerraceProcess.withCity { city in
            try TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                func join(_ unit: String) throws -> String {
                    let code = try TerraceProcess.run("enroll", "code", "--data", city, unit).output
                    let data = city + "-" + unit
                    let joined = try TerraceProcess.run(
                        "enroll", "join", "--data", data, "--unit", unit, "--parent", "127.0.0.1:\(port)", "--code",
                        code.trimmingCharacters(in: .whitespacesAndNewlines))
                    #expect(joined.status == 0, "\(joined.errors)")
                    return data
                }
                let (one, two) = (try join("379902"), try join("379921"))
                let good = try TerraceProcess.run("sync", "--data", two)
                #expect(good.status == 0, "\(good.errors)")
                try TerraceProcess.serving(["--data", one, "--listen", "127.0.0.1:0"]) { port in
                    let bad = try TerraceProcess.run("sync", "--data", two, "--uplink", "127.0.0.1:\(port)")
                    #expect(bad.status == 1 && bad.errors.contains("unit.notAbove: 379902"), "\(bad.errors)")
                }
            }
        }
    }

    @Test func aSyncBringsUpWhatWasBookedOffline() throws {
        try TerraceProcess.withCity { city in
            try TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                let code = try TerraceProcess.run("enroll", "code", "--data", city, "379902").output
                let data = city + "-county"
                _ = try TerraceProcess.run(
                    "enroll", "join", "--data", data, "--unit", "379902", "--parent", "127.0.0.1:\(port)", "--code",
                    code.trimmingCharacters(in: .whitespacesAndNewlines))
                let lines = (0..<20).map { number in
                    """
                    {"id": "\(number)", "item": "1137990200890101454371000121000",
                    "materials": ["application", "idCard", "premises", "health"],
                    "fields": {"applicant.name": "王小明", "form.applicantName": "王小明", "form.site": "村东",
                    "form.idNumber": "371602190101010014", "form.phone": "13900000000", "form.shopName": "豆腐坊",
                    "form.products": "豆腐"}}
                    """.replacing("\n", with: " ")
                }
                try ProjectFiles.with("cases.jsonl", (lines.joined(separator: "\n") + "\n").utf8) { file in
                    let taken = try TerraceProcess.run("case", "import", "--data", data, file)
                    #expect(taken.output.contains("20 taken"), "\(taken.output)\(taken.errors)")
                }
                let sync = try TerraceProcess.run("sync", "--data", data, "--format", "json")
                #expect(sync.status == 0 && sync.output.contains(#""roundTrips" : 1"#), "\(sync.output)\(sync.errors)")
                let status = try TerraceProcess.run("status", "--data", city, "--format", "json")
                #expect(status.output.contains(#""cases" : 20"#), "\(status.output)")
            }
        }
    }

    @Test func aCodeIsGoodOnceAndForItsUnit() throws {
        try TerraceProcess.withCity { city in
            try TerraceProcess.serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                let code = try TerraceProcess.run("enroll", "code", "--data", city, "379902").output
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                func join(_ unit: String, as name: String, with code: String) throws -> TerraceProcess.Result {
                    try TerraceProcess.run(
                        "enroll", "join", "--data", "\(city)-\(name)", "--unit", unit, "--parent",
                        "127.0.0.1:\(port)", "--code", code)
                }
                let wrongUnit = try join("379921", as: "a", with: code)
                #expect(wrongUnit.status == 1 && wrongUnit.errors.contains("enrollment.wrongUnit"))
                let mistyped = try join("379902", as: "b", with: "0" + code.dropFirst())
                #expect(mistyped.status == 1 && mistyped.errors.contains("enrollment.code."), "\(mistyped.errors)")
                #expect(try join("379902", as: "c", with: code).status == 0)
                let used = try join("379902", as: "d", with: code)
                #expect(used.status == 1 && used.errors.contains("enrollment.used"))
            }
        }
    }
}
