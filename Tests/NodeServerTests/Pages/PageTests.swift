import Foundation
import Replica
import ServiceModel
import SyncNode
import Testing

/// Every page over a real socket.
@Suite struct PageTests {
    @Test func everyPageSpeaksBothLanguages() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let receipt = try await pages.accept()
            let paths: [(String, Int)] = [
                ("/counter", 200), ("/counter?q=%E6%95%91%E5%8A%A9", 200), ("/counter?q=nothing", 200),
                ("/counter?q=nothing&all=1", 200), ("/items/\(HallTown.item)", 200), (draft, 200),
                ("\(draft)/discard", 200), ("/drafts/nothing/discard", 410), ("/cases", 200),
                ("/cases?q=nothing", 200), ("/cases?here=1&own=1&unsettled=1&unsent=1&phase=decided", 200),
                ("/cases/\(receipt)", 200), ("/cases/\(receipt)/receipt", 200),
                ("/cases/\(receipt)/receipt?new=1", 200),
                ("/health", 200),
                ("/wall", 200), ("/items/JZ-99", 404), ("/cases/nothing", 404), ("/drafts/nothing", 410),
                ("/nowhere", 404),
            ]
            let languages = [("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("en-GB,en;q=0.9", "en"), ("de", "zh-CN")]
            for (path, status) in paths {
                for (language, tag) in languages {
                    let page = try await pages.get(path, language: language)
                    #expect(page.status == status, "\(path)")
                    #expect(page.text.contains("<html lang=\"\(tag)\">"), "\(path) \(language)")
                    #expect(!page.text.contains("⟦") && !page.text.contains("{{"), "\(path): \(page.text)")
                    #expect(page.text.hasSuffix("</html>\n"), "\(path)")
                    #expect(page.headers["content-type"] == "text/html; charset=utf-8", "\(path)")
                    let policy = page.headers["content-security-policy"] ?? ""
                    #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
                    #expect(!page.text.contains(" onclick") && !page.text.contains("style="), "\(path)")
                }
            }
        }
    }

    /// A browser that reloads a refused form asks for the address that it was sent to.
    @Test func whereAFormWasSentLeadsBackToItsPage() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let receipt = try await pages.accept()
            let table = [
                ("\(draft)/accept", draft), ("/cases/\(receipt)/actions", "/cases/\(receipt)"),
                ("/drafts", "/counter"), ("/language", "/"),
                ("/cases/a%0D%0AX:%20y/actions", "/cases/a%0D%0AX%3A%20y"),
            ]
            for (path, page) in table {
                let answer = try await pages.get(path)
                #expect(answer.status == 303 && answer.location == page, "\(path): \(answer.location)")
            }
        }
    }

    @Test func theChosenLanguageIsKept() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let chosen = try await pages.post("/language", [("to", "en"), ("here", "/cases?q=1")])
            #expect(chosen.status == 303 && chosen.location == "/cases?q=1")
            let cookie = chosen.headers["set-cookie"] ?? ""
            #expect(cookie.hasPrefix("language=en;") && cookie.contains("SameSite=Strict"))
            #expect(try await pages.get("/cases", cookie: "a=b; language=en").text.contains("<html lang=\"en\">"))
            for elsewhere in ["//evil.example/", "http://evil.example/", "/\\evil.example", "/a\r\nX: y", ""] {
                #expect(try await pages.post("/language", [("to", "zh"), ("here", elsewhere)]).location == "/")
            }
        }
    }

    @Test func aFormFromElsewhereIsRefused() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let own = "http://127.0.0.1:\(town.client.port)"
            let refused: [[String: String]] = [
                [:], ["Origin": "http://evil.example"], ["Origin": "null"], ["Origin": "http://127.0.0.1:1"],
                ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
                ["Sec-Fetch-Site": "cross-site", "Origin": own], ["Referer": "http://evil.example/\(own)/"],
                ["Origin": "http://evil.example", "Referer": "\(own)/counter"], ["Referer": "\(own).evil.example/"],
            ]
            for headers in refused {
                let page = try await pages.post("/drafts", [("item", HallTown.item)], from: headers)
                #expect(page.status == 403 && page.text.contains("page.foreignForm"), "\(headers)")
            }
            #expect(try town.node.replica.read { try $0.drafts().isEmpty })
            for headers in [["Sec-Fetch-Site": "same-origin"], ["Origin": own], ["Referer": "\(own)/items/x"]] {
                #expect(try await pages.post("/drafts", [("item", HallTown.item)], from: headers).status == 303)
            }
        }
    }

    @Test func whatIsTypedIsNeverMarkup() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
            let escaped = try #require(evil.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let draft = try await pages.begin()
            let form = PageClient.whole(["applicant.name": evil, "form.reason": evil, "actor": "<b>\"李\"</b>"])
            #expect(try await pages.post(draft, form).status == 200)
            let receipt = try await pages.accept(["applicant.name": evil, "form.reason": evil, "actor": "<b>\"李\"</b>"])
            let noted = try await pages.post(
                "/cases/\(receipt)/actions", [("action", "note"), ("text", evil), ("actor", "<b>")])
            #expect(noted.status == 303)
            let refused = try await pages.post(
                "/cases/\(receipt)/actions", [("action", "cancel"), ("text", ""), ("actor", evil)])
            let paths = [
                "/counter", "/counter?q=\(escaped)", "/cases?q=\(escaped)", "/cases", draft, "/cases/\(receipt)",
                "/cases/\(receipt)/receipt", "/items/\(escaped)", "/cases/\(escaped)", "/drafts/\(escaped)",
            ]
            for page in [refused] + (try await paths.asyncMap { try await pages.get($0) }) {
                let main = page.part("<main", "</main>") ?? ""
                #expect(!main.isEmpty && !main.contains("<script") && !main.contains("<img") && !main.contains("<b>\""))
                #expect(!main.contains("onerror=alert(1)>"))
            }
        }
    }

    @Test func whatIsTooMuchIsRefused() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let large = try await pages.post(draft, raw: Data(repeating: 0x61, count: 256 * 1024 + 1))
            #expect(large.status == 413 && large.text.contains("page.tooLarge"))
            let many = try await pages.post(draft, (0...512).map { ("form.f\($0)", "1") })
            #expect(many.status == 413)
            #expect(try await pages.post(draft, raw: Data("form.reason=%E6%9".utf8)).status == 400)
            let long = try await pages.post(
                draft, PageClient.whole(["form.reason": String(repeating: "a", count: 140_000), "edit": "9"]))
            #expect(long.status == 413 && long.text.contains("draft.tooLarge"))
            #expect(try await pages.get("/counter?q=" + String(repeating: "a", count: 900)).status == 200)
        }
    }

    @Test func stylesAndScriptsAreKeptByTheirContent() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let page = try await pages.get("/counter")
            #expect(page.headers["cache-control"] == "no-store")
            for (from, type) in [("rel=\"stylesheet\" href=\"", "text/css"), ("<script src=\"", "text/javascript")] {
                let path = try #require(page.part(from, "\""))
                let file = try await pages.get(path)
                #expect(file.status == 200 && file.headers["content-type"]?.hasPrefix(type) == true)
                #expect(file.headers["cache-control"]?.contains("immutable") == true)
                #expect(file.headers["x-content-type-options"] == "nosniff")
            }
        }
    }

    @Test func theApiKeepsItsOwnAnswers() async throws {
        try await HallTown.with { town in
            let unknown = try await town.client.get("nothing")
            #expect(unknown.status == 404 && unknown.code == "api.unknownPath")
            let foreign = try await town.client.raw("GET", "/counter", host: "evil.example")
            #expect(foreign.status == 421)
        }
    }

    @Test func theLineIsToldFromWhatIsOnDisk() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            _ = try await pages.accept()
            let heard = try #require(
                try town.node.replica.read { try $0.lineStanding() }.heard)
            let page = try await pages.get("/counter")
            let line = try #require(page.part("<p class=\"line cut\"", "</p>"))
            #expect(line.contains(String(CivilTime.text(heard).suffix(5))), "\(line)")
            #expect(line.contains("1 条记录"), "\(line)")
        }
    }

    @Test func theWallShowsWhatTheUnitsHaveInHand() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            func inHand() async throws -> String? {
                try await pages.get("/wall").part("data-backlog=\"\(HallTown.village)\">", "</td>")
            }
            #expect(try await inHand() == "0")
            let record = try town.node.replica.read { try $0.caseReference(typed: receipt).record }
            var step = CaseStep(.forward, day: town.network.now.day, actor: "韩")
            step.target = UnitCode(HallTown.village)
            _ = try town.node.act(step, on: record, now: town.network.now)
            #expect(try await inHand() == "1")
        }
    }

    /// A page that went away to be renewed would stay away when the node does not answer.
    @Test func theWallIsRenewedInItsPlace() async throws {
        try await HallTown.with { town in
            let wall = try await PageClient(town).get("/wall")
            let time = CivilTime.text(town.network.now.seconds)
            #expect(wall.text.contains("id=\"stale\" role=\"status\" data-every=\"20\" hidden>自 \(time) 起未更新</p>"))
            #expect(wall.text.components(separatedBy: "http-equiv=\"refresh\"").count == 2)
            #expect(wall.part("<noscript>", "</noscript>") == "<meta http-equiv=\"refresh\" content=\"20\">")
        }
    }

    @Test func theListSaysWhoseCasesAndWhatWaits() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let old = try await pages.accept(["applicant.name": "张三"])
            try town.network.settle(rounds: 2)
            let new = try await pages.accept(["applicant.name": "李四"])
            func rows(_ query: String) async throws -> [String] {
                try await pages.get("/cases?\(query)").text.components(separatedBy: "<tr>").dropFirst(2).map { $0 }
            }
            let all = try await rows("")
            #expect(all.count == 2 && all[0].contains(new) && all[1].contains(old))
            #expect(all[0].contains("待上送") && !all[1].contains("待上送"))
            // The line above each page leads to them.
            let line = try #require(try await pages.get("/counter").part("<p class=\"line cut\"", "</p>"))
            #expect(line.contains("<a href=\"/cases?unsent=1\">1 条记录"), "\(line)")
            #expect(try await rows("unsent=1").count == 1)
            #expect(try await rows("unsent=1&q=%E5%BC%A0%E4%B8%89").isEmpty)
            #expect(try await rows("own=1").count == 2)
            let page = try await pages.get("/cases?own=1&unsent=1").text
            #expect(page.contains("name=\"own\" value=\"1\" checked"))
            #expect(page.contains("name=\"unsent\" value=\"1\" checked"))
            try town.network.settle(rounds: 2)
            #expect(try await rows("unsent=1").isEmpty)
            #expect(try await pages.get("/counter").text.contains("没有等待上送的内容"))
        }
    }

    /// The very numbers of the statistics, in their large figures.
    @Test func theWallShowsTheFigures() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            _ = try await pages.accept()
            let decided = try await pages.act(on: receipt, [("action", "decide"), ("outcome", "granted")])
            #expect(decided.status == 303)
            let report = try town.node.statistics(now: town.network.now)
            let wall = try await pages.get("/wall")
            func figure(_ key: String) -> String? {
                wall.part("data-figure=\"\(key)\"><span class=\"figure\">", "</li>")
            }
            for measure in [Measure.accepted, .closed, .granted, .overdue] {
                #expect(figure(measure.rawValue)?.hasPrefix("\(report.total[measure])</span>") == true, "\(measure)")
            }
            for rate in [Rate.closing, .onTime, .instant, .satisfaction] {
                let ratio = report.total[rate]
                let parts = "\(ratio.numerator) / \(ratio.denominator)"
                #expect(figure(rate.rawValue)?.contains(parts) == true, "\(rate)")
            }
            #expect(report.total[.accepted] == 2 && report.total[.closed] == 1)
            let frontier = "\(report.frontier.complete) / \(report.frontier.units.count) 个单位"
            #expect(wall.text.contains(frontier), "\(frontier)")
        }
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
        var out: [T] = []
        for element in self { out.append(try await body(element)) }
        return out
    }
}
