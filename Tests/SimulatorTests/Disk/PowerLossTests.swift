import Foundation
import GRDB
import Simulator
import Testing

/// The power goes at every change that SQLite asks for, and leaves this or that of what was not synced.
@Suite struct PowerLossTests {
    static let survivors: [Survivors] =
        [.nothing, .everything] + (1...3).map { .some(SeededGenerator(state: $0)) }

    /// Making the file and every transaction and checkpoint after it.
    private static func faults(synchronous: String) throws -> (faults: [String], moments: Int) {
        let whole = try DiskScene()
        let pool = try whole.pool(synchronous: synchronous)
        try Book.make(pool)
        #expect(Book.write(pool) == Book.entries)
        try pool.close()
        var faults: [String] = []
        for moment in 0..<whole.disk.changes {
            for survivors in survivors {
                let scene = try DiskScene()
                scene.disk.losePower(after: moment, leaving: survivors)
                var confirmed = -1
                do {
                    let pool = try scene.pool(synchronous: synchronous)
                    try Book.make(pool)
                    confirmed = Book.write(pool)
                    try? pool.close()
                } catch {}
                scene.disk.losePower(leaving: survivors)
                try scene.disk.powerOn()
                do {
                    let found = try Self.faults(scene, confirmed: confirmed, synchronous)
                    if !found.isEmpty { faults.append("\(moment), \(survivors): \(found)") }
                } catch { faults.append("\(moment), \(survivors): \(error)") }
            }
        }
        return (faults, whole.disk.changes)
    }

    /// What is wrong after the power came back; and then it goes on.
    private static func faults(_ scene: DiskScene, confirmed: Int, _ synchronous: String) throws -> [String] {
        let pool = try scene.pool(synchronous: synchronous)
        let found = try Book.faults(pool, wanted: max(0, confirmed)...max(0, confirmed + 1))
        guard found.isEmpty else { return found }
        try Book.make(pool)
        let held = try pool.read { try Int.fetchOne($0, sql: "SELECT count(DISTINCT number) FROM entry") } ?? 0
        return Book.write(pool, from: held) == Book.entries ? [] : ["it stands still"]
    }

    @Test func whatWasConfirmedIsThere() throws {
        let (faults, moments) = try Self.faults(synchronous: "FULL")
        #expect(moments > 100)
        for fault in faults { Issue.record(Comment(rawValue: fault)) }
    }

    /// The disk is no better than a real one: what is not synced is seen to be lost, and torn.
    @Test func whatWasNotSyncedIsLost() throws {
        func isLoss(_ fault: String) -> Bool { fault.contains("entries, not") || fault.contains("the table is lost") }
        let lax = try Self.faults(synchronous: "NORMAL").faults
        #expect(!lax.isEmpty)
        for fault in lax where !isLoss(fault) { Issue.record(Comment(rawValue: fault)) }
        #expect(try Self.faults(synchronous: "OFF").faults.contains { !isLoss($0) })
    }

    @Test(arguments: [true, false])
    func aKilledProcessLosesNothingThePowerDoes(withPower: Bool) throws {
        let scene = try DiskScene()
        let pool = try scene.pool(synchronous: "OFF")
        try Book.make(pool)
        for number in 0..<3 { try Book.add(number, to: pool) }
        scene.disk.endProcess()
        #expect(throws: DatabaseError.self) { try Book.add(3, to: pool) }
        // What the dead one does at its end touches nothing.
        try? pool.close()
        if !withPower {
            scene.disk.losePower(leaving: .nothing)
            try scene.disk.powerOn()
        }
        #expect(try Book.faults(try scene.pool(), wanted: 3...3).isEmpty == withPower)
    }

    @Test func plainFilesOfADyingProcessComeTooLate() throws {
        let scene = try DiskScene()
        let anchor = scene.disk.folder.appending(path: "anchor")
        try Data("1".utf8).write(to: anchor)
        scene.disk.losePower(leaving: .nothing)
        try Data("2".utf8).write(to: anchor, options: .atomic)
        try Data("3".utf8).write(to: scene.disk.folder.appending(path: "other"))
        try scene.disk.powerOn()
        #expect(try Data(contentsOf: anchor) == Data("1".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.disk.folder.path) == ["anchor"])
    }
}
