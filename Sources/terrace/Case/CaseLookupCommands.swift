import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// What a list of cases is narrowed by.
struct CaseFilterOptions: ParsableArguments {
    /// Most cases that a list gives.
    static let mostListed = 10_000

    @OptionGroup var node: NodeOptions

    @Option(help: "Only those in this phase: \(Phase.all.map(\.rawValue).joined(separator: ", ")).")
    var phase: String?

    @Option(help: "Only those that the unit with this code holds.")
    var holder: String?

    @Option(help: "Only those that the unit with this code accepted.")
    var acceptedBy: String?

    @Flag(help: "Only those with a conflict, an open request or something that waits.")
    var unsettled = false

    @Flag(help: "Only those of which something waits to be sent to the parent.")
    var unsent = false

    @Option(help: "At most so many, up to \(mostListed); a search gives up to \(Transaction.mostCasesFound).")
    var limit = 50

    @Option(help: "table or json.")
    var format = OutputFormat.table

    /// Prints the cases that pass.
    func list(matching text: String? = nil) throws {
        let limit = min(max(limit, 0), Self.mostListed)
        func unit(_ text: String?) throws -> String? {
            try text.map { text in
                guard let unit = UnitCode(text) else { throw NodeError.unknownUnit(text) }
                return unit.text
            }
        }
        var filter = CaseFilter(
            phase: try phase.map { text in
                guard Phase.all.contains(where: { $0.rawValue == text }) else {
                    let known = Phase.all.map(\.rawValue).joined(separator: ", ")
                    throw NodeError.badInput(text, wanted: Words("a phase: \(known)", "办理阶段：\(known)"))
                }
                return text
            },
            holder: try unit(holder), acceptedBy: try unit(acceptedBy), isUnsettled: unsettled)
        let query = try text.map { text in
            guard text.unicodeScalars.count <= SearchQuery.longest else { throw NodeError.badInput(text) }
            return SearchQuery(text)
        }
        let node = try node.openToRead()
        let cases = try node.replica.read { transaction in
            if unsent { filter.unsent = try transaction.unsentUpward() }
            if let query { return try transaction.serviceCases(matching: query, filter, limit: limit) }
            return try transaction.serviceCases(filter, limit: limit)
        }
        let lines = cases.map(CaseLineOutput.init)
        guard format == .table else { return try lines.printJSON() }
        for line in lines {
            let marks = [
                line.conflicts > 0 ? "conflict" : nil, line.requests > 0 ? "request" : nil,
                line.pending > 0 ? "pending" : nil,
            ].compactMap { $0 }.joined(separator: ",")
            print(
                "\(line.receipt)  \(line.phase ?? "-")  \(line.holder ?? "-")  "
                    + "\(TextTable.printable(line.applicant))  \(TextTable.printable(line.item))  \(marks)")
        }
    }
}

/// `terrace case list`.
struct CaseListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the latest cases.",
        discussion: """
            Ends with 0, also when there is none. Example:
              terrace case list --phase accepted --holder 379902 --limit 20
              terrace case list --accepted-by 379902001001 --unsent
            """)

    @OptionGroup var filter: CaseFilterOptions

    func run() throws { try filter.list() }
}

/// `terrace case search`.
struct CaseSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find cases by a few characters of applicant, receipt, telephone number or item.",
        discussion: """
            All that is typed must be there, in any order; two Chinese characters are enough. A receipt that is just
            what was typed comes first, then applicants of just that name, then the latest. Ends with 0, also when
            nothing is found. Example:
              terrace case search 王小明 食品
            """)

    @OptionGroup var filter: CaseFilterOptions

    @Argument(help: "For example 小明, or 王小明 食品.")
    var text: [String]

    func run() throws { try filter.list(matching: text.joined(separator: " ")) }
}
