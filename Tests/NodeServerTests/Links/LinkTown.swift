import ChangeSet
import Foundation
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import ServiceModel
import Simulator
import Trust

@testable import NodeServer
@testable import SyncNode

/// A city and a county that are real nodes, and a sync port over mutual TLS between them.
struct LinkTown: Sendable {
    static let cityCode = "3799"
    static let countyCode = "379902"

    let city: Node
    let county: Node
    let now: Moment
    let port: Int
    /// Of the city's server.
    let news: NodeNews
    /// Handshakes that the city's port has seen.
    let handshakes: NIOLockedValueBox<Int>

    /// Serves for the time of `body`.
    /// - Parameters:
    ///   - prepare: what people did before.
    ///   - parent: answers exchanges in place of the city's own program.
    static func with(
        prepare: (SimulatedNetwork) throws -> Void = { _ in },
        parent: (@Sendable (IncomingBody, OutgoingBody) async throws -> Void)? = nil,
        _ body: (LinkTown) async throws -> Void
    ) async throws {
        let network = try SimulatedNetwork(
            units: [
                UnitEntry(code: UnitCode(cityCode)!, name: "市", tier: 0, parent: nil, kind: .centre),
                UnitEntry(code: UnitCode(countyCode)!, name: "县", tier: 1, parent: UnitCode(cityCode), kind: .centre),
            ], tiers: ["city", "county"], nodes: [cityCode, countyCode], seed: 11)
        try prepare(network)
        let (city, county, now) = (network[cityCode], network[countyCode], network.now)
        let (news, handshakes) = (NodeNews(), NIOLockedValueBox(0))
        var routes = ChildArrivals(node: city, news: news, logger: quiet, now: { now }).routes
        if let parent { routes.exchange = { _, _, incoming, outgoing in try await parent(incoming, outgoing) } }
        let (ports, opened) = AsyncStream.makeStream(of: Int.self)
        let listener = SyncListener(
            host: "127.0.0.1", port: 0, identity: try city.tlsIdentity, logger: quiet,
            verify: { [verify = city.verification(role: .client, now: { now })] chain in
                handshakes.withLockedValue { $0 += 1 }
                return verify(chain)
            }, routes: routes,
            onListening: { opened.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [.init(service: listener)], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { opened.finish() }
                try await group.run()
            }
            if let port = await ports.first(where: { _ in true }) {
                let result: Result<Void, any Error>
                do {
                    let town = LinkTown(
                        city: city, county: county, now: now, port: port, news: news, handshakes: handshakes)
                    result = .success(try await body(town))
                } catch {
                    result = .failure(error)
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                try result.get()
            }
        }
        withExtendedLifetime(network) {}
    }

    // MARK: - The county, as it should be

    /// The county's own program.
    func uplink() throws -> Uplink {
        let now = now
        return try Uplink(
            node: county, to: [PeerEndpoint(host: "127.0.0.1", port: port)], news: NodeNews(), status: UplinkStatus(),
            wait: 0, logger: quiet, now: { now })
    }

    /// One exchange of it.
    func exchange() async throws -> LinkReport { try await uplink().exchange(wait: 0) }

    /// Accepts a further case at the county.
    func accept(_ name: String = "third") throws {
        let acceptance = Acceptance(
            promise: Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: true),
            route: [UnitCode(Self.countyCode)!], fields: ["applicant.name": name], day: now.day, actor: "a")
        _ = try county.accept(acceptance, now: now)
    }

    /// How many cases the city holds.
    var casesAtCity: Int {
        get throws { try city.replica.read { try $0.caseCounts().all } }
    }

    /// What the county would say in an exchange, up to its goodbye.
    func speech() throws -> [Frame] {
        var link = try ChildLink(county, to: city.name, wait: 0, now: now)
        var listener = FrameStream()
        var frames: [Frame] = []
        while let bytes = try link.next(now: now) { frames += try listener.decode(bytes) }
        return frames
    }

    // MARK: - The county, as it should not be

    /// A connection of the county's, for anything to be said on it.
    func client() throws -> PeerClient<LinkPeer> {
        let now = now
        return try PeerClient(
            endpoint: PeerEndpoint(host: "127.0.0.1", port: port), identity: try county.tlsIdentity,
            verify: county.verification(role: .server(expected: nil), now: { now }))
    }

    /// Says frames in one exchange and hears what comes back.
    func say(_ frames: [Frame]) async throws -> [Frame] {
        var speaker = FrameStream()
        var bytes = Data()
        for frame in frames { bytes += try speaker.encode(frame) }
        return try await say(bytes: bytes + speaker.finish())
    }

    /// Says bytes as the body of an exchange with the county's certificate, and hears what comes back.
    func say(bytes: Data, to path: String = Route.exchange.rawValue, dictionary: String = PresetDictionary.name)
        async throws -> [Frame]
    {
        let client = try client()
        let connection = try await client.open(path, headers: [ExchangeHead.dictionary: dictionary])
        defer { connection.cancel() }
        // Who is refused early may find the line closed while it is still speaking.
        try? await connection.send([UInt8](bytes))
        try? await connection.finish()
        let answer = try await connection.incoming.joined()
        await client.close()
        var listener = FrameStream()
        return try listener.decode(Data(answer))
    }
}

extension [Frame] {
    /// The refusal at the end, if there is one.
    var refusal: WireRefusal? { if case .refusal(let refusal)? = last { refusal } else { nil } }

    /// The same with the first run of the first batch that has any changed.
    func changingRun(_ change: (inout WireRun) -> Void) -> [Frame] {
        var done = false
        return map { frame in
            guard case .batch(var batch) = frame, !batch.runs.isEmpty, !done else { return frame }
            done = true
            change(&batch.runs[0])
            return .batch(batch)
        }
    }
}
