import ChangeSet
import Replica
import ServiceModel

/// A word about a case that means nothing here.
package enum CaseInputError: CodedError, Hashable {
    case unknownAction(String)
    case unknownOutcome(String)
    case unknownLevel(String)
    case unknownChannel(String)
    case missing(String, action: String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .unknownAction: "input.unknownAction"
        case .unknownOutcome: "input.unknownOutcome"
        case .unknownLevel: "input.unknownLevel"
        case .unknownChannel: "input.unknownChannel"
        case .missing: "input.missing"
        }
    }

    package var words: Words {
        switch self {
        case .unknownAction(let name):
            Self.oneOf(CaseAction.allCases.dropFirst().map(\.name), not: name, Words("action", "动作"))
        case .unknownOutcome(let name):
            Self.oneOf(Outcome.allCases.map(\.rawValue), not: name, Words("outcome", "决定"))
        case .unknownLevel(let name):
            Self.oneOf(Satisfaction.allCases.map(\.rawValue), not: name, Words("level", "评价"))
        case .unknownChannel(let name):
            Self.oneOf(Channel.allCases.map(\.name), not: name, Words("channel", "渠道"))
        case .missing(let part, let action):
            Words("“\(action)” needs “\(part)” here", "“\(action)”须有“\(part)”")
        }
    }

    private static func oneOf(_ known: [String], not name: String, _ what: Words) -> Words {
        let shown = ShownText.of(name)
        return what
            + Words(
                " “\(shown)” is unknown: there are \(known.joined(separator: ", "))",
                "“\(shown)”不存在：可用的有\(known.joined(separator: "、"))")
    }
}
