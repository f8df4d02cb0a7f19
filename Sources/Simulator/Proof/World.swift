import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import SyncNode

/// A network as the judges see it at one moment: what lies in its files, what the city tells of it, and the clocks. A
/// plain value, so that a test may doctor it.
package struct World {
    package struct Figures: Hashable {
        /// By what they are told apart, and the group; both empty for all in one.
        let grouping: String
        let key: String
        var counts: [String: Int]
    }

    package let root: String
    /// By unit; only those that have a machine, be it switched off.
    package var replicas: [String: HeldReplica]
    /// The kinds of actions for which a unit's program has no rule yet; none where it is not named.
    package var lacking: [String: Set<UInt32>] = [:]
    /// What each machine's clock shows.
    package var clocks: [String: Int64]
    /// Until when, as the city says, each unit's work is in its figures.
    package var frontier: [String: Int64] = [:]
    package var figures: [Figures] = []
    /// By unit, how each node that holds any of its cases names them by digest; only after everything has healed.
    package var fingerprints: [String: [String: [Place: Digest32]]] = [:]
    /// Derived tables that a rebuild does not bring out again, and what SQLite finds wrong, by unit; only then as well.
    package var tables: [String: [String]] = [:]
    package var damage: [String: [String]] = [:]
    /// By unit, what it refused of what must succeed; only at the very end.
    package var refused: [String: [String]] = [:]
    package var hasHealed = false
    /// Units in whose journal the simulation has let a disk change something that is not whole again.
    package var impairedOnPurpose: Set<String> = []

    /// Reads a network's files.
    /// - Parameter files: those that were read before and have not changed since are not read again.
    package init(_ network: SimulatedNetwork, _ files: FileMemory) throws {
        root = network.root
        // It is asked below. One that is opened by that may leave something behind, which is not to be read before.
        if network.hasNode(root) { _ = try network.node(root) }
        replicas = try network.names.reduce(into: [:]) { out, name in
            out[name] = try files.replica(of: name, in: network)
        }
        clocks = network.names.reduce(into: [:]) { out, name in
            out[name] = max(network.time(at: name).seconds, network.latestShown[name] ?? .min)
        }
        impairedOnPurpose = network.impairedOnPurpose
        lacking = network.older.mapValues { Set($0.map(\.rawValue)) }
        guard replicas[root] != nil else { return }
        let now = network.time(at: root).seconds
        try network.node(root).replica.read { transaction in
            guard let unit = UnitCode(network.root), let today = CivilTime.day(at: now) else { return }
            let told = try transaction.frontier(of: unit, days: today...today, asked: now, now: now)
            frontier = told.units.reduce(into: [:]) { $0[$1.unit.text] = $1.time }
            for grouping in [nil] + StatisticsGrouping.allCases.map(Optional.some) {
                for row in try transaction.statistics(StatisticsQuery(unit: unit, grouping: grouping)) {
                    let counts = Measure.allCases.map { ($0.rawValue, row.tally[$0]) }.filter { $0.1 != 0 }
                    figures.append(
                        Figures(
                            grouping: grouping?.rawValue ?? "", key: row.key,
                            counts: Dictionary(counts) { one, _ in one }))
                }
            }
        }
    }

    /// Whether a replica lacks what it lacks because the simulation has damaged its file, so that laws about what it
    /// holds and shows say nothing of it.
    func isImpaired(_ name: String) -> Bool {
        impairedOnPurpose.contains(name) && replicas[name]?.isImpaired == true
    }

    /// What can be asked once nothing moves any more.
    package mutating func askHealed(_ network: SimulatedNetwork) throws {
        hasHealed = true
        for unit in network.names {
            let creators = replicas[unit].map { held in
                held.shown.values.compactMap { held.authors[$0.creation.author]?.unit }
            }
            for creator in Set(creators ?? []) {
                fingerprints[creator, default: [:]][unit] = try network.casePrints(of: creator, at: unit)
            }
            tables[unit] = try network.node(unit).replica.rebuild(keeping: false).filter { !$0.isSame }.map(\.name)
            damage[unit] = try HeldJournal.damage(in: network.directory(unit).replica)
        }
    }
}

/// The files that were read, by path: a step changes few of them.
package final class FileMemory {
    /// What a file was when it was read: how much had happened to its disk, and which file it was.
    private struct Stamp: Hashable {
        let version: Int
        let file: FileID?
    }

    private var held: [URL: (stamp: Stamp, replica: HeldReplica)] = [:]
    private var id: Digest32?
    /// How many files were read.
    private(set) var reads = 0

    package init() {}

    private func network(_ network: SimulatedNetwork) throws -> Digest32 {
        let found = try id ?? network.node(network.root).genesis.id
        id = found
        return found
    }

    /// The replica of a unit's present machine.
    func replica(of name: String, in network: SimulatedNetwork) throws -> HeldReplica {
        let file = network.directory(name).replica, disk = network.disk(name)
        func stamp() -> Stamp { Stamp(version: disk.version, file: FileID(path: file.path)) }
        if let (before, replica) = held[file], before == stamp() { return replica }
        let replica = try HeldReplica(file: file, network: try self.network(network))
        reads += 1
        // Whoever reads may make a log that was not there: what it says is what was read.
        held[file] = (stamp(), replica)
        return replica
    }
}
