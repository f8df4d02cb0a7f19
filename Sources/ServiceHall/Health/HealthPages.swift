import ServiceModel
import SyncNode

/// What is wrong with this node, in the words of `terrace doctor`.
struct HealthPages: Sendable {
    let frame: PageFrame

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] { [PageRoute(.get, "/health") { show($0) }] }

    private func show(_ request: PageRequest) -> PageAnswer {
        let text = PageText(language: request.language)
        let view: View = [
            "isHealth": true,
            "findings": frame.desk.examination.findings.map { finding -> View in
                [
                    "code": finding.code, "severity": finding.severity.rawValue,
                    "severityName": finding.severity.words[text.language],
                    "what": View.plain(finding.what[text.language]),
                    "effect": View.plain(finding.effect[text.language]),
                    "wayOut": View.pieces(finding.wayOut[text.language]),
                ]
            },
        ]
        return frame.lastingPage(
            "health", view, in: request.language, title: text["health"], kind: "health", here: request.target)
    }
}

extension View {
    /// Without the marks around commands and names of files.
    static func plain(_ text: String) -> String { text.replacing("`", with: "") }

    /// What is between those marks apart from the rest, each in its turn.
    static func pieces(_ text: String) -> [View] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, piece in
            [index.isMultiple(of: 2) ? "said" : "typed": String(piece)]
        }
    }
}
