import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// The demo's nodes: a process each, the villages' lines led through proxies that can be cut.
final class DemoNetwork {
    static let city = "3799"
    static let branch = "3799B1"
    static let county = "379902"
    static let town = "379902001"
    static let village = "379902001001"
    static let neighbour = "379902001002"
    static let tiers = [city, county, town, village]
    static let parents = [branch: city, county: city, town: county, village: town, neighbour: town]
    /// All that have a node.
    static let units = Set(parents.keys).union([city])

    /// Who works at the pages of which unit.
    static let people = [
        (village, "荷塘社区窗口的经办人 · the clerk at the village counter"),
        (neighbour, "钟楼社区窗口的经办人 · the clerk at the other village"),
        (town, "南门街道的经办人 · the clerk in the town"),
        (county, "柳城区的审批人 · the approver at the county"),
        (branch, "公安分中心的经办人 · the clerk at the branch"),
        (city, "市中心的大屏 · the wall at the city"),
    ]

    let folder: URL
    private(set) var servers: [String: ServerProcess] = [:]
    private(set) var lines: [String: CuttingProxy] = [:]
    private var nodes: [String: Node] = [:]

    init(folder: URL) { self.folder = folder }

    func data(_ unit: String) -> URL { folder.appending(path: unit) }

    /// The node as a second process beside its server, as a command would open it.
    func node(_ unit: String) throws -> Node {
        if let node = nodes[unit] { return node }
        let node = try Node(NodeDirectory(data(unit)), now: SystemClock.now(), entropy: SystemClock.entropy)
        nodes[unit] = node
        return node
    }

    func command(_ words: [String], at unit: String) throws -> String {
        try ServerProcess.run(words + ["--data", data(unit).path])
    }

    /// Founds the network at the city and imports its topology.
    func found(topology: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try command(["init", "--network", "滨湖市政务服务", "--unit", Self.city, "--name", "滨湖市"], at: Self.city)
        _ = try command(["topology", "import", topology.path], at: Self.city)
    }

    func serve(_ unit: String) throws {
        servers[unit] = try ServerProcess(
            data: data(unit), arguments: ["--listen", "127.0.0.1:0", "--hall", "127.0.0.1:0"])
    }

    /// Enrolls a unit at its parent, over a line of its own, and serves.
    func join(_ unit: String) async throws {
        guard let parent = Self.parents[unit], let port = servers[parent]?.port else {
            throw DemoError.late("the parent of \(unit)")
        }
        let line = CuttingProxy(targetPort: port)
        let address = "127.0.0.1:\(try await line.start())"
        lines[unit] = line
        let code = try command(["enroll", "code", unit], at: parent).trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try command(["enroll", "join", "--unit", unit, "--parent", address, "--code", code], at: unit)
        try serve(unit)
    }

    /// Bytes that have gone over a unit's line to its parent, both ways, TLS included.
    func lineBytes(_ unit: String) -> Int {
        guard let line = lines[unit] else { return 0 }
        return line.passed(.toServer) + line.passed(.toClient)
    }

    /// How often a server has logged that its link was lost.
    func losses(_ unit: String) throws -> Int { try lossLines(unit).count }

    /// Why it was lost last, as the server says it.
    func lastLoss(_ unit: String) throws -> String {
        guard let line = try lossLines(unit).last, let start = line.range(of: "error=") else { return "" }
        return String(line[start.upperBound...].prefix(60))
    }

    private func lossLines(_ unit: String) throws -> [Substring] {
        try String(contentsOf: data(unit).appending(path: "serve.log"), encoding: .utf8).split(separator: "\n")
            .filter { $0.contains("link lost") }
    }

    /// Waits until something is so.
    /// - Returns: the seconds that it took.
    func wait(_ what: String, atMost seconds: Double = 60, until isSo: () throws -> Bool) throws -> Double {
        let start = Date()
        while try !isSo() {
            guard Date().timeIntervalSince(start) < seconds else { throw DemoError.late(what) }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return Date().timeIntervalSince(start)
    }

    /// The fingerprints of a unit's cases at these nodes; one when all hold the same.
    func fingerprints(of unit: String, at units: [String]) throws -> Set<UnitFingerprint> {
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        return Set(try units.map { try node($0).replica.read { try $0.fingerprint(of: code) } })
    }

    func stop() async {
        for unit in [Self.village, Self.neighbour, Self.town, Self.county, Self.branch, Self.city] {
            servers[unit]?.stop()
            try? nodes[unit]?.replica.close()
        }
        for line in lines.values { await line.stop() }
    }
}
