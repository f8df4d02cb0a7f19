import HTTPTypes
import Hummingbird
import Logging
import ServiceModel
import SyncNode

/// A refusal, as a program reads it.
struct ProblemAnswer: Encodable {
    /// Stable: `area.what`.
    let code: String
    /// For people, in the language that they asked for.
    let message: String

    static let schema = JSONSchema.object([
        .must("code", .text("stable, for programs")), .must("message", .text("for people")),
    ])

    /// The status that fits a code.
    static func status(of code: String) -> HTTPResponse.Status {
        if let status = statuses[code] { return status }
        let area = code.prefix { $0 != "." }
        switch area {
        case "replica": return .serviceUnavailable
        case "route": return .conflict
        default:
            let waits = ["case.impossible.", "case.waits."].contains { code.hasPrefix($0) }
            return waits ? .conflict : .badRequest
        }
    }

    private static let statuses: [String: HTTPResponse.Status] = [
        "api.unknownPath": .notFound, "api.method": .methodNotAllowed, "api.notJSON": .unsupportedMediaType,
        "api.tooLarge": .contentTooLarge,
        "api.foreignHost": .misdirectedRequest,
        "case.unknown": .notFound, "catalog.unknown": .notFound, "unit.unknown": .notFound,
        "case.keptAbove": .notFound, "case.isHere": .conflict, "case.changedMeanwhile": .conflict,
        "catalog.retired": .conflict, "catalog.notOffered": .conflict,
        "catalog.notBelowOwner": .conflict, "node.cut": .conflict,
        "wire.tooLarge": .contentTooLarge,
        "node.file": .serviceUnavailable, "node.badFile": .serviceUnavailable, "node.noNumbers": .serviceUnavailable,
        "node.noIncarnations": .serviceUnavailable,
    ]
}

/// Answers what goes wrong further in as JSON.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    /// What the API answers, to tell a wrong method from a wrong path.
    let operations: [APIOperation]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any CodedError {
            let status = ProblemAnswer.status(of: error.code)
            if status.kind == .serverError {
                context.logger.error("request failed", metadata: ["code": "\(error.code)", "error": "\(error)"])
            }
            return try answer(status, error, request)
        } catch let error as HTTPError where error.status == .notFound {
            return try unknown(request)
        } catch let error as any HTTPResponseError {
            throw error
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return try answer(.internalServerError, APIProblem.failed, request)
        }
    }

    private func unknown(_ request: Request) throws -> Response {
        let asked = "\(request.method) \(request.uri.path)"
        let allowed = operations.filter { $0.answers(at: request.uri.path) }.map(\.method.rawValue).sorted()
        guard !allowed.isEmpty else { return try answer(.notFound, APIProblem.unknownPath(asked), request) }
        var refusal = try answer(.methodNotAllowed, APIProblem.method(asked, allowed: allowed), request)
        refusal.headers[.allow] = allowed.joined(separator: ", ")
        return refusal
    }

    private func answer(
        _ status: HTTPResponse.Status, _ error: any CodedError, _ request: Request
    ) throws -> Response {
        let problem = ProblemAnswer(code: error.code, message: ErrorText.words(error, in: request.language))
        return APIJSON.response(status, try APIJSON.buffer(problem))
    }
}

extension Request {
    /// The language in which whoever asks wants to be told.
    var language: Language { Language(tag: headers[.acceptLanguage] ?? "") }
}
