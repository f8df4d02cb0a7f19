import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Which cases are asked for; what is nil does not matter.
package struct CaseFilter: Hashable, Sendable {
    package var phase: String?
    package var holder: String?
    /// The unit that accepted it.
    package var acceptedBy: String?
    /// Only those with a conflict, an open request or something that waits.
    package var isUnsettled = false
    /// Only those of which a change set waits to be sent.
    package var unsent: Unsent?

    package init(
        phase: String? = nil, holder: String? = nil, acceptedBy: String? = nil, isUnsettled: Bool = false
    ) {
        self.phase = phase
        self.holder = holder
        self.acceptedBy = acceptedBy
        self.isUnsettled = isUnsettled
    }

    /// On `service_case`; takes `arguments`.
    static let condition = """
        (:phase IS NULL OR phase = :phase) AND (:holder IS NULL OR holder = :holder)
        AND (:acceptedBy IS NULL OR accepted_by = :acceptedBy)
        AND (NOT :unsettled OR conflicts + requests + pending > 0)
        AND (NOT :isUnsent OR record IN (SELECT journal.record FROM \(Unsent.sql)))
        """

    var arguments: [String: (any DatabaseValueConvertible)?] {
        let own: [String: (any DatabaseValueConvertible)?] = [
            "phase": phase, "holder": holder, "acceptedBy": acceptedBy, "unsettled": isUnsettled,
            "isUnsent": unsent != nil,
        ]
        return (unsent ?? .nothing).arguments.merging(own) { one, _ in one }
    }
}

extension Transaction {
    /// The case with this number on its paper.
    package func serviceCase(receipt: String) throws -> ServiceCaseRow? {
        let row = try Int64.fetchOne(db, sql: "SELECT record FROM service_case WHERE receipt = ?", arguments: [receipt])
        return try row.flatMap { ServiceCaseRow(try caseRecord($0), rules: deadlineRules) }
    }

    /// The cases that match, newest first.
    package func serviceCases(_ filter: CaseFilter = CaseFilter(), limit: Int) throws -> [ServiceCaseRow] {
        var arguments = filter.arguments
        arguments["limit"] = limit
        return try Int64.fetchAll(
            db, sql: "SELECT record FROM service_case WHERE \(CaseFilter.condition) ORDER BY record DESC LIMIT :limit",
            arguments: StatementArguments(arguments)
        ).compactMap { ServiceCaseRow(try caseRecord($0), rules: deadlineRules) }
    }
}
