import Hummingbird

/// Lets only requests in that name this machine: a page from elsewhere whose name was pointed here does not get in.
struct HostMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let host = request.head.authority ?? ""
        guard HallAddress.isLoopback(Self.name(host)) else { throw APIProblem.foreignHost(host) }
        return try await next(request, context)
    }

    /// Without the port and the brackets of an IPv6 address.
    static func name(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        return String(host.prefix { $0 != ":" })
    }
}
