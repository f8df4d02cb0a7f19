import Replica

/// A case of a list, as a program reads it.
package struct CaseLineOutput: Encodable {
    package let receipt: String
    /// Name of the item.
    package let item: String
    package let applicant: String
    package let acceptedBy: String
    package let phase: String?
    package let holder: String?
    package let conflicts: Int
    package let requests: Int
    package let pending: Int

    package init(_ row: ServiceCaseRow) {
        receipt = row.receipt
        item = row.promise.itemName
        applicant = row.applicant
        acceptedBy = row.acceptedBy.text
        phase = row.phase?.rawValue
        holder = row.holder?.text
        conflicts = row.conflicts
        requests = row.requests
        pending = row.pending
    }
}
