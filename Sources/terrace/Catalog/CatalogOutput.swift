import Foundation
import Replica
import ServiceModel
import SyncNode

/// An item of a list, as a program reads it.
struct CatalogLineOutput: Encodable {
    let record: String
    let code: String
    let version: UInt32
    let owner: String
    let name: String
    let kind: String
    let department: String
    let acceptedByTiers: [String]
    let acceptedByUnits: [String]
    let decidedBy: String?
    let promised: String?
    let statutory: String?
    let instant: Bool
    let offeredFrom: String?
    let offeredUntil: String?
    let retiredFrom: String?

    init(_ row: CatalogItemRow) {
        record = row.id.text
        code = row.code
        version = row.version
        owner = row.owner.text
        name = row.name
        kind = row.kind.name
        department = row.department
        acceptedByTiers = row.acceptedByTiers
        acceptedByUnits = row.acceptedByUnits
        decidedBy = row.decidedByTier ?? row.decidedByUnit
        promised = row.promised
        statutory = row.statutory
        instant = row.instant
        offeredFrom = row.offeredFrom.map(CivilDay.text)
        offeredUntil = row.offeredUntil.map(CivilDay.text)
        retiredFrom = row.retiredFrom.map(CivilDay.text)
    }

    /// One line of a table.
    var text: String {
        let limit = instant ? "instant" : promised ?? statutory ?? "-"
        let end = retiredFrom.map { "  retired \($0)" } ?? ""
        return "\(code)  v\(version)  \(owner)  \(name)  \(kind)  \(department)  \(limit)\(end)"
    }
}

/// One item with everything about it, as a program reads it. The item itself has the form of a catalog file.
struct CatalogItemOutput: Encodable {
    struct Version: Encodable {
        let version: UInt32
        let name: String
    }

    struct Override: Encodable {
        let unit: String
        let window, phone, hours, promised: String?
        let retiredFrom: String?
        /// Whether its unit stands below the owner or is it.
        let counts: Bool

        init(_ row: CatalogOverrideRow) {
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

    let record: String
    let owner: String
    let version: UInt32
    /// The unit as which it is shown; nil where the item is shown as it is published.
    let offeredBy: String?
    let retiredFrom, retiredReason: String?
    let item: CatalogItemJSON
    let versions: [Version]
    let overrides: [Override]
    /// Records of the same code that other units, or the same, have published.
    let others: [String]
}

extension CatalogItemID {
    /// `author/sequence`, as the command line names a record.
    var text: String { "\(author)/\(sequence)" }

    init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let author = Bytes16(hex: String(parts[0])), let sequence = UInt64(parts[1]) else {
            return nil
        }
        self.init(author: AuthorID(author), sequence: sequence)
    }
}

extension CatalogReference {
    /// A code, or the name of a record.
    init(typed text: String) { self = CatalogItemID(text: text).map(Self.record) ?? .code(text) }
}
