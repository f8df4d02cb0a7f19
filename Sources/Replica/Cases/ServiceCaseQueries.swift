import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// The case with this number on its paper.
    package func serviceCase(receipt: String) throws -> ServiceCaseRow? {
        let row = try Int64.fetchOne(db, sql: "SELECT record FROM service_case WHERE receipt = ?", arguments: [receipt])
        return try row.flatMap { ServiceCaseRow(try caseRecord($0)) }
    }

    /// The latest cases, newest first.
    package func serviceCases(limit: Int) throws -> [ServiceCaseRow] {
        try Int64.fetchAll(db, sql: "SELECT record FROM service_case ORDER BY record DESC LIMIT ?", arguments: [limit])
            .compactMap { ServiceCaseRow(try caseRecord($0)) }
    }
}
