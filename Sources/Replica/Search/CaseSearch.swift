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
                WHERE record IN (SELECT rowid FROM case_search WHERE case_search MATCH :words)
                AND \(CaseFilter.condition)
                ORDER BY receipt = :receipt DESC, applicant = :applicant DESC, record DESC LIMIT :limit
                """)
        var arguments = filter.arguments
        arguments["words"] = query.expression
        arguments["receipt"] = TypedText.narrowed(query.typed)
        arguments["applicant"] = query.typed
        arguments["limit"] = min(max(limit, 0), Self.mostCasesFound)
        let rows = try Int64.fetchAll(find, arguments: StatementArguments(arguments))
        return try rows.compactMap(listed)
    }
}
