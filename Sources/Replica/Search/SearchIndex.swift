import GRDB
import ServiceModel

/// A full-text index over the terms of `SearchText`. It keeps no text: what stands in it is known from the derived
/// row, and taken out by the same terms.
enum SearchIndex: String, CaseIterable {
    case cases = "case_search"
    case catalog = "catalog_search"

    /// Puts new terms in the place of those that a record has; empty stands for not being there.
    func replace(_ before: [String], by after: [String], of record: Int64, in db: Database) throws {
        // By bytes: what Unicode holds equal is cut into other terms.
        guard !before.elementsEqual(after, by: { $0.utf8.elementsEqual($1.utf8) }) else { return }
        if !before.isEmpty {
            try db.cachedStatement(sql: "INSERT INTO \(rawValue) (\(rawValue), rowid, terms) VALUES ('delete', ?, ?)")
                .execute(arguments: [record, before.joined(separator: " ")])
        }
        if !after.isEmpty {
            try db.cachedStatement(sql: "INSERT INTO \(rawValue) (rowid, terms) VALUES (?, ?)")
                .execute(arguments: [record, after.joined(separator: " ")])
        }
    }

    func removeAll(_ db: Database) throws {
        try db.execute(sql: "INSERT INTO \(rawValue) (\(rawValue)) VALUES ('delete-all')")
    }
}
