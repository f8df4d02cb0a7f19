import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say who this node is, what it holds, whether line and clock are good, and what waits to be sent.",
        discussion: """
            Works beside a serving node and without one. Example:
              terrace status --data village
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let node = try node.open()
        let isServed = ServerLock.isHeld(node.directory)
        let link = LinkNote.read(node.directory)
        let now = SystemClock.now()
        let output = try node.replica.read { try StatusOutput(node, uplink: link, now: now, in: .current, $0) }
        switch format {
        case .json: try output.printJSON()
        case .table:
            let text = StatusText(output, isRoot: node.isRoot, isServed: isServed)
            print(text.lines.map { $0[.current] }.joined(separator: "\n"))
        }
    }
}

/// How a node stands, in plain words.
struct StatusText {
    let lines: [Words]

    init(_ status: StatusOutput, isRoot: Bool, isServed: Bool) {
        let now = status.clock.shows
        let name = TextTable.printable(status.name)
        var lines = [
            Words(
                "\(status.unit)#\(status.node) \(name), network \(status.network)",
                "\(status.unit)#\(status.node) \(name)，网络：\(status.network)"),
            Words(
                "charter entry \(status.charter), \(status.units) units", "章程第\(status.charter)条，共\(status.units)个单位"),
            Words(
                "\(status.cases) cases, \(status.unsettled) unsettled", "办件\(status.cases)件，待处置\(status.unsettled)件"),
            isServed
                ? Words("served by a running terrace", "正在运行")
                : Words("nobody serves this node: start it with `terrace serve`", "未在运行：请用 terrace serve 启动"),
        ]
        if !isRoot {
            lines.append(Self.link(status, isServed: isServed, now: now))
            lines.append(
                status.unsent == 0
                    ? Words("nothing waits to be sent up", "没有待上报的内容")
                    : Words("change sets that wait to be sent up: \(status.unsent)", "有\(status.unsent)条变更待上报"))
        }
        if let doubt = status.clock.message {
            lines.append(Words("the clock is in doubt: \(doubt)", "时钟存疑：\(doubt)"))
            if status.clock.needsDay {
                lines.append(Words("acts must say their day: --day yyyy-mm-dd", "办理须写明日期：--day yyyy-mm-dd"))
            }
        }
        lines += status.health.messages.map { Words($0, $0) }
        lines.append(
            status.health.checked.map {
                Words("the disk was looked through ", "磁盘内容检查于") + Self.ago($0, now: now)
            } ?? Words("the disk was never looked through: `terrace scrub`", "磁盘内容从未检查：terrace scrub"))
        lines += status.contacts.map { contact in
            let who = "\(contact.unit)#\(contact.node) \(TextTable.printable(contact.name))"
            let ago = Self.ago(contact.last, now: now)
            return contact.isParent
                ? Words("parent \(who): last heard ", "上级\(who)：最近联系于") + ago
                : Words("child \(who): last heard ", "下级\(who)：最近联系于") + ago
        }
        lines += status.comparisons.map { Self.comparison($0, now: now) }
        if status.resting > 0 {
            lines.append(
                Words(
                    "change sets of an earlier incarnation that were never sealed, and do not count: \(status.resting)",
                    "前一代身份有\(status.resting)条变更从未封存，不计入"))
        }
        lines += status.backups.map { Self.backup($0, now: now) }
        if !status.backups.contains(where: \.isOnOtherDisk) {
            lines.append(
                Words(
                    "there is no verified backup on another disk: make one with `terrace backup`",
                    "另一磁盘上没有经核验的备份：请用 terrace backup 备份"))
        }
        self.lines = lines
    }

    private static func comparison(_ one: StatusOutput.Comparison, now: Int64) -> Words {
        let who = "\(one.unit)#\(one.node)"
        let proof =
            one.proven.map { Words("proven equal with \(who) ", "与\(who)核对一致：") + ago($0, now: now) }
            ?? Words("never proven equal with \(who)", "与\(who)尚无一致证明")
        guard one.lackedThere + one.lackedHere > 0 else { return proof }
        return proof
            + Words(
                "; last compared: it lacked something of \(one.lackedThere) runs, this node of \(one.lackedHere)",
                "；最近核对：对方缺少\(one.lackedThere)段，本节点缺少\(one.lackedHere)段")
    }

    private static func backup(_ backup: StatusOutput.Backup, now: Int64) -> Words {
        let place = TextTable.printable(backup.place)
        let disk =
            backup.isOnOtherDisk ? Words("on another disk", "在另一磁盘") : Words("on the same disk", "在同一磁盘")
        return Words("last verified backup ", "最近一次经核验的备份") + disk + Words(": ", "：")
            + ago(backup.time, now: now)
            + Words(
                ", \(backup.newer) change sets since, in \(place)", "，此后新增变更\(backup.newer)条，位于\(place)")
    }

    private static func link(_ status: StatusOutput, isServed: Bool, now: Int64) -> Words {
        guard let link = status.uplink, let since = link.since else {
            return isServed
                ? Words("the line up was not tried yet", "上行线路尚未尝试连接")
                : Words("the line up is not dialled", "上行线路未拨号")
        }
        let time = CivilTime.text(since)
        let why = "\(link.code ?? ""): \(link.message ?? "")"
        guard !link.isUp else {
            guard link.isParent == false, let unit = link.unit else {
                return Words("the line up is good since \(time)", "上行线路畅通，自\(time)起")
            }
            let who = "\(unit)#\(link.node ?? 1) \(TextTable.printable(link.name ?? ""))"
            return Words(
                "the line up is good since \(time), through \(who) in place of the parent. \(why)",
                "上行线路自\(time)起经由\(who)畅通，代替上级。\(why)")
        }
        if link.isPaused {
            return Words(
                "the line up rests since \(time); \(link.message ?? "")", "上行线路自\(time)起暂歇：\(link.message ?? "")")
        }
        return Words(
            "the line up is cut since \(time); work goes on here. \(why)",
            "上行线路自\(time)起中断，本地业务照常办理。\(why)")
    }

    /// How long ago, in the unit that people would use; the time itself where the clock has been set back since.
    static func ago(_ time: Int64, now: Int64) -> Words {
        let seconds = now - time
        switch seconds {
        case ..<(-ClockStanding.tolerance): return Words(name: CivilTime.text(time))
        case ..<120: return Words("\(max(0, seconds)) s ago", "\(max(0, seconds))秒前")
        case ..<7200: return Words("\(seconds / 60) min ago", "\(seconds / 60)分钟前")
        case ..<172_800: return Words("\(seconds / 3600) h ago", "\(seconds / 3600)小时前")
        default: return Words("\(seconds / 86_400) days ago", "\(seconds / 86_400)天前")
        }
    }
}

/// `terrace version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the versions of the program and of its protocol.",
        discussion: """
            Two nodes exchange when their protocols are the same. Example:
              terrace version --format json
            """)

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        struct Output: Encodable {
            let terrace: String
            let `protocol`: UInt32
        }
        switch format {
        case .json: try Output(terrace: ProgramVersion.current, protocol: SyncVersion.protocol).printJSON()
        case .table: print("terrace \(ProgramVersion.current), protocol \(SyncVersion.protocol)")
        }
    }
}
