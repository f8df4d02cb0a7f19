import ArgumentParser
import Foundation
import NodeServer
import SyncNode

/// Which node a command works on.
struct NodeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The node's data directory.", valueName: "directory"))
    var data = "data"

    var directory: NodeDirectory { NodeDirectory(URL(filePath: data, directoryHint: .isDirectory)) }

    /// Opens the node for work; it may be serving meanwhile.
    func open() throws -> Node { try open(for: .work) }

    /// Opens the node for a command that only looks: nothing begins, so that a file that is missing can be put back.
    func openToRead() throws -> Node { try open(for: .reading) }

    fileprivate func open(for purpose: Node.Purpose) throws -> Node {
        try Node(directory, for: purpose, now: SystemClock.now(), entropy: SystemClock.entropy)
    }
}

/// What a person may allow a node that starts without its anchor.
struct LeaveBehindOptions: ParsableArguments {
    @Flag(
        help: """
            Where the anchor is lost: go on without the work that was not sealed yet, which rests until somebody \
            enters it again.
            """)
    var leaveUnsentWorkBehind = false

    /// Opens the node for work. Nothing of one that is served is left behind: its server makes the anchor anew.
    func open(_ node: NodeOptions) throws -> Node {
        guard leaveUnsentWorkBehind else { return try node.open() }
        let lock = try ServerLock(node.directory)
        return try withExtendedLifetime(lock) { try node.open(for: .workLeavingUnsealed) }
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
