import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Synchronization
import Testing

@testable import SyncNode

/// A backup is whole, is what was there, and is read back before anybody hears of it.
@Suite struct BackupTests {
    private func contents(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func itHoldsWhatAMachineNeedsAndSaysWhatItHolds() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        try network.accept(at: Network.county, number: 2)
        let node = network[Network.county]
        let backup = try network.backUp(Network.county, as: "one")
        let names = ["certificates.pem", "manifest.json", "node.key", "replica.sqlite", "seal.key"]
        #expect(try contents(backup.folder) == names)
        #expect(try contents(backup.folder.deletingLastPathComponent()) == ["one"])
        let manifest = try Backup(at: backup.folder).manifest
        #expect(manifest == backup.manifest)
        #expect(manifest.unit == Network.county && manifest.node == 1)
        // The second case was not sealed before.
        #expect(manifest.heads == [0, 2, 0] && manifest.unsealed == 0)
        #expect(manifest.ceiling == Anchor.block)
        #expect(manifest.rows["service_case"] == 2)
        let head = try node.replica.read { try $0.journalHead() }
        #expect(manifest.position == head.position && manifest.rolling == String(head.rolling, radix: 16))
        try backup.check()
        for name in names {
            let mode = try FileManager.default.attributesOfItem(atPath: backup.file(name).path)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: backup.folder.path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        // The node remembers it, and its anchor knows of what was sealed for it.
        let remembered = try node.replica.read { try $0.backups() }
        #expect(remembered.map(\.place) == [backup.folder.path])
        #expect(try Anchor(network.directory(Network.county)).read()?.heads == [0, 2, 0])
        // Nothing goes on in the copy, whatever command is pointed at it.
        #expect(throws: NodeError.isBackup(backup.folder.path)) {
            _ = try Node(NodeDirectory(backup.folder), now: network.now, entropy: { Data(count: $0) })
        }
        try backup.check()
        // The original goes on under its author.
        try network.restart(Network.county)
        #expect(try network[Network.county].replica.read { try $0.copied() } == nil)
        let author = try network[Network.county].replica.read { try network[Network.county].author($0) }
        #expect(author.description == manifest.author)
    }

    @Test func itIsOfOneMomentThoughOthersGoOnWriting() throws {
        let network = try Network([Network.city])
        let node = network[Network.city]
        for number in 0..<300 { try network.accept(at: Network.city, number: number) }
        let isOver = Mutex(false)
        let done = DispatchSemaphore(value: 0)
        let writer = try network.another(Network.city)
        let acceptance = Acceptance(
            promise: Promise(
                item: "370105001", itemName: "临时救助金给付", version: 1, department: "民政局", itemKind: "05",
                statutory: nil, promised: nil, instant: false),
            route: [node.name.unit], fields: [CaseField.applicantName: "王"], day: 20_717, actor: "c01")
        let now = network.now
        let written = Mutex(0)
        Thread.detachNewThread {
            while !isOver.withLock({ $0 }) {
                let start = ContinuousClock.now
                if (try? writer.accept(acceptance, now: now)) != nil { written.withLock { $0 += 1 } }
                // SQLite lets nobody wait in line: on a slow disk one that never pauses keeps all others out.
                Thread.sleep(forTimeInterval: (ContinuousClock.now - start) / .seconds(1))
            }
            done.signal()
        }
        let backups = Result { try (0..<4).map { try network.backUp(Network.city, as: "\($0)") } }
        isOver.withLock { $0 = true }
        done.wait()
        #expect(written.withLock { $0 } > 0)
        for backup in try backups.get() {
            let manifest = backup.manifest
            let content = try Replica.check(copy: backup.file("replica.sqlite").path)
            #expect(content.rows == manifest.rows && content.head.position == manifest.position)
            // Every case is one change set, and all of them are sealed.
            #expect(UInt64(manifest.rows["service_case"] ?? 0) == manifest.heads[1])
            #expect(manifest.unsealed == 0)
        }
    }

    @Test func whatIsThereIsNotTouched() throws {
        let network = try Network([Network.city])
        let backup = try network.backUp(Network.city, as: "one")
        let before = try Data(contentsOf: backup.file("manifest.json"))
        #expect(throws: BackupError.exists(backup.folder.path)) { try network.backUp(Network.city, as: "one") }
        #expect(try Data(contentsOf: backup.file("manifest.json")) == before)
        for name in ["", " ", "a/b", ".hidden", String(repeating: "x", count: 101)] {
            #expect(throws: NodeError.self, "\(name)") { try network.backUp(Network.city, as: name) }
        }
        let inside = network.directory(Network.city).url.appending(path: "backups")
        #expect(throws: BackupError.insideData(inside.path)) { try network.backUp(Network.city, to: inside) }
        // Also through a link, to a folder that is not made yet.
        let link = network.directory(Network.city).url.appendingPathExtension("link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: network.directory(Network.city).url)
        for path in ["below", "below/deeper", "not/../below"] {
            let inside = link.appending(path: path)
            #expect(throws: BackupError.insideData(inside.path)) { try network.backUp(Network.city, to: inside) }
        }
        // Two in one second would have one name; nothing is left of the second.
        let first = try network.backUp(Network.city)
        #expect(throws: BackupError.self) { try network.backUp(Network.city) }
        #expect(try contents(first.folder.deletingLastPathComponent()).count == 2)
    }

    @Test func anAttemptThatWasCutOffIsInNobodysWay() throws {
        let network = try Network([Network.city])
        let target = network.folder.appending(path: "backups")
        let left = target.appending(path: ".3799-1.partial")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: left.appending(path: "replica.sqlite"))
        let backup = try network.backUp(Network.city, as: "one")
        try backup.check()
        #expect(try contents(target) == ["one"])
    }

    /// What a disk may do to a copy that SQLite alone would not notice.
    @Test(arguments: [
        "UPDATE run SET signature = zeroblob(64) WHERE id = (SELECT max(id) FROM run)",
        "UPDATE run SET digest = zeroblob(32) WHERE id = (SELECT max(id) FROM run)",
        "UPDATE run SET seed = zeroblob(16) WHERE id = (SELECT max(id) FROM run)",
        "UPDATE run SET packed = substr(packed, 1, length(packed) - 9) WHERE id = (SELECT max(id) FROM run)",
        "DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)",
        "UPDATE run SET previous = zeroblob(32) WHERE id = (SELECT max(id) FROM run)",
    ])
    func aCopyThatSaysSomethingElseIsNoticed(change: String) throws {
        let network = try Network([Network.city])
        for number in 0..<3 { try network.accept(at: Network.city, number: number) }
        let backup = try network.backUp(Network.city, as: "one")
        let file = backup.file("replica.sqlite")
        _ = try Replica.check(copy: file.path)
        let queue = try DatabaseQueue(path: file.path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA foreign_keys = OFF; \(change)") }
        try queue.close()
        #expect(throws: ReplicaError.self) { try Replica.check(copy: file.path) }
        #expect(throws: BackupError.damaged("replica.sqlite")) { try backup.check() }
    }

    @Test func aPageThatWasDamagedIsNoticed() throws {
        let network = try Network([Network.city])
        for number in 0..<50 { try network.accept(at: Network.city, number: number) }
        let file = try network.backUp(Network.city, as: "one").file("replica.sqlite")
        var bytes = try Data(contentsOf: file)
        let page = bytes.count / 4096 / 2 * 4096
        bytes.replaceSubrange(page..<(page + 4096), with: Data(repeating: 0x5A, count: 4096))
        try bytes.write(to: file)
        #expect(throws: ReplicaError.self) { try Replica.check(copy: file.path) }
    }

    @Test func whatIsNoBackupIsSaid() throws {
        let network = try Network([Network.city])
        #expect(throws: BackupError.absent(network.folder.path)) { try Backup(at: network.folder) }
        let backup = try network.backUp(Network.city, as: "one")
        let file = backup.file("manifest.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        func read(_ changed: String) throws -> Backup {
            try Data(changed.utf8).write(to: file)
            return try Backup(at: backup.folder)
        }
        #expect(throws: BackupError.format(2)) { try read(text.replacing("\"format\" : 1", with: "\"format\" : 2")) }
        let leadsOutside = text.replacing("seal.key", with: "../seal.key")
        let endless = text.replacing("\"ceiling\" : 0", with: "\"ceiling\" : \(UInt64.max)")
        #expect(endless != text)
        for changed in ["", "{}", endless, leadsOutside, text.replacing("\"unit\"", with: "\"x\"")] {
            #expect(throws: BackupError.damaged("manifest.json")) { try read(changed) }
        }
        try Data(text.utf8).write(to: file)
        try FileManager.default.removeItem(at: backup.file("seal.key"))
        #expect(throws: BackupError.damaged("seal.key")) { try Backup(at: backup.folder).check() }
    }
}
