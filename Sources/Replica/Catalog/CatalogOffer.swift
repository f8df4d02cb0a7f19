import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A published item as one unit offers it.
package struct CatalogOffer: Sendable {
    package let line: CatalogLine
    package let record: Int64
    /// The unit that offers it: the owner, or one below it.
    package let unit: UnitCode
    /// Overrides that hold there on the day, the highest unit's first.
    package let overrides: [(unit: UnitCode, override: CatalogOverride)]

    package var id: CatalogItemID { line.id }
    package var owner: UnitCode { line.owner }

    /// The current version with the overrides applied.
    package var item: CatalogItem { line.current.applying(overrides.map(\.override)) }
}

/// An override as the tables have it, whether it counts or not.
package struct CatalogOverrideRow: Hashable, Sendable {
    package let id: CatalogItemID
    package let record: Int64
    package let unit: UnitCode
    package let override: CatalogOverride
    package let retirement: CatalogRetirement?
    /// Whether its unit is the item's owner or stands below it in today's topology.
    package let counts: Bool
}

extension Transaction {
    /// The item as a unit offers it on a day; nil where the record is no item, or the unit does not stand below its
    /// owner in today's topology.
    package func offer(of id: CatalogItemID, at unit: UnitCode, on day: Int32) throws -> CatalogOffer? {
        try catalogRecord(id).flatMap { try offer(of: $0, at: unit, on: day) }
    }

    /// As by its name.
    package func offer(of record: CatalogRecord, at unit: UnitCode, on day: Int32) throws -> CatalogOffer? {
        guard let line = record.item else { return nil }
        let chain = [unit] + charter.current.topology.above(unit)
        guard let top = chain.firstIndex(of: line.owner) else { return nil }
        let lines = try overrideLines(of: record.row).map(\.line)
        let holding = chain[...top].reversed().flatMap { unit in
            lines.filter { $0.owner == unit && $0.holds(on: day) }.map { (unit: unit, override: $0.current) }
        }
        return CatalogOffer(line: line, record: record.row, unit: unit, overrides: holding)
    }

    /// Every override that is held of an item, by unit.
    package func overrides(of id: CatalogItemID) throws -> [CatalogOverrideRow] {
        guard let row = try row(of: id) else { return [] }
        let owner = try catalogRecord(row)?.item?.owner
        let topology = charter.current.topology
        return try overrideLines(of: row).map { record, line in
            CatalogOverrideRow(
                id: line.id, record: record, unit: line.owner, override: line.current, retirement: line.retirement,
                counts: owner.map { topology.isAboveOrSelf($0, line.owner) } ?? false)
        }
    }

    /// By unit, each unit's own in the order of its journals. They name the item by its number, so that they are those
    /// of each item to which a fork gave it.
    private func overrideLines(of item: Int64) throws -> [(record: Int64, line: OverrideLine)] {
        let rows = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT catalog_override.record FROM record AS one
                    JOIN record AS named USING (author, feed, sequence)
                    JOIN catalog_override ON catalog_override.item = named.id WHERE one.id = ? ORDER BY 1
                    """), arguments: [item])
        return try rows.compactMap { row in
            guard let line = try catalogRecord(row)?.override else { return nil }
            return (record: row, line: line, author: try knownAuthor(line.id.author)?.author)
        }.sorted { (one: (record: Int64, line: OverrideLine, author: Author?), two) in
            if let a = one.author, let b = two.author, a != b { return a < b }
            return one.line.id < two.line.id
        }.map { ($0.record, $0.line) }
    }
}
