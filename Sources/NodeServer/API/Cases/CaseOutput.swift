import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// A case as a program reads it.
package struct CaseOutput: Encodable {
    package struct Act: Encodable {
        /// By which a request is admitted or declined.
        package let name: String
        package let action: String
        package let unit: String
        package let actor: String
        package let day: String
        package let status: String
        /// A request or a proposal that nobody has answered.
        package let waits: Bool
        /// The unit to which it gives the case.
        package let target: String?
        package let text: String
        package let fields: [String: String]
        /// Between which times of its unit's parent it was written, in seconds since 1970; nil where nothing proves it.
        package let notBefore: Int64?
        package let notAfter: Int64?
        package let dayDoubt: Doubt?
    }

    /// What speaks against a legal day.
    package struct Doubt: Encodable {
        package let code: String
        package let message: String
    }

    package struct Conflict: Encodable {
        package let field: String
        package let id: String
        package let chosen: String
        package let others: [String]
    }

    package let receipt: String
    package let item: String
    package let itemName: String
    package let itemVersion: UInt32
    package let applicant: String
    package let acceptedBy: String
    package let acceptedDay: String
    package let holder: String?
    package let phase: String?
    package let outcome: String?
    /// Last day of the promised limit; nil without one, and while the clock stands still.
    package let promisedDue: String?
    package let statutoryDue: String?
    /// A deadline was counted by weekends alone: the charter has no calendar for one of its years.
    package let lacksCalendar: Bool
    package let fields: [String: String]
    /// The last act that counts: what an action sends back as what its author has seen.
    package let seen: [String]
    package let conflicts: [Conflict]
    package let trace: [Act]

    /// nil while no acceptance is held.
    /// - Parameters:
    ///   - brackets: of its change sets.
    ///   - language: of what is said of their days.
    package init?(
        _ record: CaseRecord, rules: DeadlineRules, brackets: [Leaf: DateBracket], in language: Language
    ) {
        guard let row = ServiceCaseRow(record, rules: rules) else { return nil }
        receipt = row.receipt
        item = row.promise.item
        itemName = row.promise.itemName
        itemVersion = row.promise.version
        applicant = row.applicant
        acceptedBy = row.acceptedBy.text
        acceptedDay = CivilDay.text(row.acceptedDay)
        holder = row.holder?.text
        phase = row.phase?.rawValue
        outcome = row.outcome?.rawValue
        promisedDue = row.times.promised?.due?.description
        statutoryDue = row.times.statutory?.due?.description
        lacksCalendar = row.times.lacksCalendar
        fields = row.fields
        seen = record.chainHeads.map(\.description)
        conflicts = record.conflicts.map {
            Conflict(field: $0.field, id: $0.id.description, chosen: $0.chosen, others: $0.others)
        }
        trace = record.trace(brackets).map { entry in
            let status = record.state.status[entry.placed.leaf.leaf]
            let body = try? CaseBody(entry.changeSet.body)
            let fields = body?.writes.map { ($0.field, $0.value) } ?? []
            let bracket = brackets[entry.placed.leaf.leaf] ?? .open
            return Act(
                name: entry.placed.leaf.leaf.description,
                action: CaseAction(kind: entry.changeSet.kind)?.name ?? "\(entry.changeSet.kind.rawValue)",
                unit: record.authors[entry.placed.place.author]?.unit.text ?? "",
                actor: entry.changeSet.actor, day: body.map { CivilDay.text($0.day) } ?? "",
                status: status?.code ?? "", waits: status?.isOpen ?? false, target: entry.changeSet.target?.text,
                text: ([body?.text ?? ""] + (body?.missing ?? [])).filter { !$0.isEmpty }.joined(separator: "; "),
                fields: Dictionary(fields, uniquingKeysWith: { $1 }), notBefore: bracket.notBefore,
                notAfter: bracket.notAfter,
                dayDoubt: body.flatMap { bracket.doubt(of: $0.day) }.map {
                    Doubt(code: $0.code, message: ErrorText.words($0, in: language))
                })
        }
    }
}

extension CaseOutput {
    /// The case with this number, typed as people type.
    /// - Throws: `NodeError.unknownCase`.
    package init(typed receipt: String, in language: Language, _ transaction: Transaction) throws {
        let record = try transaction.caseRecord(try transaction.caseReference(typed: receipt).record)
        let output = CaseOutput(
            record, rules: transaction.deadlineRules, brackets: try transaction.dateBrackets(of: record), in: language)
        guard let output else { throw NodeError.unknownCase(receipt) }
        self = output
    }
}
