import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Which cases are asked for; what is nil does not matter.
package struct CaseFilter: Hashable, Sendable {
    package var phase: String?
    package var holder: String?
    /// Only those with a conflict, an open request or something that waits.
    package var isUnsettled = false

    package init(phase: String? = nil, holder: String? = nil, isUnsettled: Bool = false) {
        self.phase = phase
        self.holder = holder
        self.isUnsettled = isUnsettled
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
        try Int64.fetchAll(
            db,
            sql: """
                SELECT record FROM service_case
                WHERE (?1 IS NULL OR phase = ?1) AND (?2 IS NULL OR holder = ?2)
                AND (NOT ?3 OR conflicts + requests + pending > 0) ORDER BY record DESC LIMIT ?4
                """, arguments: [filter.phase, filter.holder, filter.isUnsettled, limit]
        ).compactMap { ServiceCaseRow(try caseRecord($0), rules: deadlineRules) }
    }
}
