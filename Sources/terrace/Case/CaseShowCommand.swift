import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

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
        let found = try node.open().replica.read { try CaseOutput(typed: receipt, $0) }
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
        let lines = cases.map(CaseLineOutput.init)
        guard format == .table else { return try lines.printJSON() }
        for line in lines {
            let marks = [
                line.conflicts > 0 ? "conflict" : nil, line.requests > 0 ? "request" : nil,
                line.pending > 0 ? "pending" : nil,
            ].compactMap { $0 }.joined(separator: ",")
            print(
                "\(line.receipt)  \(line.phase ?? "-")  \(line.holder ?? "-")  "
                    + "\(line.applicant)  \(line.item)  \(marks)"
            )
        }
    }
}
