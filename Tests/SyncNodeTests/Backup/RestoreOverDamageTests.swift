import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What lies where a backup is to be restored is no sound database of its node.
@Suite struct RestoreOverDamageTests {
    private static let entropy: @Sendable (Int) -> Data = { Data((0..<$0).map { _ in .random(in: 0...255) }) }

    /// A county with a case of which the backup knows, and one of which nobody knows, at rest.
    private struct County {
        let network: SimulatedNetwork
        let backup: Backup
        var directory: NodeDirectory { network.directory(Network.county) }
        var path: String { directory.url.path }

        init() throws {
            network = try Network([Network.city, Network.county, Network.town])
            try network.accept(at: Network.county, number: 1)
            try network.settle(rounds: 1)
            backup = try network.backUp(Network.county)
            try network.accept(at: Network.county, number: 2)
            for name in [Network.county, Network.town] {
                try network[name].replica.close()
                network.drop(name)
            }
        }

        @discardableResult
        func restore(replacing: Bool = true, losingUnsent: Bool = false) throws -> Restoration {
            let restored = try backup.restore(
                into: directory, replacing: replacing, losingUnsent: losingUnsent, now: network.now,
                entropy: RestoreOverDamageTests.entropy)
            try restored.node.replica.close()
            return restored
        }

        func sql(_ text: String) throws {
            let queue = try DatabaseQueue(path: directory.replica.path)
            try queue.write { try $0.execute(sql: text) }
            try queue.close()
        }

        var codes: [String] {
            let service = ServiceFacts(isServed: false, hasUplink: true)
            return Examination(NodeFacts(directory, service: service, now: network.now)).findings.map(\.code)
        }
    }

    /// A salvage may save what nobody else has.
    @Test func whatCannotBeReadIsNotReplaced() throws {
        let county = try County()
        try Data(repeating: 0x5A, count: 50_000).write(to: county.directory.replica)
        let before = try county.directory.content()
        #expect(throws: RestoreError.unknownWork(county.path, why: "replica.unreadable")) { try county.restore() }
        #expect(try county.directory.content() == before)
        #expect(try county.restore(losingUnsent: true).depth == 1)
    }

    /// All that there is may be in it.
    @Test func aLogBesideAnEmptyFileIsNotReplaced() throws {
        let county = try County()
        let log = URL(filePath: county.directory.replica.path + "-wal")
        try Data().write(to: county.directory.replica)
        try Data(repeating: 0x5A, count: 50_000).write(to: log)
        #expect(throws: RestoreError.unknownWork(county.path, why: "replica.empty")) { try county.restore() }
        #expect(try Data(contentsOf: log).count == 50_000)
        #expect(try county.restore(losingUnsent: true).setAside.count == 2)
    }

    /// Nothing was ever written into it.
    @Test func anEmptyFileIsReplaced() throws {
        let county = try County()
        try Data().write(to: county.directory.replica)
        #expect(try county.restore().depth == 1)
    }

    @Test func oneDamagedPageIsForASalvage() throws {
        let county = try County()
        let file = county.directory.replica
        let queue = try DatabaseQueue(path: file.path)
        let page = try queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'run_place'")
        }
        try queue.close()
        let start = (try #require(page) - 1) * 4096
        var data = try Data(contentsOf: file)
        data.replaceSubrange(start..<start + 4096, with: Data(repeating: 0x5A, count: 4096))
        try data.write(to: file)
        #expect { try county.restore() } throws: { ($0 as? RestoreError)?.code == "restore.unknownWork" }
        try county.network.salvageAsItLies(Network.county)
        try county.network.reopen(Network.county)
        #expect(try county.network[Network.county].replica.read { try $0.serviceCases(limit: 10).count } == 2)
    }

    @Test func aDamagedCharterIsNamedAsWhatItBringsWithIt() throws {
        let county = try County()
        try county.sql("UPDATE run SET packed = CAST(packed || x'00' AS BLOB) WHERE feed = 1")
        #expect(throws: RestoreError.unknownWork(county.path, why: "replica.damagedRun")) { try county.restore() }
        #expect(RestoreError.unknownWork("x", why: "y").words[.english].contains("terrace salvage"))
    }

    @Test func aDatabaseOfAnotherProgramVersionStays() throws {
        let county = try County()
        let file = county.directory.replica.path
        try county.sql("INSERT INTO grdb_migrations VALUES ('999')")
        #expect(throws: ReplicaError.newer(file)) { try county.restore() }
        try county.sql("DELETE FROM grdb_migrations WHERE rowid = (SELECT max(rowid) FROM grdb_migrations)")
        #expect(throws: RestoreError.unsent(county.path, 1, isRoot: false)) { try county.restore() }
        try county.sql("DELETE FROM grdb_migrations WHERE rowid = (SELECT max(rowid) FROM grdb_migrations)")
        #expect(throws: ReplicaError.older(file)) { try county.restore() }
        #expect(try county.restore(losingUnsent: true).setAside.count == 1)
    }

    /// What it holds is for its own node to keep.
    @Test func anotherNodesDatabaseIsNotReplaced() throws {
        let county = try County()
        let elsewhere = try Network(seed: 2, [Network.city, Network.county])
        let network = elsewhere[Network.city].genesis.network
        try elsewhere[Network.county].replica.close()
        for (directory, error) in [
            (
                county.network.directory(Network.town),
                RestoreError.otherDatabase(county.path, of: "\(Network.town)#1", network: nil)
            ),
            (
                elsewhere.directory(Network.county),
                .otherDatabase(county.path, of: "\(Network.county)#1", network: network)
            ),
        ] {
            try Data(contentsOf: directory.replica).write(to: county.directory.replica)
            #expect(throws: error) { try county.restore() }
            // As it says.
            for suffix in ["", "-wal", "-shm"] {
                #expect(error.words[.english].contains("replica.sqlite\(suffix)"))
                try? FileManager.default.removeItem(atPath: county.directory.replica.path + suffix)
            }
        }
        #expect(try county.restore(replacing: false).depth == 1)
    }

    /// It was stopped when everything was saved and nothing was in place yet.
    @Test func whatASalvageHasSavedIsNoneToBeForgotten() throws {
        let county = try County()
        let ready = URL(filePath: county.directory.replica.path + ".ready")
        try FileManager.default.moveItem(at: county.directory.replica, to: ready)
        #expect(county.codes.contains("database.saved") && !county.codes.contains("database.absent"))
        let before = try county.directory.content()
        for replacing in [false, true] {
            #expect(throws: RestoreError.stoppedSalvage(county.path)) { try county.restore(replacing: replacing) }
        }
        // Nothing lies in the file whose place it takes.
        try Data().write(to: county.directory.replica)
        #expect(throws: RestoreError.stoppedSalvage(county.path)) { try county.restore() }
        try FileManager.default.removeItem(at: county.directory.replica)
        #expect(try county.directory.content() == before)
        let saved = try Data(contentsOf: ready)
        let aside = try county.restore(losingUnsent: true).setAside
        try #require(aside.count == 1)
        #expect(try Data(contentsOf: county.directory.url.appending(path: aside[0])) == saved)
    }

    @Test func theWordsNameAllFilesOfADatabase() {
        let error = NodeError.otherDatabase("replica.sqlite", of: "x", network: nil, keys: "y").words
        let texts = [error, FindingKind.databaseOther.wayOut, FindingKind.databaseForeign.wayOut]
        for text in texts {
            for language in Language.allCases {
                #expect(text[language].contains("replica.sqlite-wal") && text[language].contains("replica.sqlite-shm"))
            }
        }
    }

    /// A log that came to lie beside the database of another time would be taken for its own.
    @Test func aLogStaysWithItsDatabase() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "db"), log = folder.appending(path: "db-wal")
        try Data("one".utf8).write(to: file)
        var first = FilesAside(".old")
        for file in [file, log] { try first.take(file) }
        for file in [file, log] { try Data("two".utf8).write(to: file) }
        var second = FilesAside(".old")
        for file in [file, log] { try second.take(file) }
        #expect(first.names == ["db.old"] && second.names == ["db.old+", "db.old+-wal"])
    }
}
