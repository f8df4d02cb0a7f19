import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import SyncNode

/// A page or what a form of one is sent to.
struct PageRoute: Sendable {
    let method: HTTPRequest.Method
    let path: String
    /// Blocks; it is called on a thread that may.
    let respond: @Sendable (PageRequest) throws -> PageAnswer

    init(
        _ method: HTTPRequest.Method, _ path: String,
        _ respond: @escaping @Sendable (PageRequest) throws -> PageAnswer
    ) {
        self.method = method
        self.path = path
        self.respond = respond
    }
}

/// The pages of a node: the counter, the cases, the wall, the node's health.
package struct Pages: Sendable {
    private let frame: PageFrame
    private let routes: [PageRoute]

    package init(_ desk: PageDesk) {
        let frame = PageFrame(desk)
        self.frame = frame
        routes =
            EntryPages(frame).routes + CounterPages(frame).routes + DraftPages(frame).routes + CasePages(frame).routes
            + CaseActPages(frame).routes + WallPages(frame).routes + HealthPages(frame).routes + PageFiles.routes
    }

    /// Puts the pages into a router, beside what is there.
    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        router.add(middleware: PageProblemMiddleware(frame: frame))
        for route in routes {
            router.on(RouterPath(stringLiteral: route.path), method: route.method) { request, context in
                try await Self.respond(route, to: request, context)
            }
        }
    }

    private static func respond(
        _ route: PageRoute, to request: Request, _ context: some RequestContext
    ) async throws -> Response {
        var form = PageForm.empty
        if route.method == .post {
            guard SameOrigin.isOwn(request) else { throw PageProblem.foreignForm }
            form = try await Self.form(of: request)
        }
        var path: [String: String] = [:]
        for (name, value) in context.parameters { path[String(name)] = String(value).removingPercentEncoding }
        let asked = try PageRequest(request, path: path, form: form)
        // The replica waits for the disk, which an event loop must not.
        return try await NIOThreadPool.singleton.runIfActive { try route.respond(asked) }.response
    }

    private static func form(of request: Request) async throws -> PageForm {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > PageLimits.formBytes {
            throw PageProblem.tooLarge
        }
        do {
            let body = try await request.body.collect(upTo: PageLimits.formBytes)
            return try PageForm(String(buffer: body))
        } catch is NIOTooManyBytesError {
            throw PageProblem.tooLarge
        }
    }
}
