import Foundation
import GRDB
import Simulator

/// A folder on a simulated disk, gone with the scene.
final class DiskScene {
    let disk: SimulatedDisk
    private let home: URL

    init() throws {
        home = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)")
        disk = try SimulatedDisk(home.appending(path: "machine"))
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    var path: String { disk.folder.appending(path: "book.sqlite").path }

    /// A pool as a replica has it.
    func pool(synchronous: String = "FULL") throws -> DatabasePool {
        let pool = try DatabasePool(path: path)
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = \(synchronous); PRAGMA wal_autocheckpoint = 12")
        }
        return pool
    }
}

/// A book of transactions, each of which writes several pages.
struct Book {
    static let entries = 8
    static let pages = 3

    /// Writes entries until one fails.
    /// - Returns: how many were confirmed.
    static func write(_ pool: DatabasePool, from first: Int = 0) -> Int {
        for number in first..<entries {
            do { try add(number, to: pool) } catch { return number }
        }
        return entries
    }

    static func make(_ pool: DatabasePool) throws {
        try pool.write { db in
            try db.execute(sql: "CREATE TABLE IF NOT EXISTS entry (number INTEGER, page INTEGER, text TEXT)")
        }
    }

    static func add(_ number: Int, to pool: DatabasePool) throws {
        try pool.write { db in
            for page in 0..<pages {
                try db.execute(
                    sql: "INSERT INTO entry VALUES (?, ?, ?)",
                    arguments: [number, page, String(repeating: "\(number % 10)", count: 3000)])
            }
            // What lies there is written over too, so that a torn page is not only at the end.
            try db.execute(
                sql: "UPDATE entry SET text = ? || substr(text, 2) WHERE page = 0", arguments: ["\(number % 10)"])
        }
    }

    /// What is wrong with it: how many entries it holds must be one of these.
    static func faults(_ pool: DatabasePool, wanted: ClosedRange<Int>) throws -> [String] {
        try pool.read { db in
            var out = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            guard try db.tableExists("entry") else { return wanted.contains(0) ? out : out + ["the table is lost"] }
            let counts = try Int.fetchAll(db, sql: "SELECT count(*) FROM entry GROUP BY number ORDER BY number")
            if !wanted.contains(counts.count) { out.append("\(counts.count) entries, not \(wanted)") }
            if counts.contains(where: { $0 != pages }) { out.append("half an entry: \(counts)") }
            let last = counts.count - 1
            let marks = try String.fetchSet(db, sql: "SELECT DISTINCT substr(text, 1, 1) FROM entry WHERE page = 0")
            if last >= 0, marks != ["\(last % 10)"] { out.append("half a transaction: \(marks) after \(last)") }
            return out
        }
    }
}
