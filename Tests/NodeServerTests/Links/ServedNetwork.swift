import Foundation
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import ServiceModel
import Simulator
import Testing

@testable import NodeServer
@testable import SyncNode

/// Real nodes whose sync ports and uplinks, over real sockets, can be taken away and brought back one by one.
final class ServedNetwork {
    private static let tiers = ["city", "county", "town", "village"]

    let network: SimulatedNetwork
    private var services: [String: (group: ServiceGroup, task: Task<Void, any Error>)] = [:]
    private(set) var ports: [String: Int] = [:]
    /// By unit, of the uplink that was started last.
    private(set) var lines: [String: UplinkStatus] = [:]
    private var news: [String: NodeNews] = [:]
    private var arrivals: [String: ChildArrivals] = [:]
    /// By unit, of the sync port that was opened last.
    private(set) var doors: [String: ArrivalStatus] = [:]
    /// Of those who listen, and of those who dial, as if they were on other machines.
    private let threads = (listen: LinkThreads(), dial: LinkThreads())

    /// - Parameter units: code and parent, from the root down.
    init(_ units: [(String, String?)], seed: UInt64 = 3) throws {
        var depth: [String: Int] = [:]
        let entries = units.map { code, parent in
            depth[code] = parent.flatMap { depth[$0] }.map { $0 + 1 } ?? 0
            return UnitEntry(
                code: UnitCode(code)!, name: "单位\(code)", tier: depth[code]!, parent: parent.flatMap { UnitCode($0) },
                kind: .centre)
        }
        network = try SimulatedNetwork(units: entries, tiers: Self.tiers, nodes: units.map(\.0), seed: seed)
    }

    /// Stops everything after `body`, whatever comes of it.
    static func with(
        _ units: [(String, String?)], seed: UInt64 = 3, _ body: (ServedNetwork) async throws -> Void
    ) async throws {
        let served = try ServedNetwork(units, seed: seed)
        let result: Result<Void, any Error>
        do { result = .success(try await body(served)) } catch { result = .failure(error) }
        for name in Array(served.services.keys) { try await served.stop(name) }
        try result.get()
    }

    func news(of unit: String) -> NodeNews {
        let known = news[unit] ?? NodeNews(of: network[unit])
        news[unit] = known
        return known
    }

    /// How many exchanges a unit has told to come again.
    func refused(by unit: String) -> Int { arrivals[unit]?.refused ?? 0 }

    /// Opens a unit's sync port, the same one each time.
    func listen(_ unit: String, bounds: Admission.Bounds = Admission.Bounds()) async throws {
        let (node, now) = (network[unit], network.now)
        let (opened, announce) = AsyncStream.makeStream(of: Int.self)
        let door = ArrivalStatus()
        doors[unit] = door
        let arrivals = ChildArrivals(
            node: node, news: news(of: unit), bounds: bounds, status: door, logger: quiet, now: { now })
        self.arrivals[unit] = arrivals
        let listener = SyncListener(
            host: "127.0.0.1", port: ports[unit] ?? 0, identity: try node.tlsIdentity, logger: quiet,
            threads: threads.listen, verify: node.verification(role: .client, now: { now }), routes: arrivals.routes,
            onListening: { announce.yield($0) })
        try start("\(unit) listens", OnLinkThreads(service: listener, threads: threads.listen))
        let port = await opened.first { _ in true }
        ports[unit] = port
    }

    /// Keeps a unit's link, to ports in order of preference.
    func dial(
        _ unit: String, _ ports: [Int], patience: UplinkChoice.Patience = UplinkChoice.Patience(),
        terms: LineTerms = LineTerms(), now: (@Sendable () -> Moment)? = nil
    ) throws {
        let (status, still) = (UplinkStatus(), network.now)
        lines[unit] = status
        let uplink = try Uplink(
            node: network[unit], to: ports.map { PeerEndpoint(host: "127.0.0.1", port: $0) }, news: news(of: unit),
            status: status, patience: patience, terms: terms, logger: quiet, now: now ?? { still })
        try start("\(unit) dials", OnLinkThreads(service: uplink, threads: threads.dial))
    }

    private func start(_ name: String, _ service: any Service) throws {
        try #require(services[name] == nil)
        let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: quiet))
        services[name] = (group, Task { try await group.run() })
    }

    private func stop(_ name: String) async throws {
        guard let (group, task) = services.removeValue(forKey: name) else { return }
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// A unit's server is gone, port and uplink.
    func fall(_ unit: String) async throws {
        try await stop("\(unit) dials")
        try await stop("\(unit) listens")
    }

    /// Tells a unit's links of what was written there.
    func announce(_ unit: String) { news(of: unit).announce() }

    /// How many cases a unit holds.
    func cases(at unit: String) throws -> Int { try network[unit].replica.read { try $0.caseCounts().all } }

    /// How many change sets of a unit's cases each of these holds; one number when all hold the same.
    func changeSets(of unit: String, at names: [String]) throws -> [Int] {
        guard try network.fingerprints(of: unit, at: names).count == 1, let code = UnitCode(unit) else { return [] }
        return Set(try names.map { try network[$0].replica.read { try $0.fingerprint(of: code).changeSets } }).sorted()
    }

    /// Waits for something, at most so many seconds.
    func wait(_ what: String, seconds: Double = 20, until isSo: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while try !isSo() {
            guard ContinuousClock.now < end else {
                Issue.record("late: \(what)")
                throw Late()
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    struct Late: Error {}
}
