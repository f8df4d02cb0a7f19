import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode
import Synchronization
import Trust

/// Real nodes with real SQLite files in a temporary folder, joined by links that run in this process: no sockets, and a
/// clock of the simulation's own. Nothing is random but by the seed, keys and signatures included.
///
/// A node's files are opened when it is first asked for. Where more nodes than `mostOpen` are, those that were not used
/// for longest are closed, which to them is a restart of their process.
package final class SimulatedNetwork {
    private let passing: PassingFolder
    package var now = Moment(seconds: 1_790_000_000, day: 20_717)
    package private(set) var units: [UnitEntry] { didSet { shape = NetworkShape(units, after: shape) } }
    private(set) var shape: NetworkShape
    /// Units with a machine; a unit whose machine was cut and is not enrolled again has none.
    private var machines: Set<String> = []
    private var open: [String: OpenNode] = [:]
    private var uses = 0
    /// How many lines hold a unit's node.
    private var held: [String: Int] = [:]
    /// How many nodes are open at once; those of a line that is open are never closed.
    package var mostOpen = Int.max
    /// Told what a machine that lost its anchor had written and not sealed: it begins anew, and leaves that behind.
    var leftBehind: (_ name: String, Set<Digest32>) -> Void = { _, _ in }
    /// Backups on other disks so far.
    var made = 0
    /// Disks that were copied so far.
    var clones = 0
    /// By folder, how often a machine has forgotten what it had given.
    var lives: [String: Int] = [:]
    /// By folder, how often a machine was set back as a whole.
    var setBacks: [String: Int] = [:]
    /// How far each unit's clock is off, in seconds.
    package var skew: [String: Int64] = [:] {
        didSet {
            for name in Set(oldValue.keys).union(skew.keys) where skew[name] != oldValue[name] {
                let shown = now.seconds + (oldValue[name] ?? 0) + drifted(name)
                latestShown[name] = max(latestShown[name] ?? .min, shown)
            }
        }
    }
    /// How fast clocks run, each since some moment.
    var drifts: [String: ClockDrift] = [:]
    /// The latest that each unit's clock has shown before it was set, in seconds since 1970.
    package internal(set) var latestShown: [String: Int64] = [:]
    /// The folder of a unit's present machine.
    private var folders: [String: String] = [:]
    /// By folder.
    private var disks: [String: SimulatedDisk] = [:]
    private let charters: SharedCharters?
    /// By unit, what the earlier version that its machine runs has no rule for.
    package internal(set) var older: [String: Set<CaseAction>] = [:]
    /// Units in whose journal the simulation has let a disk change something, until that is whole again: judges make
    /// allowance for them.
    package var impairedOnPurpose: Set<String> = []
    private let seed: UInt64
    /// Seconds for which the certificate of a node that is enrolled is valid.
    let certificatePeriod: Int64
    let entropy: @Sendable (Int) -> Data
    private var entropies: [String: @Sendable (Int) -> Data] = [:]

    private struct OpenNode {
        let node: Node
        var used: Int
    }

    /// Founds the network, enrolls the named units from the top down and brings each of them the charter.
    /// - Parameters:
    ///   - units: the root first, parents before their children; codes that can stand on a receipt.
    ///   - names: the units that get a node; the root is always one of them.
    ///   - founded: when, in seconds since 1970; in September 2026 when left out.
    ///   - mostOpen: how many nodes are open at once.
    ///   - certificates: seconds for which those of all but the root are valid.
    ///   - sharesCharters: the nodes have the charter in memory once, and not each of them.
    ///   - progress: told how many of the units have their node.
    package init(
        units: [UnitEntry], tiers: [String], nodes names: [String], seed: UInt64, founded: Int64? = nil,
        mostOpen: Int = .max, certificates: Int64 = Node.nodePeriod, sharesCharters: Bool = false,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        self.units = units
        self.seed = seed
        self.mostOpen = mostOpen
        certificatePeriod = certificates
        charters = sharesCharters ? SharedCharters() : nil
        shape = NetworkShape(units)
        passing = PassingFolder()
        entropy = Self.bytes(from: seed)
        if let founded { set(founded) }
        let root = units[0]
        try setUp(root.code.text, in: root.code.text)
        let node = try Node.found(
            NetworkPlan(network: root.name, root: root.code, rootName: root.name, tiers: tiers),
            in: directory(root.code.text), now: now, entropy: entropy(of: root.code.text))
        machines.insert(root.code.text)
        keep(node, of: root.code.text)
        try node.importUnits(units, now: now)
        let wanted = Set(names)
        try enroll(units.dropFirst().map(\.code.text).filter(wanted.contains)) { progress($0 + 1) }
    }

    /// A part of a network, whose only node yet is one that the network gives up.
    init(branchOf network: SimulatedNetwork, at name: String, mostOpen: Int) {
        passing = network.passing
        units = network.units
        shape = network.shape
        seed = network.seed
        entropy = network.entropy
        charters = network.charters
        now = network.now
        self.mostOpen = mostOpen
        certificatePeriod = network.certificatePeriod
        machines = [name]
        open[name] = network.open.removeValue(forKey: name)
        folders[name] = network.folders[name]
        disks = network.disks.filter { $0.key == folders[name] }
        entropies[name] = network.entropies[name]
    }

    /// Has again what a part has.
    func takeBack(_ branch: SimulatedNetwork) throws {
        machines.formUnion(branch.machines)
        folders.merge(branch.folders) { _, theirs in theirs }
        disks.merge(branch.disks) { _, theirs in theirs }
        entropies.merge(branch.entropies) { _, theirs in theirs }
        for (name, entry) in branch.open.sorted(by: { $0.value.used < $1.value.used }) {
            try makeRoom()
            keep(entry.node, of: name)
        }
    }

    package var folder: URL { passing.url }

    // MARK: - Chance

    private static func bytes(from seed: UInt64) -> @Sendable (Int) -> Data {
        let state = Mutex(SeededGenerator(state: seed))
        return { count in
            state.withLock { generator in
                Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            }
        }
    }

    /// What a unit's machines draw from: its own stream, so that nobody's chance hangs on what others do.
    func entropy(of name: String) -> @Sendable (Int) -> Data {
        if let known = entropies[name] { return known }
        let stream = Self.bytes(from: SeededGenerator.seed(seed, for: name))
        entropies[name] = stream
        return stream
    }

    // MARK: - Units

    package var root: String { units[0].code.text }

    /// The units with a node, from the top down.
    package var names: [String] { units.map(\.code.text).filter(machines.contains) }

    /// Whether the unit has a node.
    package func hasNode(_ name: String) -> Bool { machines.contains(name) }

    /// The rank of a unit, 0 at the top.
    package func tier(of name: String) -> Int { shape.entry(name)?.tier ?? 0 }

    package func kind(of name: String) -> UnitKind? { shape.entry(name)?.kind }

    /// Whether the root's charter has a last day for the unit.
    package func hasEnded(_ name: String) -> Bool { shape.entry(name)?.until != nil }

    /// The unit that this one's machine is set up to dial: its parent by the root's charter.
    package func parent(of name: String) -> String? { shape.entry(name)?.parent?.text }

    /// The units right below this one, with a node or without.
    package func children(of name: String) -> [String] { shape.children(of: name) }

    /// The units below this one with a node, those of the lowest rank first.
    package func below(_ name: String) -> [String] {
        names.filter { path(above: $0).contains(name) }.reversed()
    }

    /// From the parent upward.
    package func path(above name: String) -> [String] {
        var out: [String] = []
        var at = name
        while let next = parent(of: at), !out.contains(next) {
            out.append(next)
            at = next
        }
        return out
    }

    /// A unit's node, opened if it is not.
    /// - Throws: `NodeTrouble`.
    package func node(_ name: String) throws -> Node {
        uses += 1
        if open[name] != nil {
            open[name]?.used = uses
        } else {
            guard machines.contains(name) else { throw NodeTrouble.none(name) }
            do { try reopen(name) } catch { throw NodeTrouble.doesNotOpen(name, why: "\(error)") }
        }
        guard let node = open[name]?.node else { throw NodeTrouble.none(name) }
        return node
    }

    /// A node of which a test knows that it opens.
    package subscript(_ name: String) -> Node {
        do { return try node(name) } catch { preconditionFailure("\(error)") }
    }

    package func pass(seconds: Int64) { set(now.seconds + seconds) }

    /// - Parameter seconds: since 1970.
    package func set(_ seconds: Int64) {
        now = Moment(seconds: seconds, day: CivilTime.day(at: seconds)?.dayNumber ?? now.day)
    }

    /// The root moves a unit, and its machine is set up to dial the new parent.
    package func move(_ name: String, under parent: String) throws {
        try node(root).enter(
            [
                .move(
                    .with {
                        $0.unit = name
                        $0.parent = parent
                    })
            ], now: time(at: root))
        try followCharter()
    }

    /// The root gives today as the unit's last day.
    package func end(_ name: String) throws {
        guard let entry = shape.entry(name) else { preconditionFailure("no unit \(name)") }
        let now = time(at: root)
        try node(root).importUnits([entry.ending(on: now.day)], now: now)
        try followCharter()
    }

    /// Takes the units from the root's charter.
    package func followCharter() throws {
        let topology = try node(root).replica.read { $0.charter.current.topology }
        units = units.map { topology[$0.code] ?? $0 }
    }

    // MARK: - Open nodes

    private func keep(_ node: Node, of name: String) {
        uses += 1
        open[name] = OpenNode(node: node, used: uses)
    }

    /// Closes what was not used for longest, an eighth of all at once.
    private func makeRoom() throws {
        guard open.count >= mostOpen else { return }
        let idle = open.filter { held[$0.key] == nil }.sorted { $0.value.used < $1.value.used }
        // Whoever has just asked for a few of them goes on using them.
        for (name, entry) in idle.dropLast(4).prefix(max(1, mostOpen / 8)) {
            try entry.node.replica.close()
            open[name] = nil
        }
    }

    /// The disk of a machine that is switched off needs no log.
    func rest(_ name: String) throws { try open[name]?.node.replica.rest() }

    /// A line holds both ends' nodes open.
    func hold(_ name: String, by count: Int) {
        let lines = held[name, default: 0] + count
        held[name] = lines == 0 ? nil : lines
    }

    // MARK: - Machines

    package func directory(_ name: String) -> NodeDirectory {
        let folder = folder.appending(path: folders[name] ?? name), keys = KeySource.repeatable(entropy(of: name))
        guard let lacking = older[name] else { return NodeDirectory(folder, keys: keys, charters: charters) }
        return NodeDirectory(
            folder, keys: keys, charters: charters, rules: CaseRules.version1.without(lacking), program: "earlier")
    }

    /// The disk of a unit's present machine.
    package func disk(_ name: String) -> SimulatedDisk {
        guard let disk = disks[folders[name] ?? name] else { preconditionFailure("no disk of \(name)") }
        return disk
    }

    /// The disk of a folder, a new one if there was none.
    func mount(_ machine: String) throws -> SimulatedDisk {
        if let disk = disks[machine] { return disk }
        let disk = try SimulatedDisk(folder.appending(path: machine))
        disks[machine] = disk
        return disk
    }

    /// A unit's machine is the one of this folder.
    private func setUp(_ name: String, in machine: String) throws {
        _ = try mount(machine)
        folders[name] = machine
    }

    /// What the unit's parent has issued for it.
    func enrollmentCode(for name: String) throws -> String {
        guard let above = parent(of: name), let unit = UnitCode(name) else {
            preconditionFailure("no parent of \(name)")
        }
        return try node(above).issueEnrollmentCode(for: unit, evenEnded: true, now: time(at: above)).text
    }

    /// The unit gets a new machine.
    func setUpNext(_ name: String) throws {
        older[name] = nil
        try setUp(name, in: folders[name].map { "\($0)+" } ?? name)
    }

    /// Enrolls a machine for the unit at its parent's, the next one if it had one before.
    package func enroll(_ name: String) throws {
        guard let above = parent(of: name), let unit = UnitCode(name) else {
            preconditionFailure("no parent of \(name)")
        }
        let code = try enrollmentCode(for: name), parent = try self.node(above)
        try setUpNext(name)
        let enrollee = try Enrollee(code: code, unit: unit, in: directory(name))
        let grant = try parent.enroll(
            EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey,
            validFor: certificatePeriod, now: time(at: above))
        try makeRoom()
        let node = try enrollee.take(
            grant, presented: parent.chain.der, now: time(at: name), entropy: entropy(of: name))
        machines.insert(name)
        keep(node, of: name)
    }

    /// The unit's machine goes on with an earlier version.
    package func begin(_ name: String, lacking: Set<CaseAction>) throws {
        older[name] = lacking
        try restart(name)
    }

    /// The unit's machine gets the present version.
    package func upgrade(_ name: String) throws {
        older[name] = nil
        try restart(name)
    }

    /// Closes a node's files and opens them again, as a new start of its process would.
    package func restart(_ name: String) throws {
        try node(name).replica.close()
        try reopen(name)
    }

    /// Opens what lies in a unit's folder.
    package func reopen(_ name: String) throws {
        open[name] = nil
        try makeRoom()
        machines.insert(name)
        let hasAnchor = hasAnchor(name)
        if !hasAnchor { beginLife(of: name) }
        // Nobody has the file and could put it back.
        let leaving = Node.Purpose.workLeavingUnsealed
        keep(try Node(directory(name), for: leaving, now: time(at: name), entropy: entropy(of: name)), of: name)
        guard !hasAnchor else { return }
        leftBehind(name, Set(try journal(of: name).rows.filter { !$0.counts }.map(\.leaf)))
    }

    /// Opens another machine's folder as the unit's.
    func place(_ name: String, in machine: String) throws {
        try setUp(name, in: machine)
        try reopen(name)
    }

    /// A second process on a unit's folder.
    package func another(_ name: String, for purpose: Node.Purpose = .work) throws -> Node {
        try Node(directory(name), for: purpose, now: time(at: name), entropy: entropy(of: name))
    }

    /// The process is gone, its files stay as they are.
    package func drop(_ name: String) {
        open[name] = nil
        machines.remove(name)
    }
}

/// Why a unit's node is not to be had: a failure of the run.
package enum NodeTrouble: Error, Equatable, CustomStringConvertible {
    /// It has no machine.
    case none(String)
    case doesNotOpen(String, why: String)

    package var description: String {
        switch self {
        case .none(let name): "there is no node \(name)"
        case .doesNotOpen(let name, let why): "\(name) does not open: \(why)"
        }
    }
}
