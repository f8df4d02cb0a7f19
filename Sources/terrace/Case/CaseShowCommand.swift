import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace case show`.
struct CaseShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a case with its trace: who did what, when, and what it came to.",
        discussion: """
            A legal day that the author's journal speaks against is marked below its act; --format json has the
            bracket of each (notBefore, notAfter). Below a request or a proposal that waits stands what it would do: to
            whom it gives the case, what it writes. Ends with 1 when no such case is held here. Example:
              terrace case show 379902001001-1-0000042-K7P-J
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The receipt number.")
    var receipt: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let found = try node.openToRead().replica.read { try CaseOutput(typed: receipt, in: .current, $0) }
        guard format == .table else { return try found.printJSON() }
        TextTable.show("\(found.receipt)  \(found.itemName) (\(found.item), version \(found.itemVersion))")
        TextTable.show("applicant \(found.applicant), accepted \(found.acceptedDay) by \(found.acceptedBy)")
        TextTable.show("phase \(found.phase ?? "-") \(found.outcome ?? ""), held by \(found.holder ?? "-")")
        let due = "promised by \(found.promisedDue ?? "-"), by law by \(found.statutoryDue ?? "-")"
        TextTable.show("\(due)\(found.lacksCalendar ? ", counted without a calendar" : "")")
        for (field, value) in found.fields.sorted(by: { $0.key < $1.key }) { TextTable.show("  \(field) = \(value)") }
        for conflict in found.conflicts {
            let others = conflict.others.joined(separator: ", ")
            TextTable.show("conflict on \(conflict.field): \(conflict.chosen) before \(others)")
        }
        print("trace")
        for act in found.trace {
            let who = "\(act.day)  \(act.unit)  \(act.actor)"
            TextTable.show("  \(who)  \(act.action)  \(act.status)  \(act.name)  \(act.text)")
            if let doubt = act.dayDoubt { print("    \(doubt.message)") }
            guard act.waits else { continue }
            // Who answers decides by what it would do.
            if let target = act.target { TextTable.show("    to \(target)") }
            for (field, value) in act.fields.sorted(by: { $0.key < $1.key }) {
                TextTable.show("    \(field) = \(value)")
            }
        }
    }
}
