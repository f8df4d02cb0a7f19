import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode
import Trust

/// `terrace topology join`.
struct TopologyJoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Show the branches of the charter that a restored root has made, and join them.",
        discussion: """
            A root that was restored and went on before the units below had told it what it had entered since its backup
            has two branches of the charter. Both are in effect; but what was written on one does not know the units and
            cuts of the other. Without --authority the branches are shown; with it they are joined, at the root.
            Example:
              terrace topology join
              terrace topology join --authority /media/usb/authority.key
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: ArgumentHelp("The authority's key, as `terrace init` made it.", valueName: "file"))
    var authority: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        struct Branch: Encodable {
            let number: UInt64
            let digest: String
            let entries: [String]
        }
        let branches: [Branch]
        let joined: Int
    }

    func run() throws {
        let node = try authority == nil ? node.openToRead() : node.open()
        let joined = try authority.map { try node.joinBranches(authority: node.authorityKey(URL(filePath: $0))) } ?? 0
        let branches = try node.charterBranches()
        guard format == .table else {
            let shown = branches.map {
                Output.Branch(
                    number: $0.tip.number, digest: $0.tip.digest.description, entries: $0.own.map(\.change.summary))
            }
            return try Output(branches: shown, joined: joined).printJSON()
        }
        print(text(branches, joined: joined))
    }

    private func text(_ branches: [CharterBranch], joined: Int) -> String {
        if joined > 0 { return Words("joined: the charter is one again", "已合并：章程恢复为一个")[.current] }
        guard branches.count > 1 else {
            return Words("the charter has one branch: there is nothing to join", "章程只有一个分支，无需合并")[.current]
        }
        let shown = branches.flatMap { branch in
            ["\(branch.tip.number) \(branch.tip.digest)"] + branch.own.map { "  \($0.number) \($0.change.summary)" }
        }
        let next = Words(
            "join them at the root: terrace topology join --authority authority.key",
            "请在根节点合并：terrace topology join --authority authority.key")
        return (shown + [next[.current]]).joined(separator: "\n")
    }
}

extension CharterChange {
    fileprivate var summary: String {
        switch self {
        case .genesis(let root): "genesis \(root.code)"
        case .units(let units, _): "units \(units.map(\.code.text).joined(separator: " "))"
        case .move(let unit, let parent): "move \(unit) \(parent)"
        case .grant(let unit, let kind): "grant \(unit) \(kind.rawValue)"
        case .cut(let cut): "cut \(cut.author.unit)#\(cut.author.enrollment)"
        case .hold(let unit): "hold \(unit)"
        case .join(let orphan): "join \(orphan)"
        case .calendar(let year): "calendar \(year.year)"
        case .policy(let name, _): "policy \(name)"
        case .other: "?"
        }
    }
}
