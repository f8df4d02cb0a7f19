import ArgumentParser
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace node`.
struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Machines that went astray: see that two work under one name, and cut one off.",
        discussion: """
            At any node:   terrace node forks
            At the root:   terrace node cut 379902001001#1 --keep 0123456789abcdef
            """,
        subcommands: [NodeForksCommand.self, NodeCutCommand.self])
}

/// `terrace node forks`.
struct NodeForksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forks",
        abstract: "List the journals that two machines have written under one name.",
        discussion: """
            Two different seals over one sequence are the proof: a disk was cloned, or a machine was set back with its
            anchor. Until the root cuts, the decisions that both touch are frozen, and everything else goes on. Each
            line has a name, by which a cut keeps it, and which stays while its machine works on. Example:
              terrace node forks --format json
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let forks = try node.openToRead().replica.read { try ForkOutput.all($0) }
        guard format == .table else { return try forks.printJSON() }
        if forks.isEmpty { print(Words("no journal has forked", "没有分叉的日志")[.current]) }
        for fork in forks {
            print(
                Words(
                    "\(fork.unit)#\(fork.node) \(fork.feed), two lines from sequence \(fork.from) on",
                    "\(fork.unit)#\(fork.node) \(fork.feed)，自序号\(fork.from)起分为两支")[.current])
            for line in fork.branches {
                let own = line.isOwn ? Words(", written here", "，由本机写入") : Words("", "")
                let kept =
                    line.kept < line.changeSets
                    ? Words("; a cut keeps the first \(line.kept)", "；切除时可保留前\(line.kept)条") : Words("", "")
                print(
                    (Words(
                        "  \(line.name): \(line.changeSets) change sets, sealed \(CivilTime.text(line.sealedFrom)) to "
                            + "\(CivilTime.text(line.sealedUntil))",
                        "  \(line.name)：\(line.changeSets)条变更，封印于\(CivilTime.text(line.sealedFrom))至"
                            + "\(CivilTime.text(line.sealedUntil))") + own + kept)[.current])
            }
        }
    }
}

/// `terrace node cut`.
struct NodeCutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut",
        abstract: "Cut a node off: at the root, when its machine is lost, stolen, closed, or there twice.",
        discussion: """
            Its casework stands as far as it is held here. What comes of it later are proposals, which whoever inherits
            admits or declines; nobody exchanges with it any more. A machine that is to go on is enrolled again, by
            `terrace enroll again`. Where a lost one had backups on another disk, restore the last on the new machine
            first, and enroll that again: closed cases may have left the units below for being in it. Where two machines
            went under its name, --keep says whose line stands; of published items both lines do. Of a line that is
            longer than one entry of the charter can name, the first part stands, and the rest are proposals too: that
            is said, and is for good. The root itself cannot be cut.

            Of a node that is cut already nothing more stands by itself, whatever has come of it since: --further lets
            stand what has. Never give it for a machine that was stolen: who has its keys writes in its name.

            To merge a unit into another one, cut its node with that one as --heir: all cases that the unit holds are
            the heir's then, at every node. Let the machine send everything before (docs/UNITS.md). Example:
              terrace node cut 379902001001#1
              terrace node cut 379902001001#1 --keep 0123456789abcdef
              terrace node cut 379902001002#1 --heir 379902001001
              terrace node cut 379902001002#1 --further
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: ArgumentHelp("The node: the code of its unit, and its number there.", valueName: "unit#number"))
    var name: String

    @Option(help: "Name of the line that stands, of those that `terrace node forks` lists.")
    var keep: String?

    @Option(help: "Code of the unit that has what the node's unit held; the unit itself, unless given.")
    var heir: String?

    @Flag(help: "Of a node that is cut already, let what has come since stand too; never of a stolen machine.")
    var further = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let unit: String
        let node: UInt32
        let through: UInt64
        /// Change sets that stand by this cut and did not by the one before.
        let more: Int?
        let standing: Int?
        /// Of the line that was kept, what goes further than the cut before.
        let withheld: Int
        /// Of the line that was kept, what one entry of the charter cannot name.
        let beyond: Int
        let heir: String
    }

    func run() throws {
        let parts = name.split(separator: "#", maxSplits: 1)
        guard parts.count == 2, let unit = UnitCode(String(parts[0])), let ordinal = UInt32(parts[1]) else {
            throw NodeError.badInput(
                name, wanted: Words("unit#number, as in 379902001001#1", "单位代码#编号，例如379902001001#1"))
        }
        let heirCode = try heir.map { text in
            guard let code = UnitCode(text) else { throw NodeError.unknownUnit(text) }
            return code
        }
        let outcome = try node.open().cut(
            CutWish(unit: unit, ordinal: ordinal, keeping: keep, heir: heirCode, further: further),
            now: SystemClock.now())
        let output = Output(
            unit: unit.text, node: ordinal, through: outcome.through, more: outcome.more, standing: outcome.standing,
            withheld: outcome.withheld, beyond: outcome.beyond, heir: outcome.heir.text)
        switch format {
        case .json: try output.printJSON()
        case .table: for line in lines(output) { print(line[.current]) }
        }
    }

    private func lines(_ output: Output) -> [Words] {
        let through = output.through, heir = output.heir, standing = output.standing ?? 0
        var lines: [Words] = []
        if let more = output.more {
            lines.append(
                Words(
                    "\(name) was cut off before; its casework stands through sequence \(through), \(more) change sets "
                        + "more than did, and \(heir) has what it held, as before",
                    "\(name)此前已切除；现其办件日志保留至序号\(through)，比此前多\(more)条变更有效，所持办件仍归\(heir)"))
        } else {
            lines.append(
                Words(
                    "\(name) is cut off; its casework stands through sequence \(through), \(heir) inherits",
                    "\(name)已切除；其办件日志保留至序号\(through)，由\(heir)承接"))
        }
        if output.withheld > 0 {
            lines.append(
                Words(
                    "of the line that was kept, \(standing) change sets stand, as far as the cut before went; "
                        + "\(output.withheld) more are proposals, unless --further lets them stand: never of a machine "
                        + "that was stolen",
                    "所保留的一支有\(standing)条变更有效，不超出此前切除之处；另有\(output.withheld)条作为提议，加 --further "
                        + "方可有效：机器若是被盗，切勿使用"))
        }
        if output.beyond > 0 {
            lines.append(
                Words(
                    "of the line that was kept, one entry of the charter can name no more than the first "
                        + "\(standing + output.withheld) change sets; the other \(output.beyond) are proposals, as is "
                        + "the other line, and \(heir) admits or declines them by `terrace case answer`",
                    "所保留的一支，一条章程只能列出前\(standing + output.withheld)条变更；其余\(output.beyond)条与另一支一样"
                        + "作为提议，由\(heir)用 terrace case answer 答复是否同意"))
        }
        return lines
    }
}
