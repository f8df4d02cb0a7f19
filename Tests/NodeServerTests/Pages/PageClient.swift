import Foundation
import Testing

/// Uses the pages of a hall as a browser does: forms from its own pages, cookies kept by the test.
struct PageClient: Sendable {
    struct Page: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String

        var location: String { headers["location"] ?? "" }

        /// What is between the first two marks.
        func part(_ from: String, _ to: String) -> String? {
            guard let start = text.range(of: from),
                let end = text.range(of: to, range: start.upperBound..<text.endIndex)
            else { return nil }
            return String(text[start.upperBound..<end.lowerBound])
        }

        /// The values of all inputs of a name.
        func values(_ name: String) -> [String] {
            text.components(separatedBy: "name=\"\(name)\" value=\"").dropFirst().map {
                String($0.prefix { $0 != "\"" })
            }
        }
    }

    let client: HallClient

    init(_ town: HallTown) { client = town.client }

    func get(_ target: String, language: String = "zh-CN,zh;q=0.9", cookie: String? = nil) async throws -> Page {
        var headers = ["Accept-Language": language]
        headers["Cookie"] = cookie
        return Self.page(try await client.raw("GET", target, headers: headers))
    }

    /// - Parameter from: what a browser says of where the form came from; its own page when left out.
    func post(
        _ target: String, _ form: [(String, String)], from: [String: String]? = nil, cookie: String? = nil
    ) async throws -> Page {
        let body = form.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }.joined(separator: "&")
        return try await post(target, raw: Data(body.utf8), from: from, cookie: cookie)
    }

    func post(
        _ target: String, raw body: Data, from: [String: String]? = nil, cookie: String? = nil
    ) async throws -> Page {
        var headers = from ?? ["Origin": "http://127.0.0.1:\(client.port)"]
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Cookie"] = cookie
        return Self.page(try await client.raw("POST", target, headers: headers, body: body))
    }

    /// Begins a draft.
    /// - Returns: the path of its page.
    func begin() async throws -> String {
        let begun = try await post("/drafts", [("item", HallTown.item)])
        #expect(begun.status == 303 && begun.location.hasPrefix("/drafts/"))
        return begun.location
    }

    /// A form of a draft that is whole.
    static func whole(_ changes: [String: String] = [:]) -> [(String, String)] {
        var fields = [
            "item": HallTown.item, "applicant.name": "王小明", "applicant.phone": "13900001001", "form.reason": "大病",
            "material": "application", "until": "2026-12-31", "day": "", "actor": "李雷", "edit": "1",
        ]
        fields.merge(changes) { $1 }
        return fields.sorted { $0.key < $1.key }
    }

    /// The receipt of a case that was accepted over the pages.
    func accept(_ changes: [String: String] = [:]) async throws -> String {
        let page = try await post("\(try await begin())/accept", Self.whole(changes))
        #expect(page.status == 303, "\(page.text)")
        return page.location.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }

    /// Sends a form of a case's page, with the heads of the chain that the page shows.
    func act(on receipt: String, _ form: [(String, String)]) async throws -> Page {
        let seen = Set(try await get("/cases/\(receipt)").values("seen")).map { ("seen", $0) }
        return try await post("/cases/\(receipt)/actions", form + seen + [("actor", "韩梅")])
    }

    private static func page(_ parts: HallClient.Parts) -> Page {
        Page(status: parts.status, headers: parts.headers, text: parts.text)
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
