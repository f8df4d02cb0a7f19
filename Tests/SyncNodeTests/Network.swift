import ChangeSet
import Foundation
import ServiceModel
import SyncProtocol
import Synchronization
import Trust

@testable import SyncNode

/// Real nodes in a temporary folder, joined by links that run in this process: no sockets, and a clock of the test's own.
final class Network {
    let folder: URL
    var now = Moment(seconds: 1_790_000_000, day: 20_717)
    private(set) var nodes: [String: Node] = [:]
    private let random: @Sendable (Int) -> Data

    static let city = "3799"
    static let branch = "3799B1"
    static let county = "379902"
    static let town = "379902001"
    static let village = "379902001001"
    static let neighbour = "379902001002"
    static let parents = [
        branch: city, county: city, town: county, village: town, neighbour: town,
    ]

    init(seed: UInt64 = 1, _ names: [String] = [city, branch, county, town, village, neighbour]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        let state = Mutex(SeededGenerator(state: seed))
        random = { count in
            state.withLock { generator in Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }) }
        }
        let plan = NetworkPlan(
            network: "滨湖市政务服务", root: UnitCode(Self.city)!, rootName: "滨湖市",
            tiers: ["city", "county", "town", "village"])
        let root = try Node.found(plan, in: directory(Self.city), now: now, entropy: random)
        nodes[Self.city] = root
        let tiers = [Self.city: 0, Self.branch: 1, Self.county: 1, Self.town: 2, Self.village: 3, Self.neighbour: 3]
        try root.importUnits(
            tiers.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { code, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: tier, parent: Self.parents[code].flatMap { UnitCode($0) },
                    kind: code == Self.branch ? .branch : .centre)
            }, now: now)
        for name in names where name != Self.city {
            try enroll(name)
            try exchange(name)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    subscript(_ name: String) -> Node {
        guard let node = nodes[name] else { preconditionFailure("no node \(name)") }
        return node
    }

    func directory(_ name: String) -> NodeDirectory { NodeDirectory(folder.appending(path: name)) }

    private func enroll(_ name: String) throws {
        let parent = self[Self.parents[name]!]
        let code = try parent.issueEnrollmentCode(for: UnitCode(name)!, now: now)
        let enrollee = try Enrollee(code: code.text, unit: UnitCode(name)!, in: directory(name))
        let grant = try parent.enroll(
            EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: now)
        nodes[name] = try enrollee.take(grant, presented: parent.chain.der, now: now, entropy: random)
    }

    /// Closes a node's files and opens them again, as a new start of its process would.
    func restart(_ name: String) throws {
        try self[name].replica.close()
        nodes[name] = try Node(directory(name), now: now, entropy: random)
    }

    /// One exchange of a child with its parent.
    /// - Parameters:
    ///   - cutUp: bytes of the request after which the line is cut.
    ///   - cutDown: bytes of the response after which the line is cut.
    /// - Returns: the child's and the parent's report; nil when the line was cut.
    @discardableResult
    func exchange(
        _ name: String, cutUp: Int = .max, cutDown: Int = .max
    ) throws -> (child: LinkReport, parent: LinkReport)? {
        let parent = self[Self.parents[name]!]
        var below = try ChildLink(self[name], to: parent.name, wait: 0, now: now)
        var above = try ParentLink(parent, from: self[name].name)
        var up = 0
        var down = 0
        while true {
            var moved = false
            while let bytes = try below.next(now: now) {
                moved = true
                try above.take(bytes.prefix(max(0, cutUp - up)), now: now)
                up += bytes.count
                if up >= cutUp {
                    while try above.next(now: now) != nil {}
                    return nil
                }
            }
            while let bytes = try above.next(now: now) {
                moved = true
                try below.take(bytes.prefix(max(0, cutDown - down)), now: now)
                down += bytes.count
                if down >= cutDown {
                    while try below.next(now: now) != nil {}
                    return nil
                }
            }
            if !moved { break }
        }
        try below.bodyEnded()
        try above.bodyEnded()
        return (below.report, above.report)
    }

    /// Lets everything flow up and down the tree.
    func settle(rounds: Int = 3) throws {
        let order = Self.parents.keys.filter { nodes[$0] != nil }.sorted { $0.count > $1.count }
        for _ in 0..<rounds {
            for name in order { try exchange(name) }
            for name in order.reversed() { try exchange(name) }
        }
    }

    /// Accepts a case of a made-up citizen.
    @discardableResult
    func accept(at name: String, number: Int = 1, route: [String] = []) throws -> CaseReference {
        var acceptance = Acceptance(
            promise: Promise(
                item: "370105001", itemName: "临时救助金给付", version: 1, department: "民政局", itemKind: "05",
                statutory: TimeLimit(count: 20, unit: .workingDays), promised: TimeLimit(count: 5, unit: .workingDays),
                instant: false),
            route: ([name] + route).map { UnitCode($0)! },
            fields: [
                CaseField.applicantName: "王\(number)", CaseField.applicantPhone: "1390000\(1000 + number)",
                CaseField.applicantID: "37160219900101\(1000 + number)",
            ], day: now.day, actor: "c01")
        acceptance.channel = .counter
        return try self[name].accept(acceptance, now: now)
    }

    @discardableResult
    func act(
        _ action: CaseAction, at name: String, on place: Place, target: String? = nil, fields: [String: String] = [:],
        change: (inout CaseStep) -> Void = { _ in }
    ) throws -> Verdict {
        var step = CaseStep(action, day: now.day, actor: "c02")
        step.target = target.flatMap { UnitCode($0) }
        step.fields = fields
        change(&step)
        return try self[name].act(step, on: place, now: now)
    }

    func fingerprints(of unit: String, at names: [String]) throws -> Set<String> {
        Set(try names.map { name in
            try self[name].replica.read { try $0.fingerprint(of: UnitCode(unit)!) }.digest.description
        })
    }
}

/// SplitMix64: a test's random choices from a seed that it prints.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
