import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode
import Testing

/// What the clerk sees, and what is not done without them, where the clock cannot be relied on.
@Suite struct ClockPageTests {
    private static let day: Int64 = 86_400

    /// The parent's clock was a hundred days ahead of the town's when it was heard last.
    private static func makeDoubtful(_ town: HallTown, by days: Int64 = 100) throws {
        let now = town.network.now.seconds
        try town.node.replica.write { transaction in
            let author = try town.node.author(transaction)
            try transaction.keep(
                QuotedAcknowledgement(author: author, heads: [0, 0, 0], time: now + days * day), heard: now)
        }
    }

    @Test func everyPageSaysIt() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            for target in ["/counter", "/cases", "/cases/\(receipt)", "/wall", "/items/\(HallTown.item)"] {
                #expect(try await !pages.get(target).text.contains("校准"), "\(target)")
            }
            try Self.makeDoubtful(town)
            for target in ["/counter", "/cases", "/cases/\(receipt)", "/wall", "/items/\(HallTown.item)", "/nowhere"] {
                let chinese = try await pages.get(target).text
                #expect(chinese.contains("请校准有误的一方") && chinese.contains("2026-12-30"), "\(target)")
                #expect(chinese.contains("日期请按日历填写"), "\(target)")
                let english = try await pages.get(target, language: "en").text
                #expect(english.contains("set the one that is wrong"), "\(target)")
            }
            // The paper says no time that is in doubt.
            #expect(try await !pages.get("/cases/\(receipt)/receipt").text.contains("打印于"))
            // Less than a day is told, and changes nothing else.
            try town.node.replica.write { transaction in
                let now = town.network.now.seconds
                try transaction.keep(
                    QuotedAcknowledgement(
                        author: try town.node.author(transaction), heads: [0, 0, 0], time: now + 7200), heard: now)
            }
            let slightly = try await pages.get("/counter").text
            #expect(slightly.contains("请校准有误的一方") && !slightly.contains("日期请按日历填写"))
            #expect(try await pages.accept().isEmpty == false)
        }
    }

    @Test func aReceiptGetsTheDayThatTheClerkWrites() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            try Self.makeDoubtful(town)
            let draft = try await pages.begin()
            let form = try await pages.get(draft)
            #expect(form.values("today") == [""] && form.text.contains("请按日历填写"))
            #expect(form.part("name=\"day\" type=\"date\" inputmode=\"text\" value=\"", "\"") == "")
            let refused = try await pages.post("\(draft)/accept", PageClient.whole())
            #expect(refused.status == 422 && refused.text.contains("href=\"#in-day\""))
            #expect(refused.text.contains("填写的内容已存为草稿"))
            let taken = try await pages.post("\(draft)/accept", PageClient.whole(["day": "2026-12-30"]))
            #expect(taken.status == 303, "\(taken.text)")
            let receipt = try #require(taken.location.split(separator: "/").dropFirst().first)
            #expect(try await pages.get("/cases/\(receipt)").text.contains("2026-12-30"))
        }
    }

    @Test func anActGetsTheDayThatTheClerkWrites() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            #expect(try await !pages.get("/cases/\(receipt)").text.contains("办理日期"))
            try Self.makeDoubtful(town)
            #expect(try await pages.get("/cases/\(receipt)").text.contains("办理日期"))
            let decide = [("action", "decide"), ("outcome", "granted")]
            let refused = try await pages.act(on: receipt, decide)
            #expect(refused.status == 400 && refused.text.contains("办理日期：请填写"))
            let bad = try await pages.act(on: receipt, decide + [("day", "2026-13-30")])
            #expect(bad.status == 400 && bad.text.contains("value=\"2026-13-30\""))
            let done = try await pages.act(on: receipt, decide + [("day", "2026-12-31")])
            #expect(done.status == 303, "\(done.text)")
            let day = try town.node.replica.read { try $0.serviceCase(receipt: receipt)?.decidedDay }
            #expect(day == CivilDate("2026-12-31")?.dayNumber)
        }
    }

    @Test func aDayThatTheJournalSpeaksAgainstIsMarked() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town), network = town.network
            // Nothing was sealed before it, so that nothing speaks against it.
            let first = try await pages.accept(["day": "1970-01-01"])
            #expect(try await !pages.get("/cases/\(first)").text.contains("日期存疑"))
            let quiet = try await town.client.get("cases/\(first)").object["trace"] as? [[String: Any]]
            #expect(quiet?.count == 1 && quiet?.first?["dayDoubt"] == nil && quiet?.first?["notBefore"] == nil)
            try network.settle(rounds: 1)
            let receipt = try await pages.accept(["day": "1970-01-03"])
            let chinese = try await pages.get("/cases/\(receipt)").text
            #expect(chinese.contains("日期存疑") && chinese.contains("所写日期为1970-01-03"))
            #expect(try await pages.get("/cases/\(receipt)", language: "en").text.contains("Day in doubt"))
            let trace = try await town.client.get("cases/\(receipt)").object["trace"] as? [[String: Any]]
            let doubt = trace?.first?["dayDoubt"] as? [String: Any]
            #expect(doubt?["code"] as? String == "day.earlierThanSealed")
            #expect(trace?.first?["notBefore"] as? Int == Int(network.now.seconds))
        }
    }

    @Test func programsMustSayTheDayToo() async throws {
        try await HallTown.with { town in
            let before = try #require(try await town.client.get("status").object["clock"] as? [String: Any])
            #expect(before["code"] == nil && before["needsDay"] as? Bool == false)
            let receipt = try await town.accept()
            try Self.makeDoubtful(town)
            let clock = try #require(try await town.client.get("status").object["clock"] as? [String: Any])
            #expect(clock["code"] as? String == "clock.apart" && clock["needsDay"] as? Bool == true)
            let refused = try await town.client.post("cases", HallTown.submission())
            #expect(refused.status == 400 && refused.code == "clock.dayNeeded")
            let taken = try await town.client.post("cases", HallTown.submission { $0["day"] = "2026-12-30" })
            #expect(taken.status == 201)
            let path = "cases/\(receipt)/actions"
            #expect(try await town.client.post(path, ["action": "note", "text": "a"]).code == "clock.dayNeeded")
            let noted = try await town.client.post(path, ["action": "note", "text": "a", "day": "2026-12-30"])
            #expect(noted.status == 200)
        }
    }
}
