import Logging
import NIOConcurrencyHelpers
import NodeServer
import ServiceLifecycle

/// What a test saw at a listener.
final class Sightings<Value: Sendable>: Sendable {
    private let values = NIOLockedValueBox<[Value]>([])

    func add(_ value: Value) { values.withLockedValue { $0.append(value) } }

    var all: [Value] { values.withLockedValue { $0 } }

    /// Waits until there are so many.
    func wait(for count: Int, upTo limit: Duration = .seconds(5)) async -> [Value] {
        let end = ContinuousClock.now + limit
        while all.count < count, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(5))
        }
        return all
    }
}

/// A listener as a test wants it, running while the body runs.
struct TestParent: Sendable {
    var authority: TestAuthority
    var name = "parent"
    var limits = TransportLimits()
    var port = 0
    var check: @Sendable (String, Route) -> Refusal? = { _, _ in nil }
    var exchange: @Sendable (String, RequestHead, IncomingBody, OutgoingBody) async throws -> Void = {
        _,
        _,
        incoming,
        outgoing in
        for try await piece in incoming { try await outgoing.send(piece) }
    }
    var enroll: @Sendable (String, RequestHead, [UInt8]) async throws -> PlainAnswer = { name, _, body in
        PlainAnswer(body: Array(name.utf8) + body)
    }
    let failures = Sightings<HandshakeFailure>()

    init() throws {
        authority = try TestAuthority()
    }

    struct Running: Sendable {
        let port: Int
        let listener: SyncListener<String>
        let services: ServiceGroup
    }

    /// Runs the listener around a body, and stops it.
    func run<Value: Sendable>(_ body: @Sendable (Running) async throws -> Value) async throws -> Value {
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let listener = SyncListener(
            host: "127.0.0.1",
            port: port,
            identity: try authority.identity(name),
            limits: limits,
            logger: quiet,
            verify: authority.verify,
            routes: ListenerRoutes(check: check, exchange: exchange, enroll: enroll),
            onListening: { announce.yield($0) },
            onHandshakeFailure: { [failures] in failures.add($0) }
        )
        let services = ServiceGroup(configuration: .init(services: [.init(service: listener)], logger: quiet))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await services.run()
            }
            let result: Result<Value, any Error>
            if let port = await ports.first(where: { _ in true }) {
                do {
                    result = .success(
                        try await body(Running(port: port, listener: listener, services: services))
                    )
                } catch {
                    result = .failure(error)
                }
            } else {
                result = .failure(NoPort())
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }

    struct NoPort: Error {}

    /// A child of this parent.
    func child(
        _ name: String = "child",
        port: Int,
        limits: TransportLimits? = nil,
        identity: TLSIdentity? = nil,
        verify: (@Sendable ([[UInt8]]) -> Result<String, Refusal>)? = nil
    ) throws -> PeerClient<String> {
        try PeerClient(
            endpoint: PeerEndpoint(host: "127.0.0.1", port: port, serverName: "terrace"),
            identity: identity ?? authority.identity(name),
            limits: limits ?? self.limits,
            verify: verify ?? authority.verify
        )
    }
}

/// Logs nothing.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// The error that a body throws, as a link error.
func linkError(_ body: () async throws -> Void) async -> LinkError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? LinkError
    }
}

extension AsyncSequence where Element == [UInt8] {
    /// All pieces together.
    func joined() async throws -> [UInt8] {
        try await reduce(into: []) { $0 += $1 }
    }
}

extension LinkError {
    /// What the other end said when it refused a request.
    var refusal: Refusal? { if case .status(_, let refusal) = self { refusal } else { nil } }
}
