import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// One item with everything about it, as a program reads it. The item itself has the form of a catalog file.
package struct CatalogItemOutput: Encodable {
    package struct Version: Encodable {
        package let version: UInt32
        package let name: String
    }

    package struct Override: Encodable {
        package let unit: String
        package let window, phone, hours, promised: String?
        package let retiredFrom: String?
        /// Whether its unit stands below the owner or is it.
        package let counts: Bool

        package init(_ row: CatalogOverrideRow) {
            func given(_ text: String) -> String? { text.isEmpty ? nil : text }
            unit = row.unit.text
            window = given(row.override.place.window)
            phone = given(row.override.place.phone)
            hours = given(row.override.place.hours)
            promised = row.override.promised?.words
            retiredFrom = row.retirement.map { CivilDay.text($0.from) }
            counts = row.counts
        }
    }

    package let record: String
    package let owner: String
    package let version: UInt32
    /// The unit as which it is shown; nil where the item is shown as it is published.
    package let offeredBy: String?
    package let retiredFrom, retiredReason: String?
    package let item: CatalogItemJSON
    package let versions: [Version]
    package let overrides: [Override]
    /// Records of the same code that other units, or the same, have published.
    package let others: [String]

    /// - Parameters:
    ///   - item: code of the item, or author/sequence of its record.
    ///   - unit: as this unit offers it.
    ///   - version: that version as it was published; nil is the item as it is offered.
    /// - Throws: `CatalogError.unknown`.
    package init(
        typed item: String, for unit: UnitCode, on day: Int32, version: UInt32? = nil, tiers: [String],
        _ transaction: Transaction
    ) throws {
        let found: CatalogRecord? =
            switch CatalogReference(typed: item) {
            case .record(let id): try transaction.catalogRecord(id)
            case .code(let code):
                try transaction.catalogItem(code: code, for: unit, on: day).flatMap {
                    try transaction.catalogRecord($0.record)
                }
            }
        guard let found, let line = found.item else { throw CatalogError.unknown(item) }
        let id = found.id
        let offer = version == nil ? try transaction.offer(of: found, at: unit, on: day) : nil
        var shown = offer?.item ?? line.current
        if let version {
            guard let found = line.version(version) else { throw CatalogError.unknown("\(item) v\(version)") }
            shown = found
        }
        record = id.text
        owner = line.owner.text
        self.version = shown.version
        offeredBy = offer?.unit.text
        retiredFrom = line.retirement.map { CivilDay.text($0.from) }
        retiredReason = line.retirement?.reason
        self.item = CatalogItemJSON(shown, tiers: tiers)
        versions = line.versions.map { Version(version: $0.version, name: $0.name) }
        overrides = try transaction.overrides(of: id).map(Override.init)
        others = try transaction.catalogItems(code: line.current.code).map(\.id.text).filter { $0 != id.text }
    }
}
