import CZlib
import Foundation
import GRDBSQLite

/// What the measured is held against: SQLite and zlib with nothing around them, used from C's own interface.
enum PlainFloor {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Inserts rows into a fresh file.
    /// - Parameters:
    ///   - groups: a transaction each, of the rows of one case or of many.
    /// - Returns: the seconds that the transactions took, and the size of the closed file in bytes.
    static func insert(_ groups: [[PlainRow]], in folder: URL) throws -> (seconds: Double, bytes: Int) {
        let path = folder.appending(path: "plain-\(UUID().uuidString).sqlite").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        var db: OpaquePointer?
        guard sqlite3_open(path, &db) == SQLITE_OK, let db else { throw Failure(description: "cannot open \(path)") }
        func run(_ sql: String) throws {
            guard sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK else {
                throw Failure(description: String(cString: sqlite3_errmsg(db)))
            }
        }
        try run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \(PlainRow.tables)")
        var statements: [String: OpaquePointer] = [:]
        defer { for statement in statements.values { sqlite3_finalize(statement) } }
        for row in groups.joined() where statements[row.table] == nil {
            let marks = row.columns.map { _ in "?" }.joined(separator: ", ")
            let names = row.columns.map(\.0).joined(separator: ", ")
            var statement: OpaquePointer?
            guard
                sqlite3_prepare_v2(
                    db, "INSERT INTO \(row.table) (\(names)) VALUES (\(marks))", -1, &statement, nil) == SQLITE_OK
            else { throw Failure(description: String(cString: sqlite3_errmsg(db))) }
            statements[row.table] = statement
        }
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let seconds = try measured {
            for group in groups {
                try run("BEGIN IMMEDIATE")
                for row in group {
                    let statement = statements[row.table]
                    for (index, column) in row.columns.enumerated() {
                        switch column.1 {
                        case .text(let text): sqlite3_bind_text(statement, Int32(index + 1), text, -1, copied)
                        case .number(let number): sqlite3_bind_int64(statement, Int32(index + 1), number)
                        }
                    }
                    guard sqlite3_step(statement) == SQLITE_DONE else {
                        throw Failure(description: String(cString: sqlite3_errmsg(db)))
                    }
                    sqlite3_reset(statement)
                }
                try run("COMMIT")
            }
        }
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
        try run("PRAGMA wal_checkpoint(TRUNCATE)")
        sqlite3_close(db)
        return (seconds, try size(ofFile: path))
    }

    /// Bytes of zlib's level 6 over the rows as JSON lines.
    static func deflated(_ rows: [PlainRow]) throws -> Int {
        let text = [UInt8](try rows.map { try $0.line }.reduce(Data(), +))
        var length = compressBound(uLong(text.count))
        var out = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&out, &length, text, uLong(text.count), 6) == Z_OK else {
            throw Failure(description: "zlib refuses")
        }
        return Int(length)
    }

    static func size(ofFile path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    static func measured(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let took = try clock.measure(body)
        return Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
    }
}
