import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import NodeServer
@testable import Replica
@testable import SyncNode

/// What is wrong with a node, on its pages and for programs; and the way up on the wall.
@Suite struct HealthPageTests {
    private static func change(_ town: HallTown, _ sql: String) throws {
        try DatabaseQueue(path: town.node.directory.replica.path).write { try $0.execute(sql: sql) }
    }

    @Test func thePageAndTheAPISayTheSame() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            try Self.change(town, "INSERT INTO draft VALUES ('d', 'x', '{}', 1, 1)")
            for language in ["zh", "en"] {
                let page = try await pages.get("/health", language: language)
                let told = try await town.client.get("doctor", language: language).object
                let findings = try #require(told["findings"] as? [[String: Any]])
                #expect(told["needsSomebody"] as? Bool == true)
                let codes = findings.compactMap { $0["code"] as? String }
                #expect(codes == ["line.noUplink", "backup.none", "work.drafts"])
                for finding in findings {
                    for key in ["code", "what", "effect"] {
                        let text = try #require(finding[key] as? String)
                        #expect(page.text.contains(text.replacing("`", with: "")), "\(language) \(text)")
                    }
                }
                #expect(page.text.contains("<code>terrace backup --data \(town.node.directory.url.path)"))
                let sections = page.text.components(separatedBy: "<section class=\"finding ").dropFirst()
                #expect(sections.map { $0.prefix { $0 != "\"" } } == ["warning", "warning", "note"])
            }
            let counter = try await pages.get("/counter").text
            #expect(counter.contains("href=\"/health\"") && !counter.contains("danger"))
        }
    }

    /// Work may stop here: every page says so, and leads to the way out.
    @Test func aDangerStandsOnEveryPage() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            // What the anchor cannot be asked any more is found without touching the database.
            let anchor = town.node.directory.anchor
            let before = try Data(contentsOf: anchor)
            try Data("no JSON".utf8).write(to: anchor)
            for path in ["/counter", "/cases", "/wall", "/health", "/nowhere"] {
                let bar = try #require(try await pages.get(path).part("<p class=\"line", "</p>"), "\(path)")
                #expect(bar.contains("danger") && bar.contains("<a href=\"/health\"><b>anchor 文件已损坏</b>"), "\(path)")
            }
            let english = try await pages.get("/wall", language: "en").part("<p class=\"line", "</p>")
            #expect(english?.contains("the anchor is damaged") == true)
            try before.write(to: anchor)
            #expect(try await !pages.get("/wall").text.contains("danger"))
        }
    }

    /// Nothing is served from a file that cannot be read, and that is what the page is for.
    @Test func thePageIsThereWhereTheDatabaseIsNot() async throws {
        try await HallTown.with { town in
            town.node.replica.stopServing(.unreadable("database disk image is malformed"))
            #expect(try await PageClient(town).get("/counter").status == 503)
            let page = try await PageClient(town).get("/health")
            #expect(page.status == 200 && page.text.contains("terrace salvage --data"), "\(page.text)")
            let answer = try await town.client.get("doctor")
            let codes = (answer.object["findings"] as? [[String: Any]])?.compactMap { $0["code"] as? String }
            #expect(answer.status == 200 && codes == ["database.unreadable"])
        }
    }

    // MARK: - The wall

    private static func figure(_ wall: PageClient.Page, _ key: String) -> (value: String, rest: String) {
        let item = wall.part("data-figure=\"\(key)\"><span class=\"figure", "</li>") ?? ""
        let parts = item.split(separator: ">", maxSplits: 1).last ?? ""
        return (String(parts.prefix { $0 != "<" }), item)
    }

    @Test func theWallShowsTheWayUp() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town), now = town.network.now
            func figures() async throws -> [String] {
                let wall = try await pages.get("/wall")
                return ["line", "waiting", "lag", "proof"].map { Self.figure(wall, $0).value }
            }
            #expect(try await figures() == ["不通", "0", "–", "尚无"])
            _ = try await pages.accept()
            #expect(try await figures() == ["不通", "1", "0 分钟", "尚无"])
            let waiting = Self.figure(try await pages.get("/wall"), "waiting").rest
            #expect(waiting.contains("办件 1 件"), "\(waiting)")

            town.uplink.connected(
                to: UpperNode(unit: UnitCode(HallTown.city)!, node: 1, isParent: true), at: now)
            try town.network.exchange(HallTown.town)
            try town.network.exchange(HallTown.town, mode: .looks)
            #expect(try await figures() == ["畅通", "0", "–", "一致"])
            let line = Self.figure(try await pages.get("/wall"), "line").rest
            #expect(line.contains("市，自 \(CivilTime.text(now.seconds).suffix(5))"), "\(line)")

            try town.node.replica.write {
                try $0.keep(
                    ComparisonOutcome(
                        unit: UnitCode(HallTown.city)!, node: 1, time: now.seconds + 1, lackingThere: 1, lackingHere: 0,
                        isSent: false))
            }
            #expect(try await figures()[3] == "不一致")
            _ = town.uplink.failed(UplinkFailure(LinePause.busy(9)), at: now)
            #expect(try await figures()[0] == "暂歇")
            let english = try await pages.get("/wall", language: "en")
            #expect(Self.figure(english, "proof").value == "Differs")
        }
    }

    /// For how long what waits has waited, by the figure that is seen from afar.
    @Test func whatWaitsForLongIsMarked() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            town.network.skew[HallTown.town] = -3 * 86_400
            try town.network.accept(at: HallTown.town)
            let lag = Self.figure(try await pages.get("/wall"), "lag")
            #expect(lag.value == "3 天" && lag.rest.contains("late"), "\(lag)")
        }
    }

    /// At every unit with others below, the root too: when each was proven to hold the same, and that it does not.
    @Test func theRowsOfTheWallSayTheProof() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town), now = town.network.now.seconds
            let village = UnitCode(HallTown.village)!
            func proof() async throws -> String? {
                try await pages.get("/wall").part("data-proof=\"\(HallTown.village)\">", "</td>")
            }
            func keep(lacking: Int, at time: Int64) throws {
                try town.node.replica.write {
                    try $0.keep(
                        ComparisonOutcome(
                            unit: village, node: 1, time: time, lackingThere: lacking, lackingHere: 0, isSent: false))
                }
            }
            #expect(try await proof() == "尚无")
            try keep(lacking: 0, at: now)
            try town.node.replica.write {
                try $0.keep(
                    ProvenEquality(unit: village, node: 1, time: now, runs: 1, changeSets: 1), own: Data(),
                    theirs: Data())
            }
            let proven = try #require(try await proof())
            #expect(proven.hasSuffix("\(CivilTime.text(now).suffix(5))"), "\(proven)")
            try keep(lacking: 2, at: now + 60)
            let differs = try #require(try await proof())
            #expect(differs.hasPrefix(proven) && differs.contains("不一致"), "\(differs)")
        }
    }

    @Test func theRowsOfTheWallSayTheLag() async throws {
        try await HallTown.with { town in
            let row = try #require(
                try await PageClient(town).get("/wall").part("data-backlog=\"\(HallTown.village)\">", "</tr>"))
            #expect(row.contains("1 个单位尚无数据"), "\(row)")
        }
    }
}
