import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceModel

/// Where a node listens.
package struct PeerEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// Name or address.
    package let host: String
    package let port: Int
    /// Name told in the TLS handshake, for a front that sorts by it; the verification does not look at it.
    package let serverName: String?

    package init(host: String, port: Int, serverName: String? = nil) {
        self.host = host
        self.port = port
        self.serverName = serverName
    }

    package var description: String { "\(host):\(port)" }
}

/// Dials one node and keeps the connection for the next exchange. One exchange at a time.
package actor PeerClient<Peer: Sendable> {
    package nonisolated let endpoint: PeerEndpoint
    /// Connections that were made, each with a whole handshake.
    package private(set) var dialled = 0

    private let limits: TransportLimits
    private let rate: Int?
    private let verify: @Sendable ([[UInt8]]) -> Result<Peer, Refusal>
    private let group: any EventLoopGroup
    private var tls: NIOSSLContext
    private var link: Link<Peer>?
    private var isOpening = false

    /// - Parameters:
    ///   - rate: bytes per second each way, at most; none for as fast as the line goes.
    ///   - verify: judges the chain that the other node presents (DER, leaf first); it replaces every check but the
    ///     proof that the node has the leaf's key, the comparison of names included. It must judge validity, too.
    /// - Throws: `TLSIdentityError` when certificates and key cannot be used.
    package init(
        endpoint: PeerEndpoint,
        identity: TLSIdentity,
        limits: TransportLimits = TransportLimits(),
        rate: Int? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        verify: @escaping @Sendable ([[UInt8]]) -> Result<Peer, Refusal>
    ) throws(TLSIdentityError) {
        self.endpoint = endpoint
        self.limits = rate.map { limits.paced(to: $0) } ?? limits
        self.rate = rate
        self.group = group
        self.verify = verify
        self.tls = try Self.context(identity, limits)
    }

    deinit {
        link?.retire()
    }

    /// Opens an exchange, dialling if there is no connection that can be used again.
    ///
    /// It returns when the head of the request is on its way; the answer's head may come much later.
    /// - Parameters:
    ///   - path: see `Route`.
    ///   - stallTime: instead of `TransportLimits.stallTime`, for example longer than an agreed long poll.
    /// - Throws: `LinkError`; `inUse` while an earlier exchange is open.
    package func open(
        _ path: String,
        headers: HeaderFields = [:],
        stallTime: Duration? = nil
    ) async throws(LinkError) -> ExchangeConnection<Peer> {
        guard !isOpening else { throw .inUse }
        isOpening = true
        defer { isOpening = false }
        let head = requestHead(path, headers)
        let stall = TimeAmount(span: stallTime ?? limits.stallTime)
        if let link {
            do {
                return try await begin(head, stall, on: link)
            } catch .inUse {
                throw .inUse
            } catch {
                self.link = nil
            }
        }
        let fresh = try await dial()
        link = fresh
        return try await begin(head, stall, on: fresh)
    }

    /// Sees whether a node answers, without asking it for anything; the connection is kept for an exchange that
    /// follows.
    /// - Throws: `LinkError`; `inUse` while an exchange is being opened.
    package func reach() async throws(LinkError) -> Peer {
        guard !isOpening else { throw .inUse }
        isOpening = true
        defer { isOpening = false }
        if let link, link.channel.isActive { return link.peer }
        let fresh = try await dial()
        link = fresh
        return fresh.peer
    }

    /// Sends a whole request and gives its whole answer.
    /// - Throws: `LinkError`; an answer above `TransportLimits.plainBodyBytes` is not a node's.
    package func request(
        _ path: String,
        headers: HeaderFields = [:],
        body: [UInt8]
    ) async throws(LinkError) -> [UInt8] {
        let exchange = try await open(path, headers: headers, stallTime: limits.plainRequestTime)
        var answer: [UInt8] = []
        do {
            try await exchange.send(body)
            try await exchange.finish()
            _ = try await exchange.response()
            for try await piece in exchange.incoming {
                answer += piece
                guard answer.count <= limits.plainBodyBytes else {
                    throw LinkError.notTerrace(
                        reason: Words(
                            "an answer longer than \(limits.plainBodyBytes) bytes",
                            "应答超过\(limits.plainBodyBytes)字节"))
                }
            }
        } catch {
            throw LinkError(lost: error)
        }
        return answer
    }

    /// Closes the connection; an open exchange fails.
    package func close() async {
        let former = link
        link = nil
        former?.channel.close(promise: nil)
        try? await former?.channel.closeFuture.get()
    }

    /// Shows other certificates from the next connection on; the present one closes when it is idle.
    /// - Throws: `TLSIdentityError` when they cannot be used.
    package func replaceIdentity(_ next: TLSIdentity) throws(TLSIdentityError) {
        tls = try Self.context(next, limits)
        link?.retire()
        link = nil
    }

    private static func context(
        _ identity: TLSIdentity,
        _ limits: TransportLimits
    ) throws(TLSIdentityError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: identity.dialling(limits))
        } catch {
            throw .keyOfAnotherCertificate
        }
    }

    private func requestHead(_ path: String, _ headers: HeaderFields) -> HTTPRequestHead {
        var fields = HTTPHeaders(headers.fields.map { ($0.name, $0.value) })
        fields.replaceOrAdd(name: "host", value: endpoint.serverName ?? endpoint.host)
        fields.replaceOrAdd(name: "content-type", value: ContentType.exchange)
        fields.replaceOrAdd(name: "transfer-encoding", value: "chunked")
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: fields)
    }

    private func begin(
        _ head: HTTPRequestHead,
        _ stallTime: TimeAmount,
        on link: Link<Peer>
    ) async throws(LinkError) -> ExchangeConnection<Peer> {
        let begun = try await link.begin(head, stallTime: stallTime)
        return ExchangeConnection(peer: link.peer, link: link, begun: begun, pieceBytes: limits.sendPieceBytes)
    }

    private func dial() async throws(LinkError) -> Link<Peer> {
        let attempt = LinkAttempt(endpoint: endpoint, limits: limits, rate: rate, tls: tls, verify: verify)
        let link = try await attempt.connect(group)
        dialled += 1
        return link
    }
}
