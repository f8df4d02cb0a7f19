import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What a list of items is narrowed by; nil narrows nothing.
package struct CatalogFilter: Hashable, Sendable {
    /// Most items of a list.
    package static let most = 10_000

    package var text: SearchQuery?
    package var department: String?
    package var kind: ItemKind?
    package var owner: UnitCode?
    /// Cases may be accepted under it on this civil day.
    package var offeredOn: Int32?
    /// This unit may accept it: its owner stands above the unit or is it, and names the unit or its tier.
    package var acceptedAt: UnitCode?
    package var limit = CatalogFilter.most

    package init() {}

    /// Everything that one unit has published.
    package static func of(_ owner: UnitCode) -> CatalogFilter {
        var filter = CatalogFilter()
        filter.owner = owner
        return filter
    }
}

extension Transaction {
    /// The items that pass the filter: with a text the best first (`CatalogSearch`), else by code and owner.
    package func catalogItems(_ filter: CatalogFilter = CatalogFilter()) throws -> [CatalogItemRow] {
        let narrowing = narrowing(filter)
        let limit = min(max(filter.limit, 0), CatalogFilter.most)
        if let text = filter.text { return try catalogItems(matching: text, narrowing: narrowing, limit: limit) }
        return try CatalogItemRow.fetch(
            db, where: narrowing.condition, order: "code, owner, record", narrowing.arguments, limit: limit)
    }

    private func narrowing(_ filter: CatalogFilter) -> CatalogNarrowing {
        var narrowing = CatalogNarrowing()
        if let department = filter.department { narrowing.add("department = ?", [department]) }
        if let kind = filter.kind { narrowing.add("kind = ?", [kind.code]) }
        if let owner = filter.owner { narrowing.add("owner = ?", [owner.text]) }
        if let day = filter.offeredOn {
            narrowing.add("coalesce(offered_from <= ?, 1) AND coalesce(offered_until >= ?, 1)", [day, day])
            narrowing.add("coalesce(retired_from > ?, 1)", [day])
        }
        if let unit = filter.acceptedAt {
            let topology = charter.current.topology
            let owners = JSONText.array(([unit] + topology.above(unit)).map(\.text))
            narrowing.add("owner IN (SELECT value FROM json_each(?))", [owners])
            let tier = topology.tier(of: unit).map { (genesis?.tiers ?? []).tierName($0) }
            narrowing.add(
                """
                (EXISTS (SELECT 1 FROM json_each(accepted_by_units) WHERE value = ?)
                    OR EXISTS (SELECT 1 FROM json_each(accepted_by_tiers) WHERE value = ?))
                """, [unit.text, tier])
        }
        return narrowing
    }

    /// The item that a unit means by a code: of several the one whose owner is nearest above the unit, then the highest
    /// below it; one that is not retired on the day before one that is; then the one published first.
    package func catalogItem(code: String, for unit: UnitCode, on day: Int32) throws -> CatalogItemRow? {
        let topology = charter.current.topology
        let chain = [unit] + topology.above(unit)
        return try catalogItems(code: code).min { one, two in
            func rank(_ row: CatalogItemRow) -> (Int, Int) {
                let distance =
                    chain.firstIndex(of: row.owner) ?? chain.count + topology.above(row.owner).count
                return (distance, row.retiredFrom.map { $0 <= day } == true ? 1 : 0)
            }
            let (a, b) = (rank(one), rank(two))
            return a != b ? a < b : try precedes(one, two)
        }
    }

    /// The items of that code, whoever owns them: by owner, then as they were published.
    package func catalogItems(code: String) throws -> [CatalogItemRow] {
        try CatalogItemRow.fetch(db, where: "code = ?", [code]).sorted { one, two in
            one.owner != two.owner ? one.owner < two.owner : try precedes(one, two)
        }
    }

    /// The row of that record.
    package func catalogItem(_ id: CatalogItemID) throws -> CatalogItemRow? {
        guard let row = try row(of: id) else { return nil }
        return try CatalogItemRow.fetch(db, where: "record = ?", [row]).first
    }

    /// What a unit has published itself and not retired, by code: what an import of a file is compared with, and what
    /// a revision goes to. Of several of one code the one published first.
    package func published(by unit: UnitCode) throws -> [String: CatalogRecord] {
        var out: [String: CatalogRecord] = [:]
        for row in try CatalogItemRow.fetch(db, where: "owner = ? AND retired_from IS NULL", [unit.text])
            .sorted(by: precedes)
        where out[row.code] == nil {
            out[row.code] = try listedCatalog(row.record)
        }
        return out
    }

    /// The order in which a unit's journals have them, alike on every node.
    private func precedes(_ one: CatalogItemRow, _ two: CatalogItemRow) throws -> Bool {
        if let a = try knownAuthor(one.id.author)?.author, let b = try knownAuthor(two.id.author)?.author, a != b {
            return a < b
        }
        return one.id < two.id
    }
}

/// Conditions on `catalog_item`, all of which must hold.
struct CatalogNarrowing {
    private(set) var condition = "TRUE"
    private(set) var arguments = StatementArguments()

    mutating func add(_ condition: String, _ values: [(any DatabaseValueConvertible)?]) {
        self.condition += " AND \(condition)"
        arguments += StatementArguments(values)
    }
}
