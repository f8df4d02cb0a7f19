import Foundation
import GRDB
import ServiceModel

/// What could be read of one table of a damaged file.
package struct SalvagedTable: Hashable, Sendable {
    package let name: String
    package internal(set) var rows = 0
    /// Stretches that could not be read, of one row or of many.
    package internal(set) var gaps = 0
    /// Rows that no rule of the table lets be.
    package internal(set) var refused = 0

    package var isWhole: Bool { gaps == 0 && refused == 0 }
}

/// Copies a table row by row, in the order of its key, and goes on behind what cannot be read.
struct TableSalvage {
    private let old: Database
    private let new: Database
    private let key: String
    private let hasNumbers: Bool
    private let read: String
    private let insert: Statement
    private(set) var result: SalvagedTable
    /// Where a table with numbers as its keys ends at the latest: probes double their distance up to here.
    private static let farthest: Int64 = 1 << 40

    /// nil for a table that the old file does not have.
    /// - Throws: `DatabaseError`.
    init?(_ name: String, from old: Database, to new: Database) throws {
        self.old = old
        self.new = new
        result = SalvagedTable(name: name)
        let held = Set((try? Schema.columns(of: name, old)) ?? [])
        let shared = try Schema.columns(of: name, new).filter(held.contains)
        guard !shared.isEmpty else { return nil }
        let columns = shared.map { "\"\($0)\"" }.joined(separator: ", ")
        guard let first = try Schema.key(of: name, new).first else { return nil }
        key = "\"\(first)\""
        hasNumbers = try new.columns(in: name).first { $0.name == first }?.type == "INTEGER"
        read = "SELECT \(key), \(columns) FROM \"\(name)\""
        let marks = shared.map { _ in "?" }.joined(separator: ", ")
        insert = try new.makeStatement(sql: "INSERT INTO \"\(name)\" (\(columns)) VALUES (\(marks))")
    }

    /// - Throws: what the new file throws.
    mutating func run() throws {
        var after: DatabaseValue?
        // Each round gets behind one stretch that cannot be read.
        while try !copy(after: &after) {
            result.gaps += 1
            guard let next = resumption(behind: after) else { return }
            after = next
        }
    }

    /// - Parameter after: the key of the last row that was read.
    /// - Returns: whether the end was reached.
    private mutating func copy(after: inout DatabaseValue?) throws -> Bool {
        guard let rows = try? cursor(after) else { return false }
        while true {
            let row: Row?
            do { row = try rows.next() } catch is DatabaseError { return false }
            guard let row else { return true }
            let values = Array(row.databaseValues)
            try keep(values.dropFirst())
            after = values[0]
        }
    }

    private func cursor(_ after: DatabaseValue?) throws -> RowCursor {
        let condition = after == nil ? "" : "WHERE \(key) > ?"
        return try Row.fetchCursor(
            old, sql: "\(read) \(condition) ORDER BY \(key)", arguments: after.map { [$0] } ?? [])
    }

    private mutating func keep(_ values: ArraySlice<DatabaseValue>) throws {
        do {
            try insert.execute(arguments: StatementArguments(Array(values)))
            result.rows += 1
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            result.refused += 1
        }
    }

    // MARK: - Behind what cannot be read

    /// The least key behind which, as far as probes tell, rows can be read again; nil where there is none.
    private func resumption(behind last: DatabaseValue?) -> DatabaseValue? {
        guard hasNumbers else {
            let bytes: Data
            switch last?.storage {
            case .string(let text): bytes = Data(text.utf8)
            case .blob(let data): bytes = data
            default: bytes = Data()
            }
            let isText = if case .blob = last?.storage { false } else { true }
            return Self.successors(of: bytes).lazy
                .map { isText ? String(decoding: $0, as: UTF8.self).databaseValue : $0.databaseValue }
                .first(where: isReadable)
        }
        let start = last.flatMap { Int64.fromDatabaseValue($0) } ?? 0
        var failed = start
        var step: Int64 = 1
        while step < Self.farthest {
            guard isReadable(behind: (start + step).databaseValue) else {
                failed = start + step
                step *= 2
                continue
            }
            var good = start + step
            while good - failed > 1 {
                let middle = failed + (good - failed) / 2
                if isReadable(behind: middle.databaseValue) { good = middle } else { failed = middle }
            }
            return good.databaseValue
        }
        return nil
    }

    private func isReadable(behind key: DatabaseValue) -> Bool {
        let sql = "\(read) WHERE \(self.key) > ? ORDER BY \(self.key) LIMIT 1"
        return (try? Row.fetchOne(old, sql: sql, arguments: [key])).map { _ in true } ?? false
    }

    /// Keys that lie behind one, the nearest first: each place of it raised by one, from the last.
    private static func successors(of key: Data) -> [Data] {
        let near = key.indices.reversed().compactMap { place -> Data? in
            guard key[place] < 0x7e || key[place] >= 0x80 && key[place] < 0xff else { return nil }
            return key[..<place] + [key[place] + 1]
        }
        let first = key.first.map { Int($0) + 2 } ?? 0
        return near + (first..<256).map { Data([UInt8($0)]) }
    }
}
