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

/// Copies a table row by row: from its beginning and from its end as far as it can be read, and what lies between two
/// stretches that cannot be.
struct TableSalvage {
    private let old: Database
    private let new: Database
    /// Columns of the key.
    private let key: [String]
    private let places: SalvagePlaces
    private let read: String
    private let insert: String
    private let find: Statement
    private var reading: [String: Statement] = [:]
    private(set) var result: SalvagedTable

    private enum Direction {
        case up, down

        func isBefore(_ one: SalvageKey, _ other: SalvageKey) -> Bool { self == .up ? one < other : other < one }
    }

    /// Rows that were read one after another.
    private struct Stretch {
        /// So many that were not there already.
        var rows = 0
        /// Its end was the end of the table, or the edge of another.
        var isWhole = false
        /// The last key that fits between those beside it: one alone may be what the disk has made of another.
        var edge: SalvageKey?
        private var last: SalvageKey?

        mutating func add(_ key: SalvageKey, _ direction: Direction) {
            if let last, direction.isBefore(last, key) {
                edge = last
            } else if let edge, !direction.isBefore(edge, key) {
                return
            }
            last = key
        }
    }

    /// nil for a table that the old file does not have.
    /// - Throws: `DatabaseError`.
    init?(_ name: String, from old: Database, to new: Database) throws {
        self.old = old
        self.new = new
        result = SalvagedTable(name: name)
        let held = Set((try? Schema.columns(of: name, old)) ?? [])
        let shared = try Schema.columns(of: name, new).filter(held.contains)
        let key = try Schema.key(of: name, new)
        guard !key.isEmpty, held.isSuperset(of: key) else { return nil }
        let types = Dictionary(
            try new.columns(in: name).map { ($0.name, $0.type) }, uniquingKeysWith: { one, _ in one })
        places = SalvagePlaces(key.compactMap { types[$0] })
        self.key = key.map { "\"\($0)\"" }
        let columns = shared.map { "\"\($0)\"" }.joined(separator: ", ")
        read = "SELECT \(self.key.joined(separator: ", ")), \(columns) FROM \"\(name)\""
        let marks = shared.map { _ in "?" }.joined(separator: ", ")
        insert = "INSERT INTO \"\(name)\" (\(columns)) VALUES (\(marks))"
        let isKey = self.key.map { "\($0) = ?" }.joined(separator: " AND ")
        find = try new.makeStatement(sql: "SELECT \(columns) FROM \"\(name)\" WHERE \(isKey)")
    }

    /// - Throws: what the new file throws.
    mutating func run() throws {
        let first = try copy(.up, from: nil, to: nil)
        guard !first.isWhole else { return }
        result.gaps += 1
        // Behind what cannot be read lies the newest.
        let last = try copy(.down, from: nil, to: first.edge)
        guard !last.isWhole else { return }
        try copyBetween(first.edge, last.edge)
    }

    /// Looks for what can be read behind one key and before another: in both directions from wherever something is.
    private mutating func copyBetween(_ low: SalvageKey?, _ high: SalvageKey?) throws {
        var low = low, isDone = false
        while !isDone {
            isDone = true
            for place in places.behind(low, before: high) {
                guard low.map({ $0 < place }) ?? true, high.map({ place < $0 }) ?? true else { continue }
                let above = try copy(.up, from: place, to: high)
                guard above.rows > 0 else { continue }
                _ = try copy(.down, from: place, to: low)
                guard !above.isWhole else { return }
                result.gaps += 1
                // What lies near its end is looked at closely again.
                guard let edge = above.edge, low.map({ $0 < edge }) ?? true else { continue }
                low = edge
                isDone = false
                break
            }
        }
    }

    /// - Parameters:
    ///   - start: nil for the end of the table where it begins in that direction; read upward, inclusive.
    ///   - edge: of another stretch that lies in that direction.
    private mutating func copy(
        _ direction: Direction, from start: SalvageKey?, to edge: SalvageKey?
    ) throws -> Stretch {
        var out = Stretch()
        guard let rows = try? cursor(direction, start) else { return out }
        while true {
            let row: Row?
            do { row = try rows.next() } catch is DatabaseError { return out }
            guard let row else {
                out.isWhole = true
                return out
            }
            let values = Array(row.databaseValues)
            let key = SalvageKey(values: Array(values[..<self.key.count]))
            let isNew = try keep(Array(values[self.key.count...]), key)
            guard let isNew else { continue }
            if isNew {
                out.rows += 1
            } else if let edge, !direction.isBefore(key, edge) {
                out.isWhole = true
                return out
            }
            out.add(key, direction)
        }
    }

    private mutating func cursor(_ direction: Direction, _ start: SalvageKey?) throws -> RowCursor {
        let columns = key.prefix(places.width).joined(separator: ", ")
        let condition = start == nil ? "" : "WHERE (\(columns)) \(direction == .up ? ">=" : "<") \(places.marks)"
        let order = key.map { direction == .up ? $0 : "\($0) DESC" }.joined(separator: ", ")
        let sql = "\(read) \(condition) ORDER BY \(order)"
        // Its last cursor, which is gone, has reset it also where it had failed: to prepare one takes far longer.
        let statement = try reading[sql] ?? old.makeStatement(sql: sql)
        reading[sql] = statement
        return try Row.fetchCursor(statement, arguments: StatementArguments(start?.values ?? []))
    }

    /// - Returns: whether it was not there already; nil where no rule of the table lets it be.
    private mutating func keep(_ values: [DatabaseValue], _ key: SalvageKey) throws -> Bool? {
        do {
            // One that has failed must not be used again, and is none of the cached ones any more.
            try new.cachedStatement(sql: insert).execute(arguments: StatementArguments(values))
            result.rows += 1
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            let there = try Row.fetchOne(find, arguments: StatementArguments(key.values))
            if there.map({ Array($0.databaseValues) == values }) == true { return false }
            result.refused += 1
            return nil
        }
    }
}
