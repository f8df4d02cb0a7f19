import NodeServer
import ServiceModel
import SyncNode

/// How a node stands, in plain words: what is as it should be as a fact, the rest as the doctor has found it.
struct StatusText {
    let lines: [Words]

    init(_ status: StatusOutput, _ findings: [Finding], isServed: Bool) {
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
        ]
        if isServed { lines.append(Words("served by a running terrace", "正在运行")) }
        if let line = Self.line(status) { lines.append(line) }
        if status.unsent == 0 { lines.append(Words("nothing waits to be sent up", "没有待上报的内容")) }
        lines += status.contacts.map { contact in
            let who = "\(contact.unit)#\(contact.node) \(TextTable.printable(contact.name))"
            let ago = Self.ago(contact.last, now: now)
            let side =
                switch contact.side {
                case .parent: Words("parent", "上级")
                case .above: Words("further up", "更上级")
                case .below: Words("below", "下级")
                case .elsewhere: Words("formerly", "原联系单位")
                }
            let mark = contact.isCut ? Words(" (cut)", "（已切除）") : Words("", "")
            return side + Words(name: " \(who)") + mark + Words(": last heard ", "：最近联系于") + ago
        }
        lines += status.comparisons.compactMap { one in
            one.proven.map {
                Words("proven equal with \(one.unit)#\(one.node) ", "与\(one.unit)#\(one.node)核对一致：")
                    + Self.ago($0, now: now)
            }
        }
        let isTold = findings.contains { $0.code.hasPrefix("proof.") }
        if status.proof?.proven == nil, !isTold, status.contacts.contains(where: { $0.side == .parent }) {
            lines.append(Words("not yet proven equal with the unit above", "与上级尚未核对一致"))
        }
        if let checked = status.health.checked {
            lines.append(Words("the disk was looked through ", "磁盘内容检查于") + Self.ago(checked, now: now))
        }
        if let retention = status.retention {
            let kept = retention.kept.values.reduce(0, +)
            lines.append(
                Words("closed cases were looked at ", "已办结办件检视于") + Self.ago(retention.time, now: now)
                    + Words(": \(retention.retired) left, \(kept) stayed", "：移出\(retention.retired)件，保留\(kept)件"))
        }
        lines += status.backups.map { Self.backup($0, now: now) }
        self.lines = lines + findings.flatMap(Self.finding)
    }

    /// What is so, and where somebody has to see to it the way out.
    private static func finding(_ finding: Finding) -> [Words] {
        let what = finding.severity.words + Words(name: " \(finding.code): ") + finding.what
        guard finding.severity < .note else { return [what] }
        return [what, Words(name: "  → ") + finding.wayOut]
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

    /// A line that is up; nil for one that is not.
    private static func line(_ status: StatusOutput) -> Words? {
        guard let link = status.uplink, let since = link.since, link.isUp else { return nil }
        let time = CivilTime.text(since)
        guard let unit = link.unit else {
            return Words("the line up is good since \(time)", "上行线路畅通，自\(time)起")
        }
        let who = "\(unit)#\(link.node ?? 1) \(TextTable.printable(link.name ?? ""))"
        return Words(
            "the line up is good since \(time), through \(who)", "上行线路自\(time)起畅通，经由\(who)")
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
