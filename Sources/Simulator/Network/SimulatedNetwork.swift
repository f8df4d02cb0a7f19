import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode
import Synchronization
import Trust

/// Real nodes with real SQLite files in a temporary folder, joined by links that run in this process: no sockets, and a
/// clock of the simulation's own. Nothing is random but by the seed, keys and signatures apart, which the system draws.
package final class SimulatedNetwork {
    package let folder: URL
    package var now = Moment(seconds: 1_790_000_000, day: 20_717)
    package private(set) var units: [UnitEntry]
    /// By unit; a unit whose machine was cut and is not enrolled again has none.
    package private(set) var nodes: [String: Node] = [:]
    /// How far each unit's clock is off, in seconds.
    package var skew: [String: Int64] = [:]
    /// The folder of a unit's present machine.
    private var folders: [String: String] = [:]
    /// By folder.
    private var disks: [String: SimulatedDisk] = [:]
    let entropy: @Sendable (Int) -> Data

    /// Founds the network, enrolls the named units from the top down and brings each of them the charter.
    /// - Parameters:
    ///   - units: the root first, parents before their children; codes that can stand on a receipt.
    ///   - names: the units that get a node; the root is always one of them.
    package init(units: [UnitEntry], tiers: [String], nodes names: [String], seed: UInt64) throws {
        self.units = units
        folder = Self.home.appending(path: "terrace-\(UUID().uuidString)")
        let state = Mutex(SeededGenerator(state: seed))
        entropy = { count in
            state.withLock { generator in
                Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            }
        }
        let root = units[0]
        try setUp(root.code.text, in: root.code.text)
        let node = try Node.found(
            NetworkPlan(network: root.name, root: root.code, rootName: root.name, tiers: tiers),
            in: directory(root.code.text), now: now, entropy: entropy)
        nodes[root.code.text] = node
        try node.importUnits(units, now: now)
        for unit in units.dropFirst() where names.contains(unit.code.text) {
            try enroll(unit.code.text)
            try exchange(unit.code.text)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// In memory where the system has such a place, since every commit waits for the disk.
    private static var home: URL {
        let memory = URL(filePath: "/dev/shm")
        return FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
    }

    // MARK: - Units

    package var root: String { units[0].code.text }

    /// The units with a node, from the top down.
    package var names: [String] { units.map(\.code.text).filter { nodes[$0] != nil } }

    /// The unit that this one's machine is set up to dial: its parent by the root's charter.
    package func parent(of name: String) -> String? {
        units.first { $0.code.text == name }?.parent?.text
    }

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

    package subscript(_ name: String) -> Node {
        guard let node = nodes[name] else { preconditionFailure("no node \(name)") }
        return node
    }

    /// The time by a unit's own clock.
    package func time(at name: String) -> Moment {
        let time = now.seconds + (skew[name] ?? 0)
        return Moment(seconds: time, day: CivilTime.day(at: time)?.dayNumber ?? now.day)
    }

    package func pass(seconds: Int64) {
        let time = now.seconds + seconds
        now = Moment(seconds: time, day: CivilTime.day(at: time)?.dayNumber ?? now.day)
    }

    /// The root moves a unit, and its machine is set up to dial the new parent.
    package func move(_ name: String, under parent: String) throws {
        try self[root].enter(
            [
                .move(
                    .with {
                        $0.unit = name
                        $0.parent = parent
                    })
            ], now: time(at: root))
        try followCharter()
    }

    /// Takes the units from the root's charter.
    package func followCharter() throws {
        let topology = try self[root].replica.read { $0.charter.current.topology }
        units = units.map { topology[$0.code] ?? $0 }
    }

    // MARK: - Machines

    package func directory(_ name: String) -> NodeDirectory {
        NodeDirectory(folder.appending(path: folders[name] ?? name))
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

    /// Enrolls a machine for the unit at its parent's, the next one if it had one before.
    package func enroll(_ name: String) throws {
        guard let above = parent(of: name), let unit = UnitCode(name) else {
            preconditionFailure("no parent of \(name)")
        }
        let parent = self[above]
        let code = try parent.issueEnrollmentCode(for: unit, now: time(at: above))
        try setUp(name, in: folders[name].map { "\($0)+" } ?? name)
        let enrollee = try Enrollee(code: code.text, unit: unit, in: directory(name))
        let grant = try parent.enroll(
            EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: time(at: above))
        nodes[name] = try enrollee.take(grant, presented: parent.chain.der, now: time(at: name), entropy: entropy)
    }

    /// Closes a node's files and opens them again, as a new start of its process would.
    package func restart(_ name: String) throws {
        try self[name].replica.close()
        try reopen(name)
    }

    /// Opens what lies in a unit's folder.
    package func reopen(_ name: String) throws {
        nodes[name] = nil
        nodes[name] = try Node(directory(name), now: time(at: name), entropy: entropy)
    }

    /// Opens another machine's folder as the unit's.
    func place(_ name: String, in machine: String) throws {
        try setUp(name, in: machine)
        try reopen(name)
    }

    /// A second process on a unit's folder.
    package func another(_ name: String) throws -> Node {
        try Node(directory(name), now: time(at: name), entropy: entropy)
    }

    /// The process is gone, its files stay as they are.
    package func drop(_ name: String) { nodes[name] = nil }
}
