import HTTPTypes

/// Style, script and icon. The path of each has its content's hash, so that a browser may keep it for ever.
enum PageFiles {
    private struct File {
        let path: String
        let type: String
        let text: String

        init(_ name: String, _ suffix: String, _ type: String, _ bytes: [UInt8]) {
            path = "/static/\(name)-\(PageFiles.hash(bytes)).\(suffix)"
            self.type = type
            text = String(decoding: bytes, as: UTF8.self)
        }
    }

    private static let style = File("hall", "css", "text/css; charset=utf-8", PackageResources.hall_css)
    private static let script = File("hall", "js", "text/javascript; charset=utf-8", PackageResources.hall_js)
    private static let icon = File("icon", "svg", "image/svg+xml", PackageResources.icon_svg)

    static var stylePath: String { style.path }
    static var scriptPath: String { script.path }
    static var iconPath: String { icon.path }

    static var routes: [PageRoute] {
        [style, script, icon].map { file in
            PageRoute(.get, file.path) { _ in
                PageAnswer(type: file.type, body: file.text, lifetime: PageLimits.cookieSeconds)
            }
        }
    }

    /// FNV-1a: it tells versions apart, and proves nothing.
    private static func hash(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
