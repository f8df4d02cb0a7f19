import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A file in the place of the database that is no replica: of no bytes, or another program's.
@Suite struct EmptyDatabaseTests {
    private static let names = [Network.city, Network.county]

    /// A county whose node is at rest, with a case that the city has.
    private func network() throws -> (network: SimulatedNetwork, receipt: String) {
        let network = try Network(Self.names)
        let receipt = try network.accept(at: Network.county, number: 1).receipt
        try network.settle(rounds: 1)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        return (network, receipt)
    }

    private func codes(_ network: SimulatedNetwork) -> [String] {
        let facts = NodeFacts(
            network.directory(Network.county), service: ServiceFacts(isServed: false, hasUplink: true),
            now: network.now)
        return Examination(facts).findings.map(\.code)
    }

    private func open(_ network: SimulatedNetwork) throws {
        let node = try Node(
            network.directory(Network.county), now: network.now, entropy: { Data((0..<$0).map { UInt8($0 & 255) }) })
        try node.replica.close()
    }

    @Test func aFileOfNoBytesIsNamedAndLeftAsItIs() throws {
        let (network, _) = try network()
        let file = network.directory(Network.county).replica, log = URL(filePath: file.path + "-wal")
        try Data().write(to: file)
        // All that there is may be in the log, which SQLite would remove.
        try Data("log".utf8).write(to: log)
        #expect(throws: ReplicaError.empty(file.path)) { try open(network) }
        #expect(throws: ReplicaError.empty(file.path)) { try network.salvageAsItLies(Network.county) }
        #expect(try network.tracesOfSalvage(Network.county).isEmpty)
        #expect(codes(network).contains("database.empty") && !codes(network).contains("database.older"))
        #expect(try Data(contentsOf: file).isEmpty && Data(contentsOf: log) == Data("log".utf8))
        #expect(Replica.isUsed(path: file.path))
        try FileManager.default.removeItem(at: log)
        #expect(!Replica.isUsed(path: file.path))
    }

    /// The power went when the damaged file had another name, and its log had not.
    @Test func whatAnEarlierAttemptSavedIsTakenUpBesideALog() throws {
        let (network, receipt) = try network()
        let file = network.directory(Network.county).replica
        for name in try network.salvageAsItLies(Network.county).kept {
            try FileManager.default.removeItem(at: network.directory(Network.county).url.appending(path: name))
        }
        try FileManager.default.moveItem(at: file, to: URL(filePath: file.path + ".ready"))
        try Data().write(to: file)
        try Data("log".utf8).write(to: URL(filePath: file.path + "-wal"))
        let done = try network.salvageAsItLies(Network.county)
        #expect(done.salvage == nil && done.kept.count >= 2)
        #expect(try network.tracesOfSalvage(Network.county) == done.kept.sorted())
        try network.reopen(Network.county)
        #expect(try network[Network.county].replica.read { try $0.serviceCase(receipt: receipt) } != nil)
    }

    /// An earlier program has made its tables in such a file.
    @Test func aDatabaseWithoutANodeIsEmptyToo() throws {
        let (network, _) = try network()
        let file = network.directory(Network.county).replica
        try FileManager.default.removeItem(at: file)
        try Replica(path: file.path, creates: true).close()
        #expect(throws: ReplicaError.empty(file.path)) { try open(network) }
        #expect(codes(network).contains("database.empty"))
    }

    @Test func theBackupTakesItsPlace() throws {
        let (network, receipt) = try network()
        try network.reopen(Network.county)
        let directory = network.directory(Network.county)
        let backup = try network.backUp(Network.county, as: "one")
        try network[Network.county].replica.close()
        network.drop(Network.county)
        try Data().write(to: directory.replica)
        let done = try backup.restore(
            into: directory, replacing: true, now: network.now,
            entropy: { Data((0..<$0).map { _ in .random(in: 0...255) }) })
        #expect(try done.node.replica.read { try $0.serviceCase(receipt: receipt) } != nil)
        #expect(done.setAside.contains { $0.hasPrefix("replica.sqlite") })
        try done.node.replica.close()
    }

    @Test func anotherProgramsDatabaseIsNamedAndLeftAsItIs() throws {
        let (network, _) = try network()
        let file = network.directory(Network.county).replica
        try FileManager.default.removeItem(at: file)
        let queue = try DatabaseQueue(path: file.path)
        try queue.write { try $0.execute(sql: "CREATE TABLE photo (id INTEGER PRIMARY KEY, name TEXT)") }
        try queue.close()
        let before = try Data(contentsOf: file)
        #expect(throws: ReplicaError.foreign(file.path)) { try open(network) }
        #expect(throws: ReplicaError.foreign(file.path)) { try network.salvageAsItLies(Network.county) }
        #expect(try network.tracesOfSalvage(Network.county).isEmpty)
        #expect(codes(network).contains("database.foreign"))
        #expect(try Data(contentsOf: file) == before)
        // No node is founded over it.
        #expect(Replica.isUsed(path: file.path))
    }

    @Test(arguments: ["journal", "unit", "grdb_migrations", "draft"])
    func aTableThatIsMissingIsNamed(table: String) throws {
        let (network, _) = try network()
        let queue = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON")
            try db.execute(sql: "DELETE FROM sqlite_master WHERE name = ? OR tbl_name = ?", arguments: [table, table])
        }
        try queue.close()
        #expect(throws: ReplicaError.self) {
            let replica = try Replica(path: network.directory(Network.county).replica.path)
            defer { try? replica.close() }
            _ = try replica.read { try ($0.drafts(), $0.caseCounts(), $0.lineStanding()) }
            _ = try replica.rebuild(keeping: false)
        }
        // What it was is said, and everything else is there.
        let salvaged = try network.salvageAsItLies(Network.county).salvage
        let known = ["journal", "draft"]
        #expect(salvaged?.tables.first { $0.name == table }?.isWhole == (known.contains(table) ? false : nil))
    }
}

extension SimulatedNetwork {
    /// As `salvage`, and the node stays closed.
    @discardableResult
    func salvageAsItLies(_ name: String) throws -> Salvaged {
        let done = try Node.salvage(
            directory(name), now: now, entropy: { Data((0..<$0).map { _ in .random(in: 0...255) }) },
            progress: { _ in })
        try done.node.replica.close()
        return done
    }

    /// The files of a node's folder that a salvage has made or given another name.
    func tracesOfSalvage(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory(name).url.path).sorted().filter { file in
            [".salvaging", ".ready", ".damaged-"].contains { file.contains($0) }
        }
    }
}
