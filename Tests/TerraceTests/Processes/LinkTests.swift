import Foundation
import Testing

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
                    let mistyped = try await join("379902", as: "b", with: "0" + code.dropFirst())
                    #expect(mistyped.status == 1 && mistyped.errors.contains("enrollment.code."), "\(mistyped.errors)")
                    #expect(try await join("379902", as: "c", with: code).status == 0)
                    let used = try await join("379902", as: "d", with: code)
                    #expect(used.status == 1 && used.errors.contains("enrollment.used"))
                }
            }
        }
    }
}
