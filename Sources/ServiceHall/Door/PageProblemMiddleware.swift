import Hummingbird
import Logging
import NIOPosix
import ServiceModel

/// Tells a person what went wrong, on a page in their language, with a way on. The API has its own answers.
struct PageProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let frame: PageFrame

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !request.uri.path.hasPrefix("/api/") else { return try await next(request, context) }
        do {
            return try await next(request, context)
        } catch let error as any CodedError {
            return try await answer(error, request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return try await answer(PageProblem.unknownPage, request, context)
        } catch let error as any HTTPResponseError {
            throw error
        } catch {
            context.logger.error("page failed", metadata: ["error": "\(error)"])
            return try await answer(nil, request, context)
        }
    }

    private func answer(_ error: (any CodedError)?, _ request: Request, _ context: Context) async throws -> Response {
        let status = error.map { PageProblem.status(of: $0.code) } ?? .internalServerError
        if let error, status.kind == .serverError {
            context.logger.error("page failed", metadata: ["code": "\(error.code)", "error": "\(error)"])
        }
        let language = PageRequest.language(of: request)
        return try await NIOThreadPool.singleton.runIfActive {
            frame.problem(error, status: status, language: language)
        }.response
    }
}
