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

/// An override of an item, with the record in which it is held.
private struct HeldOverride {
    let record: Int64
    let line: OverrideLine
    /// Who began it; nil while that one's opening is not known.
    let author: Author?

    /// By unit, each unit's own in the order of its journals.
    func stands(before other: HeldOverride) -> Bool {
        if let author, let next = other.author, author != next { return author < next }
        return line.id < other.line.id
    }
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
        let lines = try heldOverrides(of: record.row).map(\.line)
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
        return try heldOverrides(of: row).map { held in
            CatalogOverrideRow(
                id: held.line.id, record: held.record, unit: held.line.owner, override: held.line.current,
                retirement: held.line.retirement,
                counts: owner.map { topology.isAboveOrSelf($0, held.line.owner) } ?? false)
        }
    }

    /// In order. They name the item by its number, so that they are those of each item to which a fork gave it.
    private func heldOverrides(of item: Int64) throws -> [HeldOverride] {
        let rows = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT catalog_override.record FROM record AS one
                    JOIN record AS named USING (author, feed, sequence)
                    JOIN catalog_override ON catalog_override.item = named.id WHERE one.id = ? ORDER BY 1
                    """), arguments: [item])
        return try rows.compactMap { row in
            guard let line = try listedCatalog(row)?.override else { return nil }
            return HeldOverride(record: row, line: line, author: try knownAuthor(line.id.author)?.author)
        }.sorted { $0.stands(before: $1) }
    }
}
