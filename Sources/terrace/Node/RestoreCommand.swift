import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace restore`.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a node live again from a backup.",
        discussion: """
            The node goes on as a new incarnation: what it wrote after the backup, and had sent, its neighbours bring
            back at the next exchange. Nobody may serve the directory meanwhile.

            Where only keys or certificates are missing or damaged, and the database of today is there, --keys takes
            them from the backup and leaves everything else as it is. What a damaged database holds, `terrace salvage`
            saves.

            If the machine still has its data directory and its database cannot be used, restore into that one with
            --replace: its anchor knows which numbers were given. The old database is moved aside and not deleted. One
            that holds work which is neither in the backup nor above, or that cannot be read and may, is replaced with
            --losing-unsent only. Example:
              terrace restore /media/backup/379902001001-1-2026-03-02-101530 --data village
              terrace restore /media/backup/379902001001-1-2026-03-02-101530 --data village --keys
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The folder that `terrace backup` wrote.")
    var backup: String

    @Flag(help: "Move a replica that lies in the data directory aside.")
    var replace = false

    @Flag(help: "Replace even a replica with work that is neither in the backup nor above, or that cannot be read.")
    var losingUnsent = false

    @Flag(help: "Take only the keys and certificates that are missing, damaged or another's.")
    var keys = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let node: String
        let data: String
        /// Of the backup, in seconds since 1970.
        let time: Int64
        let incarnation: UInt32
        let keptAnchor: Bool
        let numbersFrom: UInt64
        let resting: Int
        let setAside: [String]
    }

    private struct KeysOutput: Encodable {
        let node: String
        let data: String
        /// Of the backup, in seconds since 1970.
        let time: Int64
        let taken: [String]
        let setAside: [String]
    }

    func validate() throws {
        guard !(keys && replace) else {
            throw ValidationError(
                Words(
                    "say either --keys, which leaves the database in place, or --replace",
                    "--keys（数据库不动）与 --replace 只能用一个"))
        }
        guard replace || !losingUnsent else {
            throw ValidationError(
                Words("--losing-unsent is said together with --replace", "--losing-unsent 须与 --replace 同用"))
        }
    }

    func run() throws {
        let directory = node.directory
        let backup = try Backup(at: URL(filePath: backup, directoryHint: .isDirectory).absoluteURL)
        // Before anything is written there, be it a lock.
        try directory.demandNoBackup()
        try keys ? directory.demandReplica() : directory.create()
        let lock = try ServerLock(directory)
        try keys ? restoreKeys(backup, directory) : restore(backup, directory)
        withExtendedLifetime(lock) {}
    }

    private func restoreKeys(_ backup: Backup, _ directory: NodeDirectory) throws {
        let progress = BackupProgress()
        let restored = try backup.restoreKeys(into: directory, now: SystemClock.now(), progress: progress.show)
        progress.end()
        let output = KeysOutput(
            node: restored.nodeName, data: directory.url.path, time: backup.manifest.time, taken: restored.taken,
            setAside: restored.setAside)
        switch format {
        case .json: try output.printJSON()
        case .table: print(Self.report(output, goesOn: restored.goesOn).map { $0[.current] }.joined(separator: "\n"))
        }
    }

    private func restore(_ backup: Backup, _ directory: NodeDirectory) throws {
        let progress = BackupProgress()
        let restored = try backup.restore(
            into: directory, replacing: replace, losingUnsent: losingUnsent, now: SystemClock.now(),
            entropy: SystemClock.entropy, progress: progress.show)
        progress.end()
        let output = Output(
            node: restored.node.name.description, data: directory.url.path, time: backup.manifest.time,
            incarnation: restored.depth, keptAnchor: restored.keptAnchor, numbersFrom: restored.ceiling + 1,
            resting: restored.resting, setAside: restored.setAside)
        switch format {
        case .json: try output.printJSON()
        case .table:
            let lines = Self.report(output, isRoot: restored.node.isRoot)
            print(lines.map { $0[.current] }.joined(separator: "\n"))
        }
    }

    private static func moved(_ names: [String]) -> [Words] {
        names.map { Words("moved aside: \($0)", "已移到一旁：\($0)") }
    }

    private static func report(_ restored: KeysOutput, goesOn: Bool) -> [Words] {
        let time = CivilTime.text(restored.time)
        guard !restored.taken.isEmpty else {
            return [
                Words(
                    "keys and certificates of node \(restored.node) are all in \(restored.data) and fit its database: "
                        + "nothing was taken from the backup",
                    "节点\(restored.node)的密钥和证书都在\(restored.data)中，且与数据库相配：没有从备份中取任何文件")
            ]
        }
        let taken = restored.taken.map {
            Words("taken from the backup of \(time): \($0)", "取自\(time)的备份：\($0)")
        }
        guard goesOn else {
            return taken + moved(restored.setAside) + [
                Words(
                    "nothing else in \(restored.data) was touched. Before node \(restored.node) is started, see "
                        + "`terrace doctor`: it says whether anything else is missing, and as whom the node goes on",
                    "\(restored.data)中其余文件未动。启动节点\(restored.node)之前请先用 terrace doctor 查看：是否还缺少什么，"
                        + "以及节点将以何种身份继续")
            ]
        }
        return taken + moved(restored.setAside) + [
            Words(
                "database, anchor and settings in \(restored.data) are those of today: nothing was lost, and node "
                    + "\(restored.node) goes on as it was",
                "\(restored.data)中的数据库、锚文件和设置未动：没有丢失任何内容，节点\(restored.node)照原样继续"),
            Words("next: start it with `terrace serve`", "接下来：用 terrace serve 启动"),
        ]
    }

    private static func report(_ restored: Output, isRoot: Bool) -> [Words] {
        let time = CivilTime.text(restored.time)
        var lines = [
            Words(
                "node \(restored.node) in \(restored.data) is as it was at \(time)",
                "\(restored.data)中的节点\(restored.node)已恢复到\(time)的状态")
        ]
        lines += moved(restored.setAside)
        lines += [
            Words(
                "it goes on as incarnation \(restored.incarnation); its receipts go on at \(restored.numbersFrom)",
                "它以第\(restored.incarnation)代身份继续，受理编号自\(restored.numbersFrom)起"),
            restored.keptAnchor
                ? Words("the anchor was still here: no number is given twice", "锚文件仍在：不会重复给号")
                : Words(
                    "there was no anchor, or an older one: numbers that may have been given since were passed over",
                    "没有锚文件，或锚文件较旧：已跳过此后可能给出的编号"),
        ]
        if restored.resting > 0 {
            let count = restored.resting == 1 ? "1 change set was" : "\(restored.resting) change sets were"
            lines.append(
                Words(
                    "\(count) not sealed in the backup: what had been sent of it comes back",
                    "备份中有\(restored.resting)条变更尚未封存：其中已上报的会送回"))
        }
        lines += [
            Words(
                "next: start it with `terrace serve`; work may begin at once. What it had sent after the backup comes "
                    + "back from its neighbours; what it had not sent is lost",
                "接下来：用 terrace serve 启动。备份之后已送出的内容会由邻近节点送回，未送出的已丢失。可立即开始工作"),
            Words(
                "drafts, and lines of case files that were taken since, are not remembered: wait for the line before "
                    + "they are given again, or a case may stand twice",
                "备份之后的草稿与已导入的办件行不再记得：线路恢复前请勿再次提交，否则同一办件可能出现两次"),
        ]
        if isRoot {
            lines.append(
                Words(
                    "this is the root: before units, calendars or cuts are entered again, wait until the units below "
                        + "have called (`terrace status`), or the charter has two branches; `terrace topology join` "
                        + "shows them and joins them",
                    "这是根节点：重新录入单位、日历或切除之前，请等下级单位都已连线（见 terrace status），否则章程会出现两个分支；"
                        + "用 terrace topology join 可查看并合并"))
        }
        return lines
    }
}
