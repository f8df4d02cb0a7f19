import SyncNode

/// The way in, and the choice of the language.
struct EntryPages: Sendable {
    let frame: PageFrame

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] {
        [
            PageRoute(.get, "/") { _ in .seeOther(frame.desk.node.isRoot ? "/wall" : "/counter") },
            PageRoute(.get, "/language") { _ in .seeOther("/") },
            PageRoute(.post, "/language") { request in
                let chosen = request.form.text("to") == "en" ? "en" : "zh"
                return .seeOther(Self.local(request.form.text("here"))).remembering(PageCookie.language, chosen)
            },
        ]
    }

    /// A path of this hall, whatever somebody has put there.
    static func local(_ path: String) -> String {
        let isLocal =
            path.hasPrefix("/") && !path.hasPrefix("//")
            && path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        return isLocal ? path : "/"
    }
}
