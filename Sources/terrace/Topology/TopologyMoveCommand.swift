import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace topology move`.
struct TopologyMoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Put a unit under another parent, with all below it, at the root.",
        discussion: """
            History and open cases come along. Let the unit's machine dial the new parent (uplink in its terrace.yaml),
            and change the topology file too: the next import of it says where every unit stands. Example:
              terrace topology move 379902100 --to 379921
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "Code of the unit.")
    var unit: String

    @Option(help: "Code of its parent from now on.")
    var to: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let unit: String
        let parent: String
        let isNew: Bool
    }

    func run() throws {
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        guard let parent = UnitCode(to) else { throw NodeError.unknownUnit(to) }
        let isNew = try node.open().move(code, under: parent, now: SystemClock.now())
        guard format == .table else {
            return try Output(unit: code.text, parent: parent.text, isNew: isNew).printJSON()
        }
        print(
            (isNew
                ? Words("\(code) stands under \(parent) now", "\(code)现归\(parent)之下")
                : Words("\(code) stands under \(parent) already", "\(code)已在\(parent)之下"))[.current])
    }
}
