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

    var words: Words {
        switch self {
        case .unknownPage: Words("there is no such page: go back to the start", "没有这个页面：请回首页")
        case .foreignForm:
            Words(
                "this form was not sent from a page of this hall, and nothing was done: send it again from the page",
                "此表单不是从本系统的页面提交的，没有处理：请从页面重新提交")
        case .form: Words("the form cannot be read: go back and send it again", "表单的内容无法读取：请返回后再提交")
        case .tooLarge: Words("that is more than is taken at once: shorten it", "提交的内容太多：请缩短")
        }
    }

    /// The status that fits a code.
    static func status(of code: String) -> HTTPResponse.Status {
        switch code {
        case "page.unknown", "case.unknown", "case.keptAbove", "catalog.unknown", "unit.unknown": return .notFound
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
