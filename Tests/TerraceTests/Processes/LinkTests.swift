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
