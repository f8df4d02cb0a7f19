import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Most cases that one search gives.
    package static let mostCasesFound = 200

    /// Cases that have all that was typed in the applicant's name, the receipt, the telephone number or the item's
    /// name, and pass the filter. A receipt that is just what was typed comes first, then applicants of just that
    /// name, then the latest.
    package func serviceCases(
        matching query: SearchQuery, _ filter: CaseFilter = CaseFilter(), limit: Int
    ) throws -> [ServiceCaseRow] {
        guard !query.isEmpty else { return [] }
        let find = try db.cachedStatement(
            sql: """
                SELECT record FROM service_case
                WHERE record IN (SELECT rowid FROM case_search WHERE case_search MATCH ?1)
                AND (?2 IS NULL OR phase = ?2) AND (?3 IS NULL OR holder = ?3)
                AND (NOT ?4 OR conflicts + requests + pending > 0)
                ORDER BY receipt = ?5 DESC, applicant = ?6 DESC, record DESC LIMIT ?7
                """)
        let rows = try Int64.fetchAll(
            find,
            arguments: [
                query.expression, filter.phase, filter.holder, filter.isUnsettled, TypedText.narrowed(query.typed),
                query.typed,
                min(max(limit, 0), Self.mostCasesFound),
            ])
        return try rows.compactMap { ServiceCaseRow(try caseRecord($0), rules: deadlineRules) }
    }
}
