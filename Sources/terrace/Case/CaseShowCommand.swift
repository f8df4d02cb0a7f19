import ArgumentParser
import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// A case as a program reads it.
struct CaseOutput: Encodable {
    struct Act: Encodable {
        let name: String
        let action: String
        let unit: String
        let actor: String
        let day: String
        let status: String
        let text: String
        let fields: [String: String]
    }

    struct Conflict: Encodable {
        let field: String
        let id: String
        let chosen: String
        let others: [String]
    }

    let receipt: String
    let item: String
    let itemName: String
    let itemVersion: UInt32
    let applicant: String
    let acceptedBy: String
    let acceptedDay: String
    let holder: String?
    let phase: String?
    let outcome: String?
    /// Last day of the promised limit; nil without one, and while the clock stands still.
    let promisedDue: String?
    let statutoryDue: String?
    /// A deadline was counted by weekends alone: the charter has no calendar for one of its years.
    let lacksCalendar: Bool
    let fields: [String: String]
    let conflicts: [Conflict]
    let trace: [Act]

    init?(_ record: CaseRecord, rules: DeadlineRules) {
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
        conflicts = record.conflicts.map {
            Conflict(field: $0.field, id: $0.id.description, chosen: $0.chosen, others: $0.others)
        }
        trace = record.history.entries.map { entry in
            let body = try? CaseBody(entry.changeSet.body)
            let fields = body?.writes.map { ($0.field, $0.value) } ?? []
            return Act(
                name: entry.placed.leaf.leaf.description,
                action: CaseAction(kind: entry.changeSet.kind)?.name ?? "\(entry.changeSet.kind.rawValue)",
                unit: record.authors[entry.placed.place.author]?.unit.text ?? "",
                actor: entry.changeSet.actor, day: CivilDay.text(body?.day ?? 0),
                status: record.state.status[entry.placed.leaf.leaf]?.code ?? "",
                text: ([body?.text ?? ""] + (body?.missing ?? [])).filter { !$0.isEmpty }.joined(separator: "; "),
                fields: Dictionary(fields, uniquingKeysWith: { $1 }))
        }
    }
}

/// `terrace case show`.
struct CaseShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a case with its trace: who did what, when, and what it came to.")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The receipt number.")
    var receipt: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let found = try node.open().replica.read { transaction -> CaseOutput? in
            let reference = try transaction.caseReference(typed: receipt)
            guard let row = try transaction.record(created: reference.creation) else { return nil }
            return CaseOutput(try transaction.caseRecord(row), rules: transaction.deadlineRules)
        }
        guard let found else { throw NodeError.unknownCase(receipt) }
        guard format == .table else { return try found.printJSON() }
        print("\(found.receipt)  \(found.itemName) (\(found.item), version \(found.itemVersion))")
        print("applicant \(found.applicant), accepted \(found.acceptedDay) by \(found.acceptedBy)")
        print("phase \(found.phase ?? "-") \(found.outcome ?? ""), held by \(found.holder ?? "-")")
        let due = "promised by \(found.promisedDue ?? "-"), by law by \(found.statutoryDue ?? "-")"
        print("\(due)\(found.lacksCalendar ? ", counted without a calendar" : "")")
        for (field, value) in found.fields.sorted(by: { $0.key < $1.key }) { print("  \(field) = \(value)") }
        for conflict in found.conflicts {
            print("conflict on \(conflict.field): \(conflict.chosen) before \(conflict.others.joined(separator: ", "))")
        }
        print("trace")
        for act in found.trace {
            print("  \(act.day)  \(act.unit)  \(act.actor)  \(act.action)  \(act.status)  \(act.name)  \(act.text)")
        }
    }
}

/// `terrace case list`.
struct CaseListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the latest cases, or those that match.")

    @OptionGroup var node: NodeOptions

    @Option(help: "Only those in this phase.")
    var phase: String?

    @Option(help: "Only those that this unit holds.")
    var holder: String?

    @Flag(help: "Only those with a conflict, an open request or something that waits.")
    var unsettled = false

    @Option(help: "At most so many.")
    var limit = 50

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let filter = CaseFilter(phase: phase, holder: holder, isUnsettled: unsettled)
        let cases = try node.open().replica.read { try $0.serviceCases(filter, limit: min(max(limit, 1), 10_000)) }
        struct Line: Encodable {
            let receipt: String
            let item: String
            let applicant: String
            let acceptedBy: String
            let phase: String?
            let holder: String?
            let conflicts: Int
            let requests: Int
            let pending: Int
        }
        let lines = cases.map {
            Line(
                receipt: $0.receipt, item: $0.promise.itemName, applicant: $0.applicant,
                acceptedBy: $0.acceptedBy.text, phase: $0.phase?.rawValue, holder: $0.holder?.text,
                conflicts: $0.conflicts, requests: $0.requests, pending: $0.pending)
        }
        guard format == .table else { return try lines.printJSON() }
        for line in lines {
            let marks = [
                line.conflicts > 0 ? "conflict" : nil, line.requests > 0 ? "request" : nil,
                line.pending > 0 ? "pending" : nil,
            ].compactMap { $0 }.joined(separator: ",")
            print(
                "\(line.receipt)  \(line.phase ?? "-")  \(line.holder ?? "-")  \(line.applicant)  \(line.item)  \(marks)")
        }
    }
}
