import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Of the backups of every night the newest stay, and nothing else that lies beside them goes.
@Suite struct BackupsKeptTests {
    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func nights(_ count: Int, of name: String, _ network: SimulatedNetwork, in folder: URL) throws -> [Backup] {
        try (0..<count).map { _ in
            network.pass(seconds: 86_400)
            return try network.backUp(name, to: folder)
        }
    }

    @Test func theOldestGo() throws {
        let network = try Network([Network.city, Network.county])
        let folder = network.folder.appending(path: "shelf")
        let made = try nights(4, of: Network.city, network, in: folder)
        let shelf = BackupShelf(folder, of: network[Network.city])
        #expect(try shelf.unnamed().map(\.folder.lastPathComponent) == made.map(\.folder.lastPathComponent))
        #expect(try shelf.thin(to: 2, sparing: made[3]) == 2)
        #expect(try names(folder) == made[2...].map(\.folder.lastPathComponent))
        #expect(try shelf.thin(to: 2, sparing: made[3]) == 0)
        for one in made[2...] { try Backup(at: one.folder).check() }
    }

    @Test func othersStay() throws {
        let network = try Network([Network.city, Network.county])
        let folder = network.folder.appending(path: "shelf")
        // A name that somebody gave, be it one like those that nobody gave.
        let named = try network.backUp(Network.city, to: folder, as: "before the upgrade")
        let alike = try network.backUp(Network.city, to: folder, as: "3799-1-2026-01-01-000000")
        let county = try network.backUp(Network.county, to: folder)
        network.pass(seconds: 60)
        let damaged = try network.backUp(Network.city, to: folder)
        try Data().write(to: damaged.file(Backup.manifest))
        let other = try Network(seed: 99, [Network.city])
        other.pass(seconds: 30 * 86_400)
        let stranger = try other.backUp(Network.city, to: folder)
        try Data("list".utf8).write(to: folder.appending(path: "notes.txt"))
        let made = try nights(3, of: Network.city, network, in: folder)
        #expect(try BackupShelf(folder, of: network[Network.city]).thin(to: 2, sparing: made[2]) == 1)
        let staying = [named, alike, county, damaged, stranger, made[1], made[2]].map(\.folder.lastPathComponent)
        #expect(try names(folder) == (staying + ["notes.txt"]).sorted())
    }

    /// A clock that was ahead, or has gone back to 2000.
    @Test func theOneOfTodayStaysWhateverItsTime() throws {
        let network = try Network([Network.city])
        let folder = network.folder.appending(path: "shelf")
        let made = try nights(3, of: Network.city, network, in: folder)
        network.skew[Network.city] = -800_000_000
        let today = try network.backUp(Network.city, to: folder)
        #expect(try BackupShelf(folder, of: network[Network.city]).thin(to: 2, sparing: today) == 2)
        #expect(try names(folder) == [today, made[2]].map(\.folder.lastPathComponent).sorted())
    }

    @Test func twoStayWhereThereIsNoRoom() throws {
        let network = try Network([Network.city])
        let folder = network.folder.appending(path: "shelf")
        let made = try nights(3, of: Network.city, network, in: folder)
        let shelf = BackupShelf(folder, of: network[Network.city])
        // What would not be enough is left alone.
        #expect(try !shelf.makeRoom(for: .max))
        #expect(try names(folder).count == 3)
        #expect(try shelf.makeRoom(for: 1))
        #expect(try names(folder) == made[1...].map(\.folder.lastPathComponent))
        #expect(try !shelf.makeRoom(for: 1))
    }

    /// One was cut off half removed.
    @Test func whatIsLeavingIsInNobodysWay() throws {
        let network = try Network([Network.city])
        let folder = network.folder.appending(path: "shelf")
        let made = try nights(3, of: Network.city, network, in: folder)
        let half = folder.appending(path: ".3799-1.leaving")
        try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: half.appending(path: "replica.sqlite"))
        #expect(try BackupShelf(folder, of: network[Network.city]).thin(to: 2, sparing: made[2]) == 1)
        #expect(try names(folder) == made[1...].map(\.folder.lastPathComponent))
    }

    /// The folder in which a disk would be mounted is there without it, too.
    @Test func withoutTheOtherDiskNothingIsMade() throws {
        let network = try Network([Network.city])
        let node = network[Network.city]
        let folder = network.folder.appending(path: "shelf")
        let plan = try BackupPlan(folder: folder)
        #expect(throws: BackupError.noFolder(folder.path)) { try node.backUp(by: plan, now: network.now) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(throws: BackupError.dataDisk(folder.path)) { try node.backUp(by: plan, now: network.now) }
        #expect(try names(folder) == [])
        #expect(try node.owesBackup(now: network.now))
        #expect(throws: NodeError.self) { try BackupPlan(folder: folder, kept: 1) }
    }

    @Test(.enabled(if: OtherDisk.folder != nil, "this machine has one disk")) func oneIsMadeEachNight() throws {
        let network = try Network([Network.city])
        let node = network[Network.city]
        let folder = try #require(OtherDisk.folder).appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = try BackupPlan(folder: folder, kept: 2)
        for night in 0..<3 {
            #expect(try node.owesBackup(now: network.now))
            let made = try node.backUp(by: plan, now: network.now)
            #expect(try !node.owesBackup(now: network.now))
            #expect(try node.thinBackups(by: plan, sparing: made) == (night == 2 ? 1 : 0))
            network.pass(seconds: 90_000)
        }
        #expect(try names(folder).count == 2)
    }

    /// A server that is stopped does not wait for a large one. A copy of few pages is made in one step.
    @Test(arguments: [1, 2]) func oneThatIsBrokenOffLeavesNothing(stage: Int) throws {
        struct Stopped: Error {}
        let network = try Network([Network.city])
        let folder = network.folder.appending(path: "shelf")
        let node = network[Network.city]
        #expect(throws: Stopped.self) {
            try node.backUp(to: folder, now: network.now) { step in
                let at =
                    switch step {
                    case .copying: 0
                    case .reading: 1
                    case .checking: 2
                    }
                if at == stage { throw Stopped() }
            }
        }
        #expect(try names(folder) == [])
        try node.backUp(to: folder, now: network.now).check()
    }
}
