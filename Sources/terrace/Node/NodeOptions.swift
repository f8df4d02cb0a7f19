import ArgumentParser
import Foundation
import NodeServer
import SyncNode

/// Which node a command works on.
struct NodeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The node's data directory.", valueName: "directory"))
    var data = "data"

    var directory: NodeDirectory { NodeDirectory(URL(filePath: data, directoryHint: .isDirectory)) }

    /// Opens the node; it may be serving meanwhile.
    func open() throws -> Node {
        try Node(directory, now: SystemClock.now(), entropy: SystemClock.entropy)
    }
}

/// How a command prints its result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

extension Encodable {
    /// For programs.
    func printJSON() throws { print(try prettyJSON()) }

    /// JSON with keys in order.
    func prettyJSON() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
