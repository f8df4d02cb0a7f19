import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace salvage`.
struct SalvageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Make a new database of what can still be read of a damaged one.",
        discussion: """
            For a database of which SQLite says that it is malformed; single changed bytes are for `terrace scrub`.
            Stop the node first. Tables are copied row by row, what cannot be read is passed over, every change set is
            held against its signature, and what is derived is made anew. The damaged file stays beside the new one.

            The node then goes on as a new incarnation: its neighbours give back what they have. What it had not sent
            yet and could not be read is lost. Where the anchor is missing, what could be read and was not sealed is
            left behind only with --leave-unsent-work-behind. It may be stopped at any moment and begun again. Example:
              terrace salvage --data village
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var leaving: LeaveBehindOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        struct Table: Encodable {
            let name: String
            let rows: Int
            let gaps: Int
            let refused: Int
        }

        let tables: [Table]
        let orphans: Int
        let takenOut: [TakenOutLine]
        let kept: [String]
        let cases: Int
        let resting: Int
    }

    func run() throws {
        try node.directory.demandNoBackup()
        let lock = try ServerLock(node.directory)
        defer { withExtendedLifetime(lock) {} }
        let done = try Node.salvage(
            node.directory, leavingUnsealed: leaving.leaveUnsentWorkBehind, now: SystemClock.now(),
            entropy: SystemClock.entropy
        ) { step in
            guard let words = Self.words(step) else { return }
            FileHandle.standardError.write(Data("\(words[.current])\n".utf8))
        }
        let (cases, resting) = try done.node.replica.read {
            (try $0.caseCounts().all, try $0.countOfRestingUnseen())
        }
        let salvage = done.salvage ?? Salvage()
        if format == .json {
            return try Output(
                tables: salvage.tables.map { .init(name: $0.name, rows: $0.rows, gaps: $0.gaps, refused: $0.refused) },
                orphans: salvage.orphans, takenOut: salvage.takenOut.runs.map(TakenOutLine.init), kept: done.kept,
                cases: cases, resting: resting
            ).printJSON()
        }
        for run in salvage.takenOut.runs { print(TakenOutLine(run).text) }
        for line in Self.lines(salvage, kept: done.kept.first, cases: cases, resting: resting) {
            print(line[.current])
        }
    }

    private static func words(_ step: SalvageStep) -> Words? {
        switch step {
        case .table(let table):
            guard !table.isWhole else { return Words("\(table.name): \(table.rows)", "\(table.name)：\(table.rows)行") }
            return Words(
                "\(table.name): \(table.rows) rows saved, \(table.gaps) stretches unreadable, \(table.refused) rows "
                    + "without sense",
                "\(table.name)：救出\(table.rows)行，\(table.gaps)处无法读取，\(table.refused)行内容无效")
        case .runs(let count): return count % 1024 == 0 ? Words("\(count) runs checked", "已检查\(count)段") : nil
        case .deriving: return Words("everything derived is made anew", "正在重新推算各表")
        }
    }

    private static func lines(_ salvage: Salvage, kept: String?, cases: Int, resting: Int) -> [Words] {
        var lines = [Words("\(cases) cases are there", "现有办件\(cases)件")]
        // Where a stopped salvage is ended, there may be none any more.
        if let kept { lines.append(Words("the damaged file is kept as \(kept)", "损坏的文件保留为\(kept)")) }
        if salvage.orphans > 0 {
            lines.append(
                Words(
                    "\(salvage.orphans) rows lead to rows that could not be saved: left out, or saved without that",
                    "有\(salvage.orphans)行所引用的内容无法救出：已舍去，或去除了该引用"))
        }
        let hasHoles = salvage.orphans > 0 || salvage.tables.contains { !$0.isWhole } || salvage.takenOut.isHeldNoMore
        if hasHoles {
            lines.append(
                Words(
                    "what is missing comes from the neighbours with the next exchange; what was accepted here and had "
                        + "not been sent may be lost: compare the receipts on paper",
                    "缺少的内容将在下次交换时由上下级补回；在此受理而尚未上报的可能已丢失：请核对纸质回执"))
        }
        if resting > 0 {
            lines.append(
                Words(
                    "\(resting) change sets of an earlier incarnation were never sealed: they are kept, and count only "
                        + "if they come back; `terrace case resting` lists them",
                    "前一代身份有\(resting)条变更从未封存：已保留，补回后才生效；可用 terrace case resting 列出"))
        }
        lines.append(
            Words(
                "this node goes on as a new incarnation, so that no number is given twice: run `terrace serve`",
                "本节点以新的化身继续，以免序号重复：请用 terrace serve 启动"))
        return lines
    }
}
