import Foundation
import Hummingbird
import ServiceModel
import SyncNode

/// What a browser asks of a page.
struct PageRequest: Sendable {
    /// As it came, with the query.
    let target: String
    let path: [String: String]
    let query: PageForm
    /// What was posted.
    let form: PageForm
    let cookies: [String: String]
    let language: Language

    /// - Throws: `PageProblem`.
    init(_ request: Request, path: [String: String], form: PageForm) throws(PageProblem) {
        target = request.uri.description
        self.path = path
        self.form = form
        query = try PageForm(request.uri.query ?? "")
        cookies = Self.cookies(request.headers[.cookie] ?? "")
        language = Self.language(cookies, accepted: request.headers[.acceptLanguage] ?? "")
    }

    /// The name that the clerk gave last.
    var clerk: String { cookies[PageCookie.clerk] ?? "" }

    static func language(of request: Request) -> Language {
        language(cookies(request.headers[.cookie] ?? ""), accepted: request.headers[.acceptLanguage] ?? "")
    }

    /// What was chosen; else the first of the accepted that there is; else Chinese.
    private static func language(_ cookies: [String: String], accepted: String) -> Language {
        let tags = accepted.split(separator: ",").prefix(16).map { $0.drop { $0 == " " }.prefix(2).lowercased() }
        switch cookies[PageCookie.language] ?? tags.first(where: { ["zh", "en"].contains($0) }) {
        case "en": return .english
        default: return .chinese
        }
    }

    private static func cookies(_ header: String) -> [String: String] {
        guard header.utf8.count <= PageLimits.cookieBytes else { return [:] }
        var cookies: [String: String] = [:]
        for pair in header.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = String(parts[1]).removingPercentEncoding else { continue }
            cookies[String(parts[0]).trimmingCharacters(in: .whitespaces)] = value
        }
        return cookies
    }
}

/// The cookies of the pages. None of them proves anything.
enum PageCookie {
    static let language = "language"
    static let clerk = "clerk"

    static func header(_ name: String, _ value: String) -> String {
        let safe = value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "\(name)=\(safe); Path=/; Max-Age=\(PageLimits.cookieSeconds); HttpOnly; SameSite=Strict"
    }
}
