import HTTPTypes
import ServiceModel
import SyncNode

/// Why a page was refused before the node was asked.
enum PageProblem: CodedError, Hashable {
    case unknownPage
    /// A form that was not sent from a page of this very hall.
    case foreignForm
    case form
    case tooLarge

    /// Stable, for logs, answers and documentation.
    var code: String {
        switch self {
        case .unknownPage: "page.unknown"
        case .foreignForm: "page.foreignForm"
        case .form: "page.form"
        case .tooLarge: "page.tooLarge"
        }
    }

    var words: Words { PageText.words(code) }

    /// The status that fits a code.
    static func status(of code: String) -> HTTPResponse.Status {
        switch code {
        case "page.unknown", "case.unknown", "catalog.unknown", "unit.unknown": return .notFound
        case "page.foreignForm": return .forbidden
        case "page.tooLarge", "draft.tooLarge", "wire.tooLarge": return .contentTooLarge
        case "draft.unknown": return .gone
        case "draft.outrun": return .conflict
        default: break
        }
        switch code.prefix(while: { $0 != "." }) {
        case "replica", "node": return .serviceUnavailable
        case "case", "route", "catalog": return .conflict
        default: return .badRequest
        }
    }
}
