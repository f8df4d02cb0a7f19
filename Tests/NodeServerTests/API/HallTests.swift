import Foundation
import ServiceModel
import Testing

@testable import NodeServer

@Suite struct HallTests {
    @Test func onlyThisMachineUnlessItIsSaid() throws {
        for host in ["127.0.0.1", "127.8.9.1", "::1", "localhost"] {
            #expect(try HallAddress(PeerEndpoint(host: host, port: 0)).isLoopback, "\(host)")
        }
        for host in ["0.0.0.0", "192.168.1.4", "::", "127.0.0.1.example.org", "hall", "10.127.0.1"] {
            let endpoint = PeerEndpoint(host: host, port: 0)
            #expect(throws: HallError.notLoopback(host)) { try HallAddress(endpoint) }
            #expect(try !HallAddress(endpoint, anywhere: true).isLoopback)
        }
    }

    @Test func statusesFitTheCodes() {
        let expected: [(String, Int)] = [
            ("input.bad", 400), ("case.incomplete", 400), ("api.unknownKey", 400), ("case.unknown", 404),
            ("catalog.unknown", 404), ("case.changedMeanwhile", 409), ("case.impossible.phase", 409),
            ("case.waits.parent", 409), ("api.method", 405), ("wire.tooLarge", 413), ("api.tooLarge", 413),
            ("api.notJSON", 415),
            ("replica.storage", 503), ("replica.busy", 503), ("node.file", 503),
        ]
        for (code, status) in expected { #expect(ProblemAnswer.status(of: code).code == status, "\(code)") }
    }

    @Test func whoTheNodeIs() async throws {
        try await HallTown.with { town in
            _ = try await town.accept()
            let status = try await town.client.get("status")
            #expect(status.status == 200 && status.headers["content-type"] == "application/json")
            #expect(status.object["unit"] as? String == HallTown.town)
            #expect(status.object["cases"] as? Int == 1 && status.object["units"] as? Int == 3)
            #expect((status.object["uplink"] as? [String: Any])?["isUp"] as? Bool == false)
        }
    }

    @Test func itemsAreListedFoundAndShown() async throws {
        try await HallTown.with { town in
            let found: [(String, Int)] = [
                ("items", 1), ("items?q=%E6%95%91%E5%8A%A9", 1), ("items?q=nothing", 0), ("items?offered=today", 1),
                ("items?kind=%E8%A1%8C%E6%94%BF%E8%AE%B8%E5%8F%AF", 0),
                ("items?department=%E6%B0%91%E6%94%BF%E5%B1%80", 1),
                ("items?department=nobody", 0), ("items?limit=1&q=", 1),
            ]
            for (path, count) in found {
                let answer = try await town.client.get(path)
                #expect(answer.status == 200 && answer.list.count == count, "\(path)")
            }
            let item = try await town.client.get("items/\(HallTown.item)").object
            #expect((item["item"] as? [String: Any])?["name"] as? String == "临时救助金给付")
            #expect(item["offeredBy"] as? String == HallTown.town)
        }
    }

    @Test func aCaseIsAcceptedFoundActedOnAndCounted() async throws {
        try await HallTown.with { town in
            let heard = town.news.subscribe()
            let accepted = try await town.client.post("cases", HallTown.submission())
            let receipt = try #require(accepted.object["receipt"] as? String)
            #expect(accepted.status == 201 && accepted.headers["location"] == "/api/v1/cases/\(receipt)")
            // Without an announcement this waits for ever, and the test's time limit says so.
            #expect(await heard.first { _ in true } != nil)

            let lists: [(String, Int)] = [
                ("cases", 1), ("cases?phase=accepted", 1), ("cases?phase=decided", 0), ("cases?unsettled=true", 0),
                ("cases?holder=\(HallTown.town)", 1), ("cases?holder=\(HallTown.village)", 0),
                ("cases?acceptedBy=\(HallTown.town)", 1), ("cases?acceptedBy=\(HallTown.village)&unsent=true", 0),
                ("cases?unsent=true", 1), ("cases?q=\(receipt)&unsent=true&acceptedBy=\(HallTown.town)", 1),
                ("cases?q=\(receipt)", 1),
                ("cases?q=%E5%B0%8F%E6%98%8E&phase=accepted", 1), ("cases?q=%E5%B0%8F%E6%98%8E&phase=decided", 0),
                ("cases?limit=1", 1),
            ]
            for (path, count) in lists {
                let answer = try await town.client.get(path)
                #expect(answer.status == 200 && answer.list.count == count, "\(path)")
            }
            let shown = try await town.client.get("cases/\(receipt.lowercased())").object
            #expect(shown["phase"] as? String == "accepted")
            let seen = try #require(shown["seen"] as? [String])

            let note = try await town.client.post("cases/\(receipt)/actions", ["action": "note", "text": "来电"])
            #expect(note.status == 200 && note.object["result"] as? String == "written")
            let decision: [String: Any] = ["action": "decide", "outcome": "granted", "actor": "c07", "seen": seen]
            let decided = try await town.client.post("cases/\(receipt)/actions", decision)
            #expect(decided.status == 200 && decided.object["phase"] as? String == "decided")
            let again = try await town.client.post("cases/\(receipt)/actions", decision)
            #expect(again.status == 409 && again.code == "case.changedMeanwhile")
            let twice = try await town.client.post(
                "cases/\(receipt)/actions", ["action": "decide", "outcome": "granted"])
            #expect(twice.status == 409 && twice.code.hasPrefix("case.impossible."))

            let ofMonth = "stats?unit=\(HallTown.town)&month=2026-09"
            for (path, groups) in [("stats", 0), ("stats?by=item", 1), (ofMonth, 0)] {
                let stats = try await town.client.get(path)
                #expect(stats.status == 200 && (stats.object["groups"] as? [Any])?.count == groups, "\(path)")
                let counts = (stats.object["total"] as? [String: Any])?["counts"] as? [String: Int]
                #expect(counts?["accepted"] == 1, "\(path)")
            }
        }
    }

    @Test func aCertificateStandsInForAMaterial() async throws {
        try await HallTown.with { town in
            let without = HallTown.submission { $0["materials"] = ["proof"] }
            let refused = try await town.client.post("cases", without)
            #expect(refused.status == 400 && refused.code == "case.incomplete", "\(refused.json)")
            let accepted = try await town.client.post(
                "cases", without.merging(["certificates": ["电子申请"]]) { $1 })
            let receipt = try #require(accepted.object["receipt"] as? String, "\(accepted.json)")
            let fields = try await town.client.get("cases/\(receipt)").object["fields"] as? [String: String]
            #expect(fields?["material.application"] == "certificate:电子申请")
        }
    }

    @Test func badQueriesAreRefused() async throws {
        try await HallTown.with { town in
            let table: [(String, Int, String)] = [
                ("items?limit=0", 400, "api.parameter"), ("items?limit=ten", 400, "api.parameter"),
                ("items?limit=10001", 400, "api.parameter"), ("items?kind=nothing", 400, "api.parameter"),
                ("items?offered=2026-02-30", 400, "api.parameter"), ("items?colour=red", 400, "api.unknownParameter"),
                ("items?limit=1&limit=2", 400, "api.parameter"), ("items?q=%E6%95", 400, "api.parameter"),
                ("items?q=" + String(repeating: "a", count: 201), 400, "api.parameter"),
                ("items/JZ-99", 404, "catalog.unknown"), ("cases?phase=asleep", 400, "api.parameter"),
                ("cases?unsettled=maybe", 400, "api.parameter"), ("cases?unsent=1", 400, "api.parameter"),
                ("cases?acceptedBy=%3F", 400, "api.parameter"), ("cases?holder=%3F", 400, "api.parameter"),
                ("cases/nothing", 404, "case.unknown"), ("stats?month=2026-13", 400, "api.parameter"),
                ("stats?by=colour", 400, "api.parameter"), ("stats?unit=999999", 404, "unit.unknown"),
                ("stats?unit=\(HallTown.city)", 400, "unit.notBelow"), ("status?x=1", 400, "api.unknownParameter"),
                ("nothing", 404, "api.unknownPath"),
            ]
            for (path, status, code) in table {
                let answer = try await town.client.get(path)
                #expect(answer.status == status && answer.code == code, "\(path): \(answer.json)")
                #expect(!(answer.object["message"] as? String ?? "").isEmpty, "\(path)")
            }
            let chinese = try await town.client.get("cases/nothing", language: "zh-CN,zh;q=0.9")
            #expect((chinese.object["message"] as? String)?.contains("没有办件") == true)
            let foreign = try await town.client.get("status", host: "evil.example")
            #expect(foreign.status == 421 && foreign.code == "api.foreignHost")
            for (method, path, allowed) in [
                ("DELETE", "cases", "GET, POST"), ("POST", "cases/nothing", "GET"), ("GET", "cases/x/actions", "POST"),
                ("PUT", "status?x=1", "GET"),
            ] {
                let wrong = try await town.client.ask(method, path)
                #expect(wrong.status == 405 && wrong.code == "api.method", "\(method) \(path): \(wrong.json)")
                #expect(wrong.headers["allow"] == allowed, "\(method) \(path)")
            }
            #expect(try await town.client.ask("DELETE", "cases/x/y/z").code == "api.unknownPath")
        }
    }

    @Test func badBodiesAreRefusedAndLeaveNothing() async throws {
        try await HallTown.with { town in
            let changes: [([String: Any], Int, String)] = [
                (["colour": "red"], 400, "api.unknownKey"), (["actions": []], 400, "api.unknownKey"),
                (["fields": 3], 400, "api.malformed"), (["item": NSNull()], 400, "api.malformed"),
                (["item": "JZ-99"], 404, "catalog.unknown"), (["day": "yesterday"], 400, "input.bad"),
                (["channel": "pigeon"], 400, "input.unknownChannel"), (["materials": []], 400, "case.incomplete"),
                (["deferredUntil": "soon"], 400, "input.bad"),
            ]
            for (change, status, code) in changes {
                let body = HallTown.submission { $0.merge(change) { $1 } }
                let answer = try await town.client.post("cases", body)
                #expect(answer.status == status && answer.code == code, "\(change): \(answer.json)")
            }
            let raw: [(Data, String?, Int, String)] = [
                (Data("{".utf8), "application/json", 400, "api.malformed"),
                (Data("[]".utf8), "application/json", 400, "api.malformed"),
                (Data(), "application/json", 400, "api.malformed"),
                (Data("{}".utf8), "text/plain", 415, "api.notJSON"), (Data("{}".utf8), nil, 415, "api.notJSON"),
                (Data(repeating: 0x20, count: APIRequest.longestBody + 1), "application/json", 413, "api.tooLarge"),
            ]
            for (body, type, status, code) in raw {
                let answer = try await town.client.post("cases", raw: body, type: type)
                #expect(answer.status == status && answer.code == code, "\(body.count) \(type ?? ""): \(answer.json)")
            }
            #expect(try await town.client.get("cases").list.isEmpty)
        }
    }

    @Test func badActionsAreRefusedAndLeaveNothing() async throws {
        try await HallTown.with { town in
            let receipt = try await town.accept()
            let table: [([String: Any], Int, String)] = [
                (["action": "dance"], 400, "input.unknownAction"), (["action": "accept"], 400, "input.unknownAction"),
                ([:], 400, "api.malformed"), (["action": "note", "colour": "red"], 400, "api.unknownKey"),
                (["action": "note"], 400, "input.missing"), (["action": "decide"], 400, "input.unknownOutcome"),
                (["action": "decide", "outcome": "refused"], 400, "input.missing"),
                (["action": "evaluate", "level": "fine"], 400, "input.unknownLevel"),
                (["action": "evaluate", "level": "不满意"], 400, "input.missing"),
                (["action": "forward"], 400, "input.missing"),
                (["action": "forward", "target": "?"], 404, "unit.unknown"),
                (["action": "answer", "admits": ["xyz"]], 400, "input.bad"),
                (["action": "note", "text": "a", "day": "2026-2-1"], 400, "input.bad"),
                (["action": "decide", "outcome": "granted", "seen": []], 409, "case.changedMeanwhile"),
            ]
            for (body, status, code) in table {
                let answer = try await town.client.post("cases/\(receipt)/actions", body)
                #expect(answer.status == status && answer.code == code, "\(body): \(answer.json)")
            }
            let delivered = try await town.client.post("cases/\(receipt)/actions", ["action": "deliver"])
            #expect(delivered.status == 409 && delivered.code.hasPrefix("case.impossible."))
            let nowhere = try await town.client.post("cases/nothing/actions", ["action": "note", "text": "a"])
            #expect(nowhere.status == 404 && nowhere.code == "case.unknown")
            #expect((try await town.client.get("cases/\(receipt)").object["trace"] as? [Any])?.count == 1)
        }
    }
}
