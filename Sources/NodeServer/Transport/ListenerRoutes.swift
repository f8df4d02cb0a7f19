import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ServiceModel

/// The answer to a plain request.
package struct PlainAnswer: Sendable, Equatable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int = 200, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What a listener does with the requests of verified peers.
package struct ListenerRoutes<Peer: Sendable>: Sendable {
    /// Asked before every request, because a kept-alive connection outlives the day on which its certificate was
    /// verified: whether this peer may still use this route.
    package var check: @Sendable (Peer, Route) throws -> Refusal?
    /// Serves an exchange; its return ends the answer. It is cancelled when the connection is lost, and cut some
    /// time after the service was told to stop (`TransportLimits.shutdownGrace`): it hears of that by
    /// ServiceLifecycle's `withGracefulShutdownHandler`. A `Refusal` thrown before the answer is open is answered;
    /// another error, or a later one, closes the connection. Reading the request to its end keeps the connection.
    package var exchange: @Sendable (Peer, RequestHead, IncomingBody, OutgoingBody) async throws -> Void
    /// Serves a plain request, whose whole body is given. Throws `Refusal` to refuse.
    package var enroll: @Sendable (Peer, RequestHead, [UInt8]) async throws -> PlainAnswer

    package init(
        check: @escaping @Sendable (Peer, Route) throws -> Refusal?,
        exchange: @escaping @Sendable (Peer, RequestHead, IncomingBody, OutgoingBody) async throws -> Void,
        enroll: @escaping @Sendable (Peer, RequestHead, [UInt8]) async throws -> PlainAnswer
    ) {
        self.check = check
        self.exchange = exchange
        self.enroll = enroll
    }

    /// Answers one request on a connection.
    func answer(
        _ request: Request,
        _ writer: consuming ResponseWriter,
        on connection: PeerConnection<Peer>,
        limits: TransportLimits,
        logger: Logger
    ) async throws {
        connection.keepOpen()
        let incoming = IncomingBody(request.body, channel: connection.channel)
        let outgoing = OutgoingBody(writer, channel: connection.channel)
        do {
            try await serve(request, incoming, outgoing, on: connection, limits: limits)
        } catch let refusal as Refusal where !outgoing.isOpen {
            try await refuse(refusal, outgoing)
        } catch {
            let isLost = Task.isCancelled || error is LinkError || error is CancellationError
            guard !isLost else { throw error }
            logger.error("request failed", metadata: ["remote": "\(connection.remote)", "error": "\(error)"])
            guard !outgoing.isOpen else { throw error }
            let words = Words("this node failed to answer; its log says why", "本节点未能应答：原因见其日志")
            try await refuse(Refusal(code: "http.failed", words, status: 500), outgoing)
        }
        let isKept = incoming.wasReadToEnd && request.headers[.connection]?.lowercased() != "close"
        connection.closeAfter(isKept ? limits.idleTime : limits.lingerTime)
    }

    private func serve(
        _ request: Request,
        _ incoming: IncomingBody,
        _ outgoing: OutgoingBody,
        on connection: PeerConnection<Peer>,
        limits: TransportLimits
    ) async throws {
        let path = String((request.head.path ?? "").prefix { $0 != "?" })
        guard let route = Route(rawValue: path) else {
            throw Route.unknown(path)
        }
        guard request.method == .post else {
            throw Refusal(
                code: "http.method", Words("\(path) takes POST only", "\(path)只接受POST"), status: 405)
        }
        guard let peer = connection.peer else {
            throw Refusal(
                code: "tls.unverified",
                Words("no verified certificate on this connection", "此连接没有经过核验的证书"))
        }
        if let refusal = try check(peer, route) {
            throw refusal
        }
        let head = RequestHead(path: path, headers: HeaderFields(request.headers))
        switch route {
        case .exchange:
            try await exchange(peer, head, incoming, outgoing)
            try await outgoing.finish()
        case .enrollment:
            connection.closeAfter(limits.plainRequestTime)
            let answer = try await enroll(peer, head, incoming.collect(upTo: limits.plainBodyBytes))
            try await outgoing.answer(status: answer.status, contentType: ContentType.plain, body: answer.body)
        }
    }

    private func refuse(_ refusal: Refusal, _ outgoing: OutgoingBody) async throws {
        let body = ErrorBody(refusal).bytes()
        try await outgoing.answer(
            status: refusal.status, contentType: ContentType.error, body: body, retryAfter: refusal.retryAfter)
    }
}
