import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import ServiceModel

/// Puts the table of routes into a router.
package struct APIController<Context: RequestContext> {
    let routes: [APIRoute]

    init(_ routes: [APIRoute]) { self.routes = routes }

    func addRoutes(to group: RouterGroup<Context>) {
        for route in routes {
            let operation = route.operation
            group.on(RouterPath(stringLiteral: operation.path), method: operation.method) { request, context in
                try await Self.respond(route, to: request, context)
            }
        }
    }

    private static func respond(_ route: APIRoute, to request: Request, _ context: Context) async throws -> Response {
        let operation = route.operation
        var path: [String: String] = [:]
        for parameter in operation.parameters where parameter.place == .path {
            guard let text = context.parameters.get(parameter.name)?.removingPercentEncoding, !text.isEmpty else {
                throw APIProblem.parameter(parameter.name, APIRequest.badPercents)
            }
            path[parameter.name] = text
        }
        let body = operation.body == nil ? Data() : try await body(of: request)
        let asked = try APIRequest(
            path: path, query: request.uri.query, body: body, in: request.language, of: operation)
        // The replica waits for the disk, which an event loop must not.
        let answer = try await NIOThreadPool.singleton.runIfActive { try route.respond(asked) }
        return APIJSON.response(answer.status, answer.json, location: answer.location)
    }

    private static func body(of request: Request) async throws -> Data {
        let type = request.headers[.contentType]?.prefix { $0 != ";" } ?? ""
        guard type.lowercased().filter({ $0 != " " }) == "application/json" else { throw APIProblem.notJSON }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > APIRequest.longestBody {
            throw APIProblem.tooLarge
        }
        do {
            return Data((try await request.body.collect(upTo: APIRequest.longestBody)).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw APIProblem.tooLarge
        }
    }
}
