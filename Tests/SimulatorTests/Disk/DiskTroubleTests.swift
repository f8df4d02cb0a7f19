import Foundation
import GRDB
import Simulator
import Testing

/// A disk that is full, read-only, old, copied or bad; and that it is a disk like any other as long as it is not.
@Suite struct DiskTroubleTests {
    @Test func aFullDiskTakesATransactionOrNothing() throws {
        let whole = try DiskScene()
        let first = try whole.pool()
        try Book.make(first)
        let before = try whole.disk.image()
        #expect(Book.write(first) == Book.entries)
        var refused = 0
        for room in stride(from: Int64(0), to: 300_000, by: 3_001) {
            let scene = try DiskScene()
            try scene.disk.put(before)
            let pool = try scene.pool()
            scene.disk.room = room
            let confirmed = Book.write(pool)
            if confirmed < Book.entries {
                refused += 1
                #expect { try Book.add(confirmed, to: pool) } throws: {
                    ($0 as? DatabaseError)?.resultCode == .SQLITE_FULL
                }
            }
            #expect(try Book.faults(pool, wanted: confirmed...confirmed) == [])
            scene.disk.room = nil
            #expect(Book.write(pool, from: confirmed) == Book.entries)
            #expect(try Book.faults(pool, wanted: Book.entries...Book.entries) == [])
        }
        #expect(refused > 10)
    }

    @Test func aReadOnlyDiskIsRead() throws {
        let scene = try DiskScene()
        let pool = try scene.pool()
        try Book.make(pool)
        try Book.add(0, to: pool)
        scene.disk.isReadOnly = true
        #expect(throws: DatabaseError.self) { try Book.add(1, to: pool) }
        #expect(try Book.faults(pool, wanted: 1...1) == [])
        scene.disk.isReadOnly = false
        try Book.add(1, to: pool)
        #expect(try Book.faults(pool, wanted: 2...2) == [])
    }

    @Test func anOlderDayComesBackAndACopyLivesItsOwnLife() throws {
        let scene = try DiskScene(), other = try DiskScene()
        let pool = try scene.pool()
        try Book.make(pool)
        try Book.add(0, to: pool)
        let day = try scene.disk.image()
        try Book.add(1, to: pool)
        try other.disk.put(try scene.disk.image())
        try scene.disk.put(day)
        let rolledBack = try scene.pool()
        #expect(try Book.faults(rolledBack, wanted: 1...1) == [])
        try Book.add(1, to: rolledBack)
        try Book.add(2, to: rolledBack)
        #expect(try Book.faults(try other.pool(), wanted: 2...2) == [])
        #expect(try Book.faults(rolledBack, wanted: 3...3) == [])
    }

    @Test func aByteGoesBad() throws {
        let scene = try DiskScene()
        let pool = try scene.pool()
        try Book.make(pool)
        try Book.add(0, to: pool)
        try pool.close()
        let size = try #require(try scene.disk.image().files["book.sqlite"]?.count)
        // The texts fill their pages to the last byte.
        try scene.disk.rot("book.sqlite", at: size - 1, flips: 1)
        let texts = try scene.pool().read { try String.fetchAll($0, sql: "SELECT text FROM entry") }
        #expect(texts.contains { $0.hasSuffix("1") } || Set(texts.map(\.count)).count > 1 || texts.count != Book.pages)
    }

    /// Many readers and writers at once, on two pools, as two processes would have it.
    @Test func connectionsKeepOutOfEachOthersWay() async throws {
        let scene = try DiskScene()
        var configuration = Configuration()
        configuration.busyMode = .timeout(60)
        configuration.maximumReaderCount = 3
        let path = scene.path
        let pools = try (0..<2).map { _ in try DatabasePool(path: path, configuration: configuration) }
        try await pools[0].write { try $0.execute(sql: "CREATE TABLE sum (one INTEGER, two INTEGER)") }
        try await pools[0].write { try $0.execute(sql: "INSERT INTO sum VALUES (0, 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                let pool = pools[lane % 2]
                group.addTask {
                    for _ in 0..<40 {
                        try await pool.write { db in
                            try db.execute(sql: "UPDATE sum SET one = one + 1")
                            try db.execute(sql: "UPDATE sum SET two = two + 1")
                        }
                        let isWhole = try await pool.read { try Bool.fetchOne($0, sql: "SELECT one = two FROM sum") }
                        #expect(isWhole == true)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pools[1].read { try Int.fetchOne($0, sql: "SELECT one FROM sum") } == 320)
    }
}
