import Foundation
import HTTPTypes
import Hummingbird

/// What a browser is answered.
struct PageAnswer: Sendable {
    var status = HTTPResponse.Status.ok
    var type = "text/html; charset=utf-8"
    var body = ""
    /// Path to go on to.
    var location: String?
    /// Values of `Set-Cookie`.
    var cookies: [String] = []
    /// Seconds for which a browser may keep it without asking; nil is not at all.
    var lifetime: Int?

    static func html(_ body: String, status: HTTPResponse.Status = .ok) -> PageAnswer {
        PageAnswer(status: status, body: body)
    }

    /// To a page that can be loaded again without posting again.
    static func seeOther(_ path: String) -> PageAnswer { PageAnswer(status: .seeOther, location: path) }

    /// To the page below `path` that has this name; names come from the address line and may be anything.
    static func seeOther(_ path: String, _ name: String) -> PageAnswer { .seeOther("\(path)/\(escaped(name))") }

    /// As it may stand in an address.
    static func escaped(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-"])) ?? ""
    }

    static func text(_ body: String, status: HTTPResponse.Status) -> PageAnswer {
        PageAnswer(status: status, type: "text/plain; charset=utf-8", body: body)
    }

    func remembering(_ name: String, _ value: String) -> PageAnswer {
        var answer = self
        answer.cookies.append(PageCookie.header(name, value))
        return answer
    }

    /// Scripts, styles and forms of this hall alone; nothing of a page is kept by a browser or shown inside another.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """

    var response: Response {
        var headers: HTTPFields = [.contentType: type, .contentSecurityPolicy: Self.policy]
        headers[.cacheControl] = lifetime.map { "public, max-age=\($0), immutable" } ?? "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        if let name = HTTPField.Name("X-Frame-Options") { headers[name] = "DENY" }
        if let location { headers[.location] = location }
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return Response(status: status, headers: headers, body: .init(byteBuffer: .init(string: body)))
    }
}
