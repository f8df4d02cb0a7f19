import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A published item as the tables show it, in its current version.
package struct CatalogItemRow: Hashable, Sendable {
    package let record: Int64
    package let id: CatalogItemID
    package let code: String
    package let version: UInt32
    package let owner: UnitCode
    package let name: String
    package let aliases: [String]
    package let tags: [String]
    package let lifeEvents: [String]
    package let kind: ItemKind
    package let list: String
    package let department: String
    /// Names of the tiers all of whose units accept it.
    package let acceptedByTiers: [String]
    package let acceptedByUnits: [String]
    /// One of the two, or neither where an authority above the network decides.
    package let decidedByTier: String?
    package let decidedByUnit: String?
    /// As `TimeLimit.text` writes it.
    package let promised: String?
    package let statutory: String?
    package let instant: Bool
    /// Civil days since 1970: the first and the last of its validity, and the first of its retirement.
    package let offeredFrom: Int32?
    package let offeredUntil: Int32?
    package let retiredFrom: Int32?
    package let retiredReason: String?
    /// Acts on its record that count for nothing, such as a revision that was overtaken.
    package let withoutEffect: Int
    /// The whole item, as `CatalogItemJSON` writes it.
    package let content: String

    /// By which it is found, each once, sorted.
    var terms: [String] {
        SearchText.terms(of: [name] + aliases + tags + lifeEvents + [department, code])
    }

    init(_ line: CatalogLine, record: Int64, tiers: [String]) throws {
        let item = line.current
        self.record = record
        id = line.id
        code = item.code
        version = item.version
        owner = line.owner
        name = item.name
        aliases = item.aliases
        tags = item.tags
        lifeEvents = item.lifeEvents
        kind = item.kind
        list = item.list.name
        department = item.department.name
        acceptedByTiers = item.accepting.tiers.map { tiers.tierName($0) }
        acceptedByUnits = item.accepting.units.map(\.text)
        if case .tier(let rank) = item.decider { decidedByTier = tiers.tierName(rank) } else { decidedByTier = nil }
        if case .unit(let unit) = item.decider { decidedByUnit = unit.text } else { decidedByUnit = nil }
        promised = item.promised?.text
        statutory = item.statutory?.text
        instant = item.instant
        offeredFrom = item.from
        offeredUntil = item.until
        retiredFrom = line.retirement?.from
        retiredReason = line.retirement?.reason
        withoutEffect = line.voids.count
        content = try CatalogItemJSON(item, tiers: tiers).text
    }

    func write(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO catalog_item (record, code, version, owner, name, aliases, tags, life_events,
                    kind, kind_name, list, department, accepted_by_tiers, accepted_by_units, decided_by_tier,
                    decided_by_unit, decided_beyond, promised, statutory, instant, offered_from, offered_until,
                    retired_from, retired_reason, without_effect, content)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            record, code, version, owner.text, name, JSONText.array(aliases), JSONText.array(tags),
            JSONText.array(lifeEvents), kind.code, kind.name, list, department, JSONText.array(acceptedByTiers),
            JSONText.array(acceptedByUnits), decidedByTier, decidedByUnit,
            decidedByTier == nil && decidedByUnit == nil, promised, statutory, instant, offeredFrom, offeredUntil,
            retiredFrom, retiredReason, withoutEffect, content,
        ])
    }
}

extension CatalogItemRow {
    /// The rows for which a condition on `catalog_item` holds.
    /// - Parameter order: what follows ORDER BY.
    static func fetch(
        _ db: Database, where condition: String, order: String = "record",
        _ arguments: StatementArguments, limit: Int = -1
    ) throws -> [CatalogItemRow] {
        let find = try db.cachedStatement(
            sql: """
                SELECT catalog_item.*, creator, made_as FROM catalog_item
                JOIN (SELECT record.id AS made, author.name AS creator, record.sequence AS made_as
                    FROM record JOIN author ON author.id = record.author) ON made = record
                WHERE \(condition) ORDER BY \(order) LIMIT \(limit)
                """)
        return try Row.fetchAll(find, arguments: arguments).map(CatalogItemRow.init)
    }

    private init(_ row: Row) throws {
        record = try row["record"]
        guard let author = Bytes16(try row["creator"] as Data), let owner = UnitCode(try row["owner"]),
            let kind = ItemKind(code: try row["kind"])
        else { throw ReplicaError.damaged("catalog_item \(record)") }
        id = CatalogItemID(author: AuthorID(author), sequence: UInt64(clamping: try row["made_as"] as Int64))
        code = try row["code"]
        version = try row["version"]
        self.owner = owner
        name = try row["name"]
        aliases = try JSONText.strings(row["aliases"])
        tags = try JSONText.strings(row["tags"])
        lifeEvents = try JSONText.strings(row["life_events"])
        self.kind = kind
        list = try row["list"]
        department = try row["department"]
        acceptedByTiers = try JSONText.strings(row["accepted_by_tiers"])
        acceptedByUnits = try JSONText.strings(row["accepted_by_units"])
        decidedByTier = try row["decided_by_tier"]
        decidedByUnit = try row["decided_by_unit"]
        promised = try row["promised"]
        statutory = try row["statutory"]
        instant = try row["instant"]
        offeredFrom = try row["offered_from"]
        offeredUntil = try row["offered_until"]
        retiredFrom = try row["retired_from"]
        retiredReason = try row["retired_reason"]
        withoutEffect = try row["without_effect"]
        content = try row["content"]
    }
}
