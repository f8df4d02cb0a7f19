import ChangeSet
import Replica
import ServiceModel

/// A word about a case that means nothing here.
package enum CaseInputError: CodedError, Hashable, CustomStringConvertible {
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

    package var description: String {
        switch self {
        case .unknownAction(let name):
            "no action “\(name)”: there are \(CaseAction.allCases.dropFirst().map(\.name).joined(separator: ", "))"
        case .unknownOutcome(let name): "outcome “\(name)”: a decision is granted or refused"
        case .unknownLevel(let name):
            "level “\(name)”: there are \(Satisfaction.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unknownChannel(let name):
            "channel “\(name)”: there are \(Channel.allCases.map(\.name).joined(separator: ", "))"
        case .missing(let part, let action): "“\(action)” needs “\(part)” here"
        }
    }
}
