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
        let row = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT record FROM service_case WHERE receipt = ?"), arguments: [receipt])
        return try row.flatMap { ServiceCaseRow(try caseRecord($0), rules: deadlineRules) }
    }

    /// The cases that match, newest first.
    package func serviceCases(_ filter: CaseFilter = CaseFilter(), limit: Int) throws -> [ServiceCaseRow] {
        var arguments = filter.arguments
        arguments["limit"] = limit
        return try Int64.fetchAll(
            db, sql: "SELECT record FROM service_case WHERE \(CaseFilter.condition) ORDER BY record DESC LIMIT :limit",
            arguments: StatementArguments(arguments)
        ).compactMap(listed)
    }

    /// A case in a list of several, which shows the others where this version ends in it.
    func listed(_ record: Int64) throws -> ServiceCaseRow? {
        do { return ServiceCaseRow(try caseRecord(record), rules: deadlineRules) } catch ReplicaError.trapped {
            return nil
        }
    }

    /// What waits for somebody.
    /// - Parameter unit: whose cases are asked for where its holder must do something.
    package func waitingCases(heldBy unit: UnitCode) throws -> WaitingCases {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(*) FILTER (WHERE holder = :unit AND conflicts > 0),
                        count(*) FILTER (WHERE holder = :unit AND requests > 0), count(*) FILTER (WHERE pending > 0)
                    FROM service_case WHERE conflicts + requests + pending > 0
                    """), arguments: ["unit": unit.text])
        return try row.map { try WaitingCases(conflicts: $0[0], requests: $0[1], pending: $0[2]) } ?? WaitingCases()
    }
}

/// Cases that wait for somebody, or for something.
package struct WaitingCases: Hashable, Sendable {
    /// Held by the unit, with two values for one field.
    package var conflicts = 0
    /// Held by the unit, with a request or a proposal that it has not answered.
    package var requests = 0
    /// Of any holder: something that has not come yet.
    package var pending = 0

    package init(conflicts: Int = 0, requests: Int = 0, pending: Int = 0) {
        self.conflicts = conflicts
        self.requests = requests
        self.pending = pending
    }
}
