import ArgumentParser
import ChangeSet
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// Which case a command works on, by whom and when.
struct CaseOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Argument(help: "The receipt number; small letters and blanks do no harm.")
    var receipt: String

    @Option(help: "Name of who does it, as this node knows them.")
    var actor = "cli"

    @Option(
        help: ArgumentHelp(
            "Legal day of the act; today when left out, unless the clock is in doubt.", valueName: "yyyy-mm-dd"))
    var day: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    /// Does one step on the case and says what became of it.
    func act(_ action: CaseAction, _ fill: (inout CaseStep) throws -> Void = { _ in }) throws {
        let node = try node.open()
        let now = SystemClock.now()
        var step = CaseStep(action, day: try node.legalDay(day, now: now), actor: actor)
        try fill(&step)
        try step.checkForCounter()
        let record = try node.replica.read { try $0.caseReference(typed: receipt).record }
        let output = ActionOutput(try node.act(step, on: record, now: now))
        guard format == .table else { return try output.printJSON() }
        switch output.result {
        case "asked": print("asked: the case is held elsewhere, and its holder will answer")
        case "done": print("done: \(output.phase ?? "-"), held by \(output.holder ?? "-")")
        default: print(output.result)
        }
    }
}

/// `name=value`, once for each field.
enum FieldArguments {
    static func parse(_ arguments: [String]) throws -> [String: String] {
        var out: [String: String] = [:]
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
                throw NodeError.badInput(argument, wanted: Words("name=value", "名称=值"))
            }
            out[String(argument[..<equals])] = String(argument[argument.index(after: equals)...])
        }
        return out
    }
}
