import HTTPTypes
import Hummingbird

/// Lets a form in only from a page of this hall. Browsers say where a form comes from: the newer ones in
/// `Sec-Fetch-Site`, others in `Origin`, the oldest in `Referer`. The first of them that is there decides; who says
/// nothing is no browser with a page of ours.
enum SameOrigin {
    private static let site = HTTPField.Name("Sec-Fetch-Site")
    private static let referer = HTTPField.Name("Referer")

    static func isOwn(_ request: Request) -> Bool {
        if let site, let word = request.headers[site] { return word == "same-origin" }
        let own = "http://\(request.head.authority ?? "")"
        if let origin = request.headers[.origin] { return origin == own }
        guard let referer, let page = request.headers[referer] else { return false }
        return page.hasPrefix(own + "/")
    }
}
