import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing
import Trust

@testable import SyncNode

/// Keys that were lost come back alone: the work of today is in the database, and that stays.
@Suite struct RestoreKeysTests {
    /// A county that has worked on behind its backup, and is not running.
    private struct County {
        let network: SimulatedNetwork
        let backup: Backup
        let author: AuthorID
        var directory: NodeDirectory { network.directory(Network.county) }

        init() throws {
            network = try Network([Network.city, Network.county])
            try network.accept(at: Network.county, number: 1)
            backup = try network.backUp(Network.county)
            try network.accept(at: Network.county, number: 2)
            let node = network[Network.county]
            author = try node.replica.read { try node.author($0) }
            try node.replica.close()
            network.drop(Network.county)
            try Data("rate: 1200\n".utf8).write(to: directory.settings)
        }

        func restoreKeys() throws -> KeyRestoration {
            try backup.restoreKeys(into: directory, now: network.now)
        }

        func sql(_ text: String) throws {
            let queue = try DatabaseQueue(path: directory.replica.path)
            try queue.write { try $0.execute(sql: text) }
            try queue.close()
        }

        func refuses(_ error: RestoreError, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let before = try directory.content()
            #expect(throws: error, sourceLocation: sourceLocation) { try restoreKeys() }
            #expect(try directory.content() == before, sourceLocation: sourceLocation)
        }

        /// It goes on as who it was, with all that was confirmed.
        func goesOn() throws {
            try network.reopen(Network.county)
            let node = network[Network.county]
            #expect(try node.replica.read { try node.author($0) } == author)
            try network.accept(at: Network.county, number: 3)
            try network.settle(rounds: 2)
            #expect(try network[Network.city].replica.read { try $0.serviceCases(limit: 10).count } == 3)
            #expect(try network.journal(of: Network.city).forks == 0)
        }
    }

    @Test(
        arguments: [
            ["node.key"], ["seal.key"], ["certificates.pem"], ["node.key", "seal.key", "certificates.pem"],
        ], [true, false])
    func whatIsLostComesBackAndNothingElse(names: [String], isDamaged: Bool) throws {
        let county = try County()
        let before = try county.directory.content()
        for name in names {
            let file = county.directory.url.appending(path: name)
            try FileManager.default.removeItem(at: file)
            if isDamaged { try Data("rubbish".utf8).write(to: file) }
        }
        let restored = try county.restoreKeys()
        #expect(restored.goesOn)
        #expect(restored.taken == names && restored.setAside.count == (isDamaged ? names.count : 0))
        var after = try county.directory.content()
        for name in restored.setAside { #expect(after.removeValue(forKey: name) == Data("rubbish".utf8)) }
        #expect(after == before)
        try county.goesOn()
    }

    /// Each can be read, and is another's.
    @Test func whatIsAnothersGivesWay() throws {
        let county = try County()
        let before = try county.directory.content()
        let city = county.network.directory(Network.city)
        let directory = county.directory
        for (own, other) in [
            (directory.nodeKey, city.nodeKey), (directory.sealKey, city.sealKey),
            (directory.certificates, city.certificates),
        ] { try Data(contentsOf: other).write(to: own) }
        let restored = try county.restoreKeys()
        #expect(restored.taken.count == 3 && restored.setAside.count == 3)
        let after = try directory.content()
        #expect(before.allSatisfy { after[$0] == $1 })
        try county.goesOn()
    }

    @Test func whatFitsStays() throws {
        let county = try County()
        let before = try county.directory.content()
        let restored = try county.restoreKeys()
        #expect(restored.taken.isEmpty && restored.setAside.isEmpty)
        #expect(try county.directory.content() == before)
        try county.goesOn()
    }

    @Test func aDatabaseOfAnotherIsRefused() throws {
        let county = try County()
        let path = county.directory.url.path
        try FileManager.default.removeItem(at: county.directory.nodeKey)
        let network = try Network(seed: 2, [Network.city, Network.county, Network.town])
        for (name, error) in [
            (Network.town, RestoreError.otherNode(path, found: "\(Network.county)#1", wanted: "\(Network.town)#1")),
            (Network.county, .otherNetwork(path)),
        ] {
            let backup = try network.backUp(name)
            let before = try county.directory.content()
            #expect(throws: error) { try backup.restoreKeys(into: county.directory, now: network.now) }
            #expect(try county.directory.content() == before)
        }
    }

    @Test func aDatabaseThatCannotBeReadIsRefused() throws {
        let county = try County()
        try FileManager.default.removeItem(at: county.directory.sealKey)
        try Data(repeating: 0x5A, count: 50_000).write(to: county.directory.replica)
        try county.refuses(.unreadable(county.directory.url.path, why: "replica.unreadable"))
        try FileManager.default.removeItem(at: county.directory.replica)
        try county.refuses(.noReplica(county.directory.url.path))
    }

    /// The way out of a database that no node opens must not ask for one that opens.
    @Test func itNeedsNoMoreThanTheNodeAndItsAuthor() throws {
        let county = try County()
        try FileManager.default.removeItem(at: county.directory.certificates)
        try county.sql("UPDATE run SET packed = CAST(packed || x'00' AS BLOB) WHERE feed = 1")
        try county.sql("DELETE FROM grdb_migrations WHERE rowid = (SELECT max(rowid) FROM grdb_migrations)")
        // Nor is the backup's database asked for.
        try FileManager.default.removeItem(at: county.backup.file("replica.sqlite"))
        #expect(try county.restoreKeys().taken == ["certificates.pem"])
    }

    @Test func aDatabaseOfANewerProgramIsLeftToIt() throws {
        let county = try County()
        try FileManager.default.removeItem(at: county.directory.nodeKey)
        try county.sql("INSERT INTO grdb_migrations VALUES ('999')")
        #expect(throws: ReplicaError.newer(county.directory.replica.path)) { try county.restoreKeys() }
    }

    /// Without its anchor, with another's, as a copy, or damaged, the node does not go on as it was.
    @Test(arguments: 0..<4) func whatIsNotOfTodayIsNotSaidToBe(number: Int) throws {
        let county = try County()
        let anchor = county.directory.anchor
        switch number {
        case 0: try FileManager.default.removeItem(at: anchor)
        case 1: try Data(contentsOf: county.network.directory(Network.city).anchor).write(to: anchor)
        case 2: try county.sql("UPDATE node SET copied = 1764000000")
        default: try county.sql("UPDATE run SET packed = CAST(packed || x'00' AS BLOB) WHERE feed = 1")
        }
        #expect(try !county.restoreKeys().goesOn)
    }

    /// It needs the keys that were lost meanwhile.
    @Test(arguments: [false, true]) func aStoppedSalvageEnds(leavesEmptyFile: Bool) throws {
        let county = try County()
        let directory = county.directory
        try FileManager.default.moveItem(at: directory.replica, to: directory.salvaged)
        if leavesEmptyFile { try Data().write(to: directory.replica) }
        let key = try Data(contentsOf: directory.sealKey)
        try FileManager.default.removeItem(at: directory.sealKey)
        let restored = try county.restoreKeys()
        #expect(restored.taken == ["seal.key"] && !restored.goesOn)
        #expect(try Data(contentsOf: directory.sealKey) == key)
        try county.network.salvageAsItLies(Network.county)
        try county.network.reopen(Network.county)
        #expect(try county.network[Network.county].replica.read { try $0.serviceCases(limit: 10).count } == 2)
    }

    /// The backup of another machine that was given the same name.
    @Test func keysThatDoNotFitTheDatabaseAreRefused() throws {
        let county = try County()
        let (key, manifest) = (county.backup.file("seal.key"), county.backup.file("manifest.json"))
        let other = Data(SealKey.generate().pem.utf8)
        let text = try String(contentsOf: manifest, encoding: .utf8).replacing(
            Digest32(hashing: try Data(contentsOf: key)).description, with: Digest32(hashing: other).description)
        try other.write(to: key)
        try Data(text.utf8).write(to: manifest)
        let backup = try Backup(at: county.backup.folder)
        let directory = county.directory
        // It is not needed.
        #expect(try backup.restoreKeys(into: directory, now: county.network.now).taken.isEmpty)
        for file in [directory.nodeKey, directory.sealKey] { try FileManager.default.removeItem(at: file) }
        let before = try directory.content()
        #expect(throws: RestoreError.otherKey(directory.url.path, file: "seal.key")) {
            try backup.restoreKeys(into: directory, now: county.network.now)
        }
        #expect(try directory.content() == before)
    }

    @Test func aBackupThatWasChangedIsRefused() throws {
        let county = try County()
        try FileManager.default.removeItem(at: county.directory.nodeKey)
        try Data("rubbish".utf8).write(to: county.backup.file("node.key"))
        let before = try county.directory.content()
        #expect(throws: BackupError.damaged("node.key")) { try county.restoreKeys() }
        #expect(try county.directory.content() == before)
    }
}
