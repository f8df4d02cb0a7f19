import Replica
import ServiceModel
import SyncNode

/// An item of a list, as a program reads it.
package struct CatalogLineOutput: Encodable {
    package let record: String
    package let code: String
    package let version: UInt32
    package let owner: String
    package let name: String
    package let kind: String
    package let department: String
    package let acceptedByTiers: [String]
    package let acceptedByUnits: [String]
    package let decidedBy: String?
    package let promised: String?
    package let statutory: String?
    package let instant: Bool
    package let offeredFrom: String?
    package let offeredUntil: String?
    package let retiredFrom: String?

    package init(_ row: CatalogItemRow) {
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
    package var text: String {
        let limit = instant ? "instant" : promised ?? statutory ?? "-"
        let end = retiredFrom.map { "  retired \($0)" } ?? ""
        return "\(code)  v\(version)  \(owner)  \(name)  \(kind)  \(department)  \(limit)\(end)"
    }
}
