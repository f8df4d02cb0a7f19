import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Most terms that may each bring in items of their own where none has them all.
    private static let looseTerms = 16

    /// Items that have all that was typed; where there is none, those that have most of it, as when someone types a
    /// sentence. A name, alias or code that is just what was typed comes first, then names that begin with it, names
    /// that contain it, and the rest, shorter names first.
    func catalogItems(
        matching query: SearchQuery, narrowing: CatalogNarrowing, limit: Int
    ) throws -> [CatalogItemRow] {
        guard !query.isEmpty else { return [] }
        var strict = narrowing
        strict.add("record IN (SELECT rowid FROM catalog_search WHERE catalog_search MATCH ?)", [query.expression])
        let found = try ranked(strict, query: query, limit: limit)
        guard found.isEmpty, query.terms.count > 1 else { return found }
        return try loosely(query, narrowing: narrowing, limit: limit)
    }

    private func ranked(_ narrowing: CatalogNarrowing, query: SearchQuery, limit: Int) throws -> [CatalogItemRow] {
        var arguments = narrowing.arguments
        arguments += StatementArguments([
            query.typed, query.typed, JSONText.array([query.typed]), query.typed, query.typed,
        ])
        return try CatalogItemRow.fetch(
            db, where: narrowing.condition,
            order: """
                CASE WHEN name = ? OR code = ? THEN 0
                    WHEN instr(aliases, trim(?, '[]')) THEN 1
                    WHEN instr(name, ?) = 1 THEN 2
                    WHEN instr(name, ?) > 1 THEN 3
                    ELSE 4 END,
                length(name), name, code, owner, record
                """, arguments, limit: limit)
    }

    /// Items that have at least a quarter of the terms, those with most first.
    private func loosely(_ query: SearchQuery, narrowing: CatalogNarrowing, limit: Int) throws -> [CatalogItemRow] {
        let terms = query.terms.prefix(Self.looseTerms)
        let each = terms.map { _ in "SELECT rowid AS hit FROM catalog_search WHERE catalog_search MATCH ?" }
        var loose = narrowing
        loose.add(
            """
            record IN (SELECT hit FROM (\(each.joined(separator: " UNION ALL ")))
                GROUP BY hit HAVING count(*) >= ?)
            """, terms.map(\.expression) + [(terms.count + 3) / 4])
        var arguments = loose.arguments
        arguments += StatementArguments(terms.map(\.expression))
        return try CatalogItemRow.fetch(
            db, where: loose.condition,
            order: """
                (SELECT count(*) FROM (\(each.joined(separator: " UNION ALL "))) WHERE hit = record) DESC,
                length(name), name, code, owner, record
                """, arguments, limit: limit)
    }
}
